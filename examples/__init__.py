"""Programs that show the daemon at work."""

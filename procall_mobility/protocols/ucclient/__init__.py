"""The interface towards ProCall clients: look-up, sessions over HTTP, WebSocket (Wire 1-3)."""

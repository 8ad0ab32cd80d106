"""ROSE: the remote operations both UCServers and ProCall clients speak (Wire 4)."""

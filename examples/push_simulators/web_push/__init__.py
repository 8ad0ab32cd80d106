"""A Web Push service (RFC 8030) with VAPID (RFC 8292)."""

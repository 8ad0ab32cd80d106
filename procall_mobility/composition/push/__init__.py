"""The push gateway: what it is put together of, and what becomes other while it runs."""

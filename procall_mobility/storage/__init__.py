"""What do we remember?  SQLite: customers; nothing that can be rebuilt."""

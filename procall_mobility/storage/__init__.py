"""What do we remember?  SQLite: customers and their keys; nothing that can be rebuilt."""

"""What do we remember?  SQLite: customers, keys, accepted pushes; nothing that can be rebuilt."""

"""What do we decide?  Pure: pairs sessions with links, and knows the bytes of neither."""

"""Which languages do we speak?  Pure: bytes and `now` in, outputs out."""

"""HTTP/1.1 as a client speaks it to push providers: octets in, answers out (RFC 9112)."""

"""TURN: relays for clients that cannot meet (RFC 8656, RFC 6062, RFC 8016), as a pure machine."""

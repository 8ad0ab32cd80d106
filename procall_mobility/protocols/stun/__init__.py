"""STUN: the messages of RFC 8489, and what they carry for TURN (RFC 8656) and its relatives."""

"""The sockets of the STUN/TURN relay."""

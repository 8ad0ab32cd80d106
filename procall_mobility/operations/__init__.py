"""How are we watched?  Log books, the admin socket, systemd."""

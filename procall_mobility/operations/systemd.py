"""Tells systemd how far we are (sd_notify(3))."""

import contextlib
import socket

READY = "READY=1"
STOPPING = "STOPPING=1"
RELOADING = "RELOADING=1"


def notify(address: str | None, state: str) -> None:
    """Send `state` to the socket `address` ($NOTIFY_SOCKET); without one do nothing."""
    if not address:
        return
    name = "\0" + address[1:] if address.startswith("@") else address
    with (
        contextlib.suppress(OSError),
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as connection,
    ):
        connection.connect(name)
        connection.send(state.encode())

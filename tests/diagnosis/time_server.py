"""A time server (SNTP) on loopback, which knows the real time."""

import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

PACKET = struct.Struct("!BBbbII4sQQQQ")
SINCE_1900 = 2_208_988_800


@contextmanager
def time_server() -> Iterator[str]:
    """Answer on loopback; yields `host:port`."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=_serve, args=(server,))
        thread.start()
        host, port = server.getsockname()
        try:
            yield f"{host}:{port}"
        finally:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
                last.sendto(b"", (host, port))
            thread.join()


def _serve(server: socket.socket) -> None:
    while True:
        asked, client = server.recvfrom(512)
        if not asked:
            return
        now = int((time.time() + SINCE_1900) * 2**32)
        theirs = PACKET.unpack(asked)[-1]
        first = 4 << 3 | 4
        server.sendto(PACKET.pack(first, 1, 0, -20, 0, 0, b"TEST", now, theirs, now, now), client)

"""systemd's store of descriptors, where listening sockets outlive a restart (sd_notify(3)).

What it keeps (FDSTORE) it passes to the next start by LISTEN_FDS, and nobody who connects in
between is refused: the kernel has them wait.  The unit says how many it may keep
(FileDescriptorStoreMax=).
"""

import os
import socket
from collections.abc import Mapping

from procall_mobility.operations.systemd import Voice


class DescriptorStore:
    """What systemd keeps for us."""

    def __init__(self, voice: Voice) -> None:
        """Prepare to tell systemd, if there is any."""
        self._voice = voice
        self._kept: dict[str, tuple[int, int]] = {}
        """By name the device and inode, which tell one socket from another."""

    def keep(self, sockets: Mapping[str, socket.socket]) -> None:
        """Have these kept by their names, and nothing any more that was kept before."""
        wanted = {name: _mark(sock) for name, sock in sockets.items()}
        self.drop([name for name, mark in self._kept.items() if wanted.get(name) != mark])
        for name, sock in sockets.items():
            if name not in self._kept:
                # FDPOLL=0: a report about a datagram that was not delivered is no end of a socket.
                state = f"FDSTORE=1\nFDNAME={name}\nFDPOLL=0"
                self._voice.say(state, [sock.fileno()])
                self._kept[name] = wanted[name]

    def drop(self, names: list[str]) -> None:
        """Have some kept no more."""
        for name in names:
            self._kept.pop(name, None)
            self._voice.say(f"FDSTOREREMOVE=1\nFDNAME={name}")


def _mark(sock: socket.socket) -> tuple[int, int]:
    status = os.fstat(sock.fileno())
    return status.st_dev, status.st_ino

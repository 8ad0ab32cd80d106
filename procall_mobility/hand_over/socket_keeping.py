"""Has systemd keep our listening sockets, and closes what was passed to us in vain."""

import socket

from attrs import frozen

from procall_mobility.lifecycle.daemon import Daemon
from procall_mobility.operations.descriptor_store import DescriptorStore
from procall_mobility.transports.passed import Passed


@frozen
class SocketKeeping:
    """The daemon's sockets, seen from outside."""

    daemon: Daemon
    passed: Passed
    store: DescriptorStore

    def look(self) -> None:
        """Tell systemd what there is now; call it when ports were opened or closed.

        What came by a `.socket` unit is kept by that already.  The admin socket is not kept: its
        path goes with the folder, which systemd takes away.
        """
        self.store.drop(self.passed.close_rest())
        self.store.keep(
            {
                name: sock
                for name, sock in self.sockets()
                if sock.family != socket.AF_UNIX and self.passed.is_ours(sock)
            }
        )

    def sockets(self) -> list[tuple[str, socket.socket]]:
        """Return all that listens, with the names under which it is passed on.

        A `.socket` unit gives one name to all of its sockets.
        """
        return [
            (self.passed.name(sock), sock)
            for listener in self.daemon.all_listeners()
            for sock in listener.sockets
        ]

"""The daemon's end of the starter, which starts the daemon that takes over."""

import json
import socket
import subprocess
import sys
from collections.abc import MutableMapping, Sequence

from procall_mobility.operations import starter

VARIABLE = "PROCALL_MOBILITY_STARTER"
"""Names the descriptor by which it is asked."""


class NoStarterError(Exception):
    """There is none, or no more."""


def launch(program: Sequence[str]) -> "tuple[int, subprocess.Popen[bytes]]":
    """Start the starter of a program.

    Returns:
        the descriptor by which a daemon that we become can ask it, and itself.

    Raises:
        OSError: it cannot be started.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen(  # noqa: S603  # Our own command line.
            [sys.executable, "-I", "-S", starter.__file__, str(theirs.fileno()), *program],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
        )
    ours.set_inheritable(True)
    return ours.detach(), process


class Starter:
    """The starter that was launched for us."""

    def __init__(self, environment: MutableMapping[str, str]) -> None:
        """Take it from the environment; programs that we start shall not."""
        text = environment.pop(VARIABLE, "")
        self._asked: socket.socket | None = None
        if text.isascii() and text.isdecimal() and len(text) < 6:
            try:
                self._asked = socket.socket(fileno=int(text))
            except OSError:
                return
            self._asked.set_inheritable(False)
            self._asked.setblocking(False)

    def start(self, names: Sequence[str], descriptors: Sequence[int]) -> None:
        """Have the daemon started anew, with these descriptors; the one without a name at the end
        is its channel.

        Raises:
            NoStarterError: it cannot be.
        """
        if self._asked is None:
            raise NoStarterError(
                "nobody is there to start another daemon: this one was not started by "
                "`procall-mobility run`"
            )
        if len(descriptors) > starter.MOST:
            text = f"more than {starter.MOST - 1} sockets cannot be handed over"
            raise NoStarterError(text)
        try:
            socket.send_fds(self._asked, [json.dumps(list(names)).encode()], list(descriptors))
        except OSError as error:
            why = f"the process that starts another daemon is gone: {error.strerror}"
            raise NoStarterError(why) from error

    def close(self) -> None:
        """Let it end."""
        if self._asked is not None:
            self._asked.close()

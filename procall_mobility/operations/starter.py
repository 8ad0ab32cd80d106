"""Starts the daemon that takes over: a program of its own beside the daemon, and the least of it.

Usage: python -I -S starter.py DESCRIPTOR PROGRAM ARGUMENT...

It is started before the daemon is, with the same capabilities and the same environment, and keeps
both while the daemon gives up the former.  Over DESCRIPTOR the daemon can have the one PROGRAM
started anew, with descriptors of its own as LISTEN_FDS (sd_listen_fds(3)), and nothing else: who
breaks into the daemon gains no way to run anything else.  It ends when the daemon has ended.

Nothing is imported from beside it, as that may have been replaced by the time it is needed.
"""

import fcntl
import json
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence

FIRST = 3
"""Of LISTEN_FDS."""

MOST = 253
"""Descriptors that one message can carry (SCM_MAX_FD)."""

LARGEST = 65_536

CHANNEL = "PROCALL_MOBILITY_HAND_OVER"
"""Names the descriptor by which the new daemon and the old one talk."""

NOT_HANDED_ON = frozenset(
    {"LISTEN_PID", "LISTEN_PIDFDID", "LISTEN_FDS", "LISTEN_FDNAMES", "WATCHDOG_PID",
     "SYSTEMD_EXEC_PID", CHANNEL}
)  # fmt: skip
"""Variables that were meant for one process."""

SIGNALS = (signal.SIGINT, signal.SIGHUP, signal.SIGUSR2)
"""They are for the daemon, but may be sent to all of a service or a terminal."""


def serve(asked: socket.socket, program: Sequence[str]) -> None:
    """Start the program whenever somebody asks, until nobody can any more."""
    while True:
        message, descriptors, _, _ = socket.recv_fds(asked, LARGEST, MOST, socket.MSG_CMSG_CLOEXEC)
        if not message:
            return
        try:
            start(json.loads(message), descriptors, program)
        finally:
            for each in descriptors:
                os.close(each)


def start(names: Sequence[str], descriptors: Sequence[int], program: Sequence[str]) -> None:
    """Start the program as nobody's child; the descriptor after those with names is the channel.

    Whoever is at the channel's other end sees it close when nothing comes of it.
    """
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    # What it leaves behind falls to the service manager, which has to know when that ends.
    if os.fork():
        os._exit(0)
    try:
        for number in SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        place(descriptors)
        told = environment(os.environ, names, os.getpid())
        os.execvpe(program[0], list(program), told)  # noqa: S606  # That is what it is for.
    except BaseException as error:  # noqa: BLE001  # A copy of the starter must not go on.
        sys.stderr.write(f"procall-mobility: not started anew: {error}\n")
    os._exit(1)


def place(descriptors: Sequence[int]) -> None:
    """Give descriptors the numbers from `FIRST` on, whatever has had them."""
    beyond = FIRST + len(descriptors)
    aside = [fcntl.fcntl(each, fcntl.F_DUPFD_CLOEXEC, beyond) for each in descriptors]
    for number, each in enumerate(aside, FIRST):
        os.dup2(each, number)


def environment(before: Mapping[str, str], names: Sequence[str], pid: int) -> dict[str, str]:
    """Return what the new daemon is told: all but what was for others, and its descriptors."""
    kept = {name: value for name, value in before.items() if name not in NOT_HANDED_ON}
    return {
        **kept,
        "LISTEN_PID": str(pid),
        "LISTEN_FDS": str(len(names)),
        "LISTEN_FDNAMES": ":".join(names),
        CHANNEL: str(FIRST + len(names)),
    }


def main(arguments: Sequence[str]) -> None:
    """Serve whoever is at the other end of the descriptor."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    descriptor, *program = arguments
    with socket.socket(fileno=int(descriptor)) as asked:
        asked.set_inheritable(False)
        serve(asked, program)


if __name__ == "__main__":
    main(sys.argv[1:])

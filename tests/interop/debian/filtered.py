"""Runs a program behind a filter of system calls, as systemd would (seccomp(2)).

Usage: python3 filtered.py CALLS FAMILIES PROGRAM ...   (CALLS and FAMILIES between commas)

What is not named fails with EPERM. It needs Debian's python3-seccomp, and is run inside the root.
"""

import errno
import os
import socket
import sys

import seccomp


def main() -> None:
    calls, families, *program = sys.argv[1:]
    rules = seccomp.SyscallFilter(seccomp.ERRNO(errno.EPERM))
    for name in calls.split(","):
        number = seccomp.resolve_syscall(seccomp.Arch(), name)
        # The sets name calls of all architectures; those of others have negative numbers.
        if name != "socket" and number >= 0:
            rules.add_rule(seccomp.ALLOW, number)
    for name in families.split(","):
        family = seccomp.Arg(0, seccomp.EQ, getattr(socket, name))
        rules.add_rule(seccomp.ALLOW, "socket", family)
    rules.load()
    os.execvp(program[0], program)


if __name__ == "__main__":
    main()

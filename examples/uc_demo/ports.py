"""The demo's ports: by which variables to choose them, and whether they are free.

Those of the simulated phones, of their provider and of the pages for administrators are known to
whoever looks at what is printed: where nobody has chosen them, they give way to whoever has them
already.
"""

import itertools
import os
import socket
import sys

from attrs import frozen

HERE = "127.0.0.1"
HERE_TOO = "::1"

OF_CLIENTS = ("PORT", "HTTP_PORT", "LINK_PORT", "TURN_PORT")

TCP, UDP = socket.SOCK_STREAM, socket.SOCK_DGRAM


@frozen
class Ports:
    """Where the demo listens; all on this machine only."""

    tls: int
    http: int
    link: int
    turn: int
    admin: int
    """Metrics and health."""
    phones: int
    """The page where phones ring."""
    apns: int
    """Apple's service, simulated."""

    @classmethod
    def from_environment(cls) -> "Ports":
        """Read the variables; end the program with a sentence if one is wrong."""
        return cls(
            _port("PORT", 8443),
            _port("HTTP_PORT", 8080),
            _port("LINK_PORT", 7322),
            _port("TURN_PORT", 3478),
            _port_or_any("ADMIN_PORT", 8081),
            _port_or_any("PHONES_PORT", 8090),
            _port_or_any("APNS_PORT", 2197),
        )

    def check(self) -> None:
        """End the program with a sentence if a port is taken."""
        wanted = {
            "PORT": self.tls,
            "HTTP_PORT": self.http,
            "LINK_PORT": self.link,
            "TURN_PORT": self.turn,
            "ADMIN_PORT": self.admin,
            "PHONES_PORT": self.phones,
            "APNS_PORT": self.apns,
        }
        if len(set(wanted.values())) < len(wanted):
            sys.exit(f"{', '.join(wanted)} have to differ")
        for name, port in wanted.items():
            kinds = (TCP, UDP) if name == "TURN_PORT" else (TCP,)
            hosts = own_addresses() if name in OF_CLIENTS else (HERE,)
            for host, kind in itertools.product(hosts, kinds):
                if not _is_free(host, port, kind):
                    sys.exit(
                        f"port {port} is taken; end what has it, "
                        f"or choose another one: make run {name}=..."
                    )


def own_addresses() -> tuple[str, ...]:
    """Return the loopback addresses this machine has; some have no IPv6."""
    return (HERE, HERE_TOO) if _is_free(HERE_TOO, 0) else (HERE,)


def _is_free(host: str, port: int, kind: socket.SocketKind = TCP) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, kind) as probe:
            if kind is TCP:  # With UDP it would let us in beside somebody else.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError:
        return False
    return True


def _port_or_any(name: str, default: int) -> int:
    """Return the chosen port; if there is none, the usual one, or one that is free."""
    if os.environ.get(name) or _is_free(HERE, default):
        return _port(name, default)
    with socket.socket() as probe:
        probe.bind((HERE, 0))
        port: int = probe.getsockname()[1]
        return port


def _port(name: str, default: int) -> int:
    text = os.environ.get(name) or str(default)
    if not text.isdecimal() or not 0 < int(text) < 65536:
        sys.exit(f"{name}={text}: expected a port from 1 to 65535")
    return int(text)

"""Listening sockets that somebody has opened for us: systemd, or the daemon before this one.

Which is which says the kernel, not the name it came by: it is taken where the settings name its
kind and address.  What nobody has passed is bound as always.
"""

import ipaddress
import socket
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from twisted.logger import Logger

from procall_mobility.transports.listening import bound_socket
from procall_mobility.transports.turn.udp_relay import open_udp, prepare_udp
from procall_mobility.transports.unix_listener import bound_unix

Key = tuple[socket.SocketKind, str, int]
"""Kind, address and port; of a Unix socket the path, and no port."""

INTERNET: Final = (socket.AF_INET, socket.AF_INET6)


class Passed:
    """The sockets, until they are taken."""

    _log = Logger()

    def __init__(self, given: Iterable[tuple[int, str]] = ()) -> None:
        """Look at descriptors, each with its name; what is no socket that listens is told.

        They are ours from now on: closed when another program is started, and never waited for.
        """
        self._sockets: dict[Key, socket.socket] = {}
        self._names: dict[Key, str] = {}
        for descriptor, name in given:
            self._look_at(descriptor, name)

    def tcp(self, host: str, port: int) -> socket.socket:
        """Return a listening TCP socket of one address.

        Raises:
            OSError: there is none, and none is to be had.
            ValueError: `host` is no IP address.
        """
        key = socket.SOCK_STREAM, _spelled(host), port
        return self._taken(key) or bound_socket(host, port)

    def udp(self, host: str, port: int, buffer: int) -> socket.socket:
        """Return a bound UDP socket of one address; `buffer` as in `open_udp`.

        Raises:
            OSError: there is none, and none is to be had.
        """
        taken = self._taken((socket.SOCK_DGRAM, _spelled(host), port))
        if taken is None:
            return open_udp(host, port, buffer)
        prepare_udp(taken, buffer)
        return taken

    def unix(self, path: Path) -> socket.socket:
        """Return a listening Unix socket.

        Raises:
            OSError: there is none, and none is to be had.
        """
        key = socket.SOCK_STREAM, str(path), 0
        taken = self._taken(key)
        if taken is not None and not path.is_socket():
            taken.close()  # Its path was taken away: nobody would find it any more.
            taken = None
        return taken or bound_unix(path)

    def name(self, sock: socket.socket) -> str:
        """Return the name a socket came by, or gets when it is passed on (sd_notify(3))."""
        key = _key(sock)
        return self._names.get(key) or own_name(key)

    def is_ours(self, sock: socket.socket) -> bool:
        """Tell whether a socket is of a daemon's making, not of a `.socket` unit's."""
        return self.name(sock) == own_name(_key(sock))

    def close_rest(self) -> list[str]:
        """Close what nobody has taken; returns the names it came by."""
        names = []
        for key, sock in self._sockets.items():
            names.append(self._names.pop(key))
            kind, host, port = key
            what = "datagrams" if kind == socket.SOCK_DGRAM else "connections"
            self._log.warn(
                "passed socket not used",
                address=f"{host} {port}" if port else host,
                name=names[-1],
                text=f"the settings name no such address for {what}",
            )
            sock.close()
        self._sockets.clear()
        return names

    def _taken(self, key: Key) -> socket.socket | None:
        return self._sockets.pop(key, None)

    def _look_at(self, descriptor: int, name: str) -> None:
        try:
            sock = socket.socket(fileno=descriptor)
        except OSError as error:
            self._log.warn("passed descriptor not used", name=name, error=str(error.strerror))
            return
        why = _no_listener(sock)
        if why is not None:
            self._log.warn("passed descriptor not used", name=name, error=why)
            # Whose it is we do not know: it may be one of the interpreter's own.
            sock.detach()
            return
        why = _not_ours(sock)
        if why is None and _key(sock) in self._sockets:
            why = "another one for the same address was passed"
        if why is not None:
            self._log.warn("passed socket not used", name=name, error=why)
            sock.close()  # Or the port would be taken.
            return
        sock.set_inheritable(False)
        sock.setblocking(False)
        key = _key(sock)
        self._sockets[key], self._names[key] = sock, name


def own_name(key: Key) -> str:
    """Return the name under which we pass a socket on.

    No colon may be in it, as names are parted by colons (LISTEN_FDNAMES, sd_listen_fds(3)).
    """
    kind, host, port = key
    if not port:
        return "unix-" + Path(host).name
    return f"{'udp' if kind == socket.SOCK_DGRAM else 'tcp'}-{host.replace(':', '.')}-{port}"


def _no_listener(sock: socket.socket) -> str | None:
    """Say why nobody can have meant a socket for us."""
    is_stream = sock.type == socket.SOCK_STREAM
    if sock.family in INTERNET and sock.type in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        if sock.getsockname()[1] == 0:
            return "it is bound to no port"
    elif sock.family != socket.AF_UNIX or not is_stream:
        return "it is for neither TCP, UDP nor streams of this machine"
    elif not isinstance(sock.getsockname(), str) or not sock.getsockname():
        return "it has no path"
    if is_stream and not sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        return "it does not listen; say Accept=no"
    return None


def _not_ours(sock: socket.socket) -> str | None:
    """Say why no address of the settings can be that of a socket."""
    if sock.family not in INTERNET or not _is_unspecified(sock):
        return None
    if sock.type == socket.SOCK_DGRAM:
        return "datagrams are answered from the address they were sent to: name each address"
    if sock.family == socket.AF_INET6 and not sock.getsockopt(
        socket.IPPROTO_IPV6, socket.IPV6_V6ONLY
    ):
        return (
            "it takes IPv4 too, for which the settings have addresses of their own; "
            "say BindIPv6Only=ipv6-only"
        )
    return None


def _is_unspecified(sock: socket.socket) -> bool:
    return ipaddress.ip_address(sock.getsockname()[0].partition("%")[0]).is_unspecified


def _key(sock: socket.socket) -> Key:
    kind = socket.SocketKind(sock.type)
    if sock.family == socket.AF_UNIX:
        return kind, str(sock.getsockname()), 0
    host, port, *_ = sock.getsockname()
    return kind, _spelled(host), port


def _spelled(host: str) -> str:
    """Return an address as the kernel spells it; what is none stays what it is."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return host

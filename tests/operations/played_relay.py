"""A relay for tests of its clients: the real decisions, played over sockets of this machine."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from attrs import define, field

from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.turn.ports import Transport
from tests.protocols.turn.callers import Line
from tests.protocols.turn.plays import Play

USER, PASSWORD = "acme:alice", "secret of alice"

Send = Callable[[bytes], Any]


@define(eq=False)
class PlayedRelay:
    """Carries what sockets hear into a play, and what the play says out again."""

    play: Play
    opens: bool = True
    """Whether relays pass data; a relay that does not is what some failures look like."""
    _lock: Any = field(factory=threading.RLock)
    _lines: dict[Any, tuple[Line, Send]] = field(factory=dict)
    _threads: list[threading.Thread] = field(factory=list)
    _ends: list[socket.socket] = field(factory=list)

    def listen_udp(self) -> int:
        server = socket.socket(type=socket.SOCK_DGRAM)
        server.bind(("127.0.0.1", 0))
        self._start(self._serve_udp, server)
        return int(server.getsockname()[1])

    def listen_tcp(self, context: ssl.SSLContext | None = None) -> int:
        server = socket.create_server(("127.0.0.1", 0))
        self._start(self._accept, server, context)
        return int(server.getsockname()[1])

    def stop(self) -> None:
        for each in self._ends:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        for thread in self._threads:
            thread.join(10)

    def _start(self, serve: Callable[..., None], end: socket.socket, *more: Any) -> None:
        self._ends.append(end)
        thread = threading.Thread(target=serve, args=(end, *more))
        self._threads.append(thread)
        thread.start()

    def _serve_udp(self, server: socket.socket) -> None:
        while True:
            try:
                data, client = server.recvfrom(65_536)
            except OSError:
                return
            if not data:  # What `shutdown` wakes us with.
                return
            with self._lock:
                if client not in self._lines:
                    line = self.play.line(Transport.UDP, client)
                    self._lines[client] = line, lambda m, c=client: server.sendto(m, c)
                self._lines[client][0].says(data)
                self._deliver()

    def _accept(self, server: socket.socket, context: ssl.SSLContext | None) -> None:
        while True:
            try:
                connection, client = server.accept()
            except OSError:
                return
            self._start(self._serve_stream, connection, client, context)

    def _serve_stream(
        self, connection: socket.socket, client: Any, context: ssl.SSLContext | None
    ) -> None:
        by = Transport.TCP if context is None else Transport.TLS
        line = self.play.line(by, client)
        try:
            if context is not None:
                connection = context.wrap_socket(connection, server_side=True)
                self._ends.append(connection)
            self._lines[client] = line, connection.sendall
            while data := connection.recv(65_536):
                with self._lock:
                    line.says(data)
                    self._deliver()
        except (OSError, PeerError):
            pass
        finally:
            self._lines.pop(client, None)
            connection.close()

    def _deliver(self) -> None:
        for line, send in list(self._lines.values()):
            for message in line.takes():
                if self.opens or message[1] != 0x17:  # A Data indication.
                    send(message)


@contextmanager
def played_relay(**rules: Any) -> Iterator[PlayedRelay]:
    """Let a relay be there that knows alice."""
    relay = PlayedRelay(Play(watched=False, **rules))
    relay.play.client("alice")
    try:
        yield relay
    finally:
        relay.stop()

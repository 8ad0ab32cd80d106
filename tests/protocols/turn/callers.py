"""Who talks in a play: clients of the relay, and the peers they want to reach."""

import os
from typing import Any

from attrs import define, field

from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.stun.addresses import TransportAddress, address_of
from procall_mobility.protocols.stun.stream import Unframer
from tests.interop.turn.asking import Asking, Heard, read
from tests.interop.turn.stun_codec import A, Address, Kind, Message, Method, Part, is_signed_with
from tests.interop.turn.turn_client import TurnClient, towards
from tests.protocols.turn.props import DatagramPath, Listener, Stream, StreamPath, TcpWire, Wire


@define(eq=False)
class Line:
    """One five-tuple from a client to the server."""

    play: Any
    client: TransportAddress
    stream: StreamPath | None = None
    listener: Listener | None = None
    unframer: Unframer = field(factory=Unframer)

    @property
    def path(self) -> DatagramPath | StreamPath:
        if self.stream is not None:
            return self.stream
        assert self.listener is not None
        return DatagramPath(self.listener, self.client)

    def says(self, data: bytes) -> None:
        """Let octets arrive, sorted as transports sort them (RFC 7983)."""
        if self.stream is None:
            self._hear(data)
        elif self.stream.peer is not None:
            self.stream.peer.heard += data
        elif not self.stream.is_closed:
            self._cut(data, self.stream)
        self.play.settle()

    def takes(self) -> list[bytes]:
        """Return what has come for the client since the last time."""
        mail = self.stream.mail if self.stream else self.listener.mail[self.client]
        taken, mail[:] = mail[:], []
        return taken

    def hangs_up(self) -> None:
        """The connection is lost."""
        assert self.stream is not None
        self.stream.is_closed = True
        self.play.server.lost(self.stream, self.play.now)
        self.play.settle()

    def _cut(self, data: bytes, stream: StreamPath) -> None:
        self.unframer.hears(data)
        try:
            while not stream.is_closed and (each := self.unframer.take()) is not None:
                self._hear(each)
        except PeerError:
            stream.close()

    def _hear(self, data: bytes) -> None:
        if data[:1] <= (b"\x03" if self.stream is None else b"\x3f"):
            self.play.server.hears(data, self.path, self.play.now)
        elif data[0] & 0xC0 == 0x40:
            self.play.server.hears_channel_data(data, self.path, self.play.now)


@define(eq=False)
class Client(Asking):
    """A client with credentials, which answers challenges by itself."""

    line: Line
    talk: TurnClient
    relays: list[Address] = field(factory=list)
    former_keys: list[bytes] = field(factory=list)
    """Of credentials it had before: an answer may be to a request that was made with one."""
    _answers: dict[bytes, Message] = field(factory=dict)
    _heard: list[Heard] = field(factory=list)
    _told: list[Message] = field(factory=list)

    @property
    def address(self) -> Address:
        """Where it is."""
        return self.line.client[:2]

    @property
    def allocation(self) -> Any:
        """What the server remembers of it."""
        return self.line.path.find()

    @property
    def is_on_a_stream(self) -> bool:
        return self.line.stream is not None

    def carries(self, octets: bytes) -> None:
        self.line.says(octets)

    # Requests -----------------------------------------------------------------------------

    def asks(self, method: int, *parts: Part, transaction: bytes | None = None) -> Message | None:
        """Ask, once more after a challenge; returns the answer, None for silence."""
        request = self.talk.request(method, *parts, transaction=transaction)
        answer = self.answer_to(request)
        if answer is not None and self.talk.challenged(answer):
            answer = self.answer_to(self.talk.request(method, *parts, transaction=transaction))
        if answer is not None and answer.ok and method != Method.BINDING:
            keys = (self.talk.key, *self.former_keys)
            assert any(is_signed_with(answer.raw, each) for each in keys), answer.summary
        return answer

    def gets(self, method: int, *parts: Part, transaction: bytes | None = None) -> Message:
        """Ask, and return the answer, which has to come."""
        answer = self.asks(method, *parts, transaction=transaction)
        assert answer is not None, "no answer"
        return answer

    def answer_to(self, request: bytes) -> Message | None:
        """Say these octets and return the answer to them."""
        self.line.says(request)
        self._sort()
        return self._answers.pop(request[8:20], None)

    def connects(self, peer: Any) -> Message | None:
        """Ask for a connection; the answer comes now, or in `answers` when it is settled."""
        t = os.urandom(12)
        return self.asks(Method.CONNECT, towards(peer, t), transaction=t)

    def attaches(self, connection: bytes) -> Message:
        """Ask for this connection to be joined to a peer's (ConnectionBind)."""
        return self.gets(Method.CONNECTION_BIND, (A.CONNECTION_ID, connection))

    # Data ---------------------------------------------------------------------------------

    def hears(self) -> list[Heard]:
        """Return the data that has come."""
        self._sort()
        taken, self._heard = self._heard, []
        return taken

    def told(self) -> list[Message]:
        """Return the indications that are no data."""
        self._sort()
        taken, self._told = self._told, []
        return taken

    def answers(self) -> list[Message]:
        """Return answers that came late."""
        self._sort()
        taken, self._answers = self._answers, {}
        return list(taken.values())

    def octets(self) -> bytes:
        """Return what came on a connection that is joined to a peer's."""
        assert self.line.stream is not None
        taken, self.line.stream.octets = self.line.stream.octets, b""
        return taken

    def _sort(self) -> None:
        for data in self.line.takes():
            if data[0] & 0xC0 == 0x40:
                size = int.from_bytes(data[2:4])
                assert len(data) == 4 + size + (-size % 4 if self.is_on_a_stream else 0)
                assert not any(data[4 + size :]), "C1: padding is of zeros"
            heard = read(data)
            if not isinstance(heard, Message):
                self._heard.append(heard)
            elif heard.kind is Kind.INDICATION:
                self._told.append(heard)
            else:
                self._answers[heard.transaction] = heard


@define(eq=False)
class Peer:
    """Somebody on the Internet."""

    play: Any
    at: TransportAddress

    @property
    def address(self) -> Address:
        return self.at[:2]

    def says(self, data: bytes, to: Address) -> None:
        """Send a datagram to a relayed address; where nobody listens it is lost."""
        wire = self.play.wire_at(to)
        if isinstance(wire, Wire) and wire.relay is not None:
            self.play.server.hears_peer(wire.relay, data, self.at, self.play.now)
        self.play.settle()

    def hears(self) -> list[tuple[Address, bytes]]:
        """Return the data that has come, and from which relayed addresses."""
        return [(self.play.seen_as(source), data) for source, data, _ in self.takes()]

    def takes(self) -> list[tuple[tuple[str, int], bytes, bool]]:
        """Return what has come, with the socket it came from and its Don't Fragment bit."""
        return self.play.sockets.mail.pop(self.at, [])

    def accepts(self) -> Stream:
        """Take the connection that is being made."""
        return self.play.settled(self._attempt().succeeds())

    def refuses(self) -> None:
        """Refuse the connection that is being made."""
        self._attempt().fails()
        self.play.settle()

    def dials(self, to: Address) -> Stream:
        """Open a connection to a relayed address; it is closed at once when it is not wanted."""
        stream = Stream()
        wire = self.play.wire_at(to)
        lost = None
        if isinstance(wire, TcpWire) and wire.relay is not None:
            lost = self.play.server.tcp_relaying.accept(wire.relay, stream, self.at, self.play.now)
        if lost is None:
            stream.is_closed = True
        else:
            stream.lost = lost
        return self.play.settled(stream)

    def _attempt(self) -> Any:
        return next(
            each for each in self.play.sockets.attempts if each.is_open and each.peer == self.at
        )


def as_socket(address: Address) -> TransportAddress:
    """Return an address as sockets have it."""
    return address_of(*address)

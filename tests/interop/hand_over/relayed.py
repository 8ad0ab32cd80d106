"""Relays over UDP with numbered packets in both directions, from a thread of its own."""

import select
import socket
import struct
import threading
import time
from typing import Any

from attrs import define, field

from tests.interop.turn.stun_codec import UDP, A, Method, channel_data, parse, xor_address
from tests.interop.turn.turn_client import Identity, TurnClient

CHANNEL = 0x4000
EVERY = 0.05
"""Seconds between two packets of one direction: 20 a second, less than voice has."""
LATEST = 20.0
"""Seconds after which a packet is lost: it may wait while a busy machine does something else."""
NUMBER = struct.Struct("!4sII")
FILL = bytes(range(148))
PATIENCE = 60.0
"""Seconds we wait for what must come."""


@define(eq=False)
class Way:
    """One direction of one relay."""

    mark: bytes
    sent: int = 0
    came: set[int] = field(factory=set)
    twice: int = 0
    spoilt: int = 0
    sent_at: list[float] = field(factory=list)

    def packet(self, relay: int) -> bytes:
        self.sent_at.append(time.monotonic())
        self.sent += 1
        return NUMBER.pack(self.mark, relay, self.sent - 1) + FILL

    def arrives(self, data: bytes, relay: int) -> None:
        if len(data) != NUMBER.size + len(FILL) or data[NUMBER.size :] != FILL:
            self.spoilt += 1
            return
        mark, whose, number = NUMBER.unpack_from(data)
        if (mark, whose) != (self.mark, relay):
            self.spoilt += 1
        elif number in self.came:
            self.twice += 1
        else:
            self.came.add(number)

    @property
    def lost(self) -> list[int]:
        return [number for number in range(self.sent) if number not in self.came]


@define(eq=False)
class Relayed:
    """One client with its peer."""

    number: int
    server: tuple[str, int]
    talk: TurnClient
    client: socket.socket = field(init=False)
    peer: socket.socket = field(init=False)
    relay: tuple[str, int] = field(init=False)
    out: Way = field(factory=lambda: Way(b"to  "))
    back: Way = field(factory=lambda: Way(b"from"))
    asked: int = 0
    """For more time, without an answer yet."""
    refreshed: int = 0
    failed: list[str] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        self.client, self.peer = (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)
        )
        for each in (self.client, self.peer):
            each.bind(("127.0.0.1", 0))
            each.settimeout(PATIENCE)

    def begins(self) -> None:
        """Get a relay and a channel to the peer."""
        transport = (A.REQUESTED_TRANSPORT, UDP)
        answer = self.asks(Method.ALLOCATE, transport)
        self.relay = answer.address(A.XOR_RELAYED_ADDRESS)
        bound = self.asks(
            Method.CHANNEL_BIND,
            (A.CHANNEL_NUMBER, struct.pack("!HH", CHANNEL, 0)),
            (A.XOR_PEER_ADDRESS, xor_address(self.peer.getsockname())),
        )
        assert bound.ok, bound.summary

    def asks(self, method: Method, *parts: Any) -> Any:
        for _ in range(3):
            self.client.sendto(self.talk.request(method, *parts), self.server)
            while (data := self.client.recv(2000))[0] >= 0x40:
                pass  # A packet that was late.
            answer = parse(data)
            if not self.talk.challenged(answer):
                assert answer.ok, answer.summary
                return answer
        raise AssertionError("challenged without end")

    def sends(self) -> None:
        packet = channel_data(CHANNEL, self.out.packet(self.number))
        self.client.sendto(packet, self.server)
        self.peer.sendto(self.back.packet(self.number), self.relay)

    @property
    def is_settled(self) -> bool:
        """Whether nothing is under way any more."""
        return not (self.asked or self.out.lost or self.back.lost)

    def refreshes(self) -> None:
        self.asked += 1
        self.client.sendto(self.talk.request(Method.REFRESH), self.server)

    def client_hears(self) -> None:
        data = self.client.recv(2000)
        if data[0] < 0x40:
            answer = parse(data)
            self.asked -= 1
            if answer.ok:
                self.refreshed += 1
            elif self.talk.challenged(answer):
                self.refreshes()
            else:
                self.failed.append(answer.summary)
            return
        channel, length = struct.unpack_from("!HH", data)
        assert channel == CHANNEL
        self.back.arrives(data[4 : 4 + length], self.number)

    def peer_hears(self) -> None:
        self.out.arrives(self.peer.recv(2000), self.number)

    def closes(self) -> None:
        self.client.close()
        self.peer.close()


@define(eq=False)
class Calls:
    """All of them, and who keeps them going."""

    all: list[Relayed]
    _ends: threading.Event = field(factory=threading.Event)
    _latest: float = LATEST
    _thread: threading.Thread | None = None

    @classmethod
    def of(cls, count: int, server: tuple[str, int], user: str, password: str) -> "Calls":
        made = [
            Relayed(number, server, TurnClient(Identity.of(user, password)))
            for number in range(count)
        ]
        for each in made:
            each.begins()
        return cls(made)

    def go_on(self) -> None:
        self._thread = threading.Thread(target=self._work)
        self._thread.start()

    def refresh(self) -> None:
        """Ask for more time, from all of them; the answers come by and by."""
        for each in self.all:
            each.refreshes()

    def hang_up(self) -> None:
        """End every allocation."""
        nothing = (A.LIFETIME, bytes(4))
        for each in self.all:
            each.client.settimeout(PATIENCE)
            each.asks(Method.REFRESH, nothing)

    def until_sent(self, count: int) -> None:
        """Wait until so many packets of each direction are on their way."""
        deadline = time.monotonic() + PATIENCE
        while any(min(each.out.sent, each.back.sent) < count for each in self.all):
            assert time.monotonic() < deadline
            time.sleep(EVERY)

    def end(self, within: float = LATEST) -> None:
        """Send nothing more, and take what is under way; what comes later than that is lost."""
        self._latest = within
        self._ends.set()
        if self._thread is not None:
            self._thread.join()

    def close(self) -> None:
        self.end(0.0)
        for each in self.all:
            each.closes()

    def _work(self) -> None:
        epoll = select.epoll()
        hears: dict[int, Any] = {}
        for each in self.all:
            for sock, heard in ((each.client, each.client_hears), (each.peer, each.peer_hears)):
                sock.setblocking(False)
                epoll.register(sock, select.EPOLLIN)
                hears[sock.fileno()] = heard
        due = time.monotonic()
        until = float("inf")
        while time.monotonic() < until:
            if self._ends.is_set():
                if all(each.is_settled for each in self.all):
                    break
                until = min(until, time.monotonic() + self._latest)
            now = time.monotonic()
            if now >= due and until == float("inf"):
                due = max(due + EVERY, now)
                for each in self.all:
                    each.sends()
            for descriptor, _ in epoll.poll(max(0.0, min(due - time.monotonic(), 0.05)), 200):
                try:
                    hears[descriptor]()
                except BlockingIOError:
                    continue
        epoll.close()

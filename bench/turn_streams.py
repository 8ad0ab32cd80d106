"""`make bench-turn-streams`: media through TURN over TCP and over TLS.

Our daemon and coturn in turn, pinned to one core; one client on a stream and its peer on the
other, which hand over packets in bursts, as video comes, or one by one, as voice does, and wait
for each burst to be through.  Every octet is compared.  CPU is that of the server's process.
"""

import os
import socket
import ssl
import tempfile
import time
from pathlib import Path

from attrs import define, field

from bench.figures import Case, cpu_seconds, report
from bench.turn_servers import Coturn, Ours, Server, coturn_version
from procall_mobility.operations.turn_caller import Login, TurnCaller, Wire
from procall_mobility.protocols.stun.addresses import TransportAddress
from procall_mobility.protocols.stun.codes import Attribute, Method

ROUNDS = 5
SECONDS = 1.0
WARM_UP = 0.2
CORE = 1
PORT, COTURN_PORT, COTURN_TLS, TLS_PORT, LINK_PORT = 23_478, 23_479, 23_480, 28_443, 27_322
PEER = "127.2.0.1"
CHANNEL = 0x4000
PATIENCE = 10.0
BURSTS = ((160, 1), (160, 16), (1200, 16))
"""Octets, and how many packets come together."""


class BindingCaller(TurnCaller):
    """A client that binds a channel."""

    def bind(self, peer: TransportAddress, deadline: float) -> None:
        """Bind `CHANNEL` to a peer."""
        number = CHANNEL.to_bytes(2) + bytes(2)
        self._ask(Method.CHANNEL_BIND, ((Attribute.CHANNEL_NUMBER, number),), deadline, peer)


@define
class Call:
    """A client with a channel to a peer."""

    stream: socket.socket
    peer: socket.socket
    relayed: TransportAddress = field(init=False)

    def begin(self, server: Server) -> None:
        """Have the relay."""
        deadline = time.monotonic() + PATIENCE
        wire = Wire(self.stream, is_stream=True)
        caller = BindingCaller(wire, Login(server.user, server.password))
        self.relayed = caller.allocate(deadline)
        caller.bind(self.peer.getsockname(), deadline)
        self.stream.settimeout(PATIENCE)
        self.peer.settimeout(PATIENCE)

    def up(self, data: bytes, count: int) -> None:
        """Pass a burst to the peer."""
        self.stream.sendall(framed(data) * count)
        for _ in range(count):
            assert self.peer.recv(65_536) == data

    def down(self, data: bytes, count: int) -> None:
        """Pass a burst to the client."""
        for _ in range(count):
            self.peer.sendto(data, self.relayed)
        expected, heard = framed(data) * count, b""
        while len(heard) < len(expected):
            piece = self.stream.recv(65_536)
            assert piece
            heard += piece
        assert heard == expected

    def close(self) -> None:
        """End it."""
        self.stream.close()
        self.peer.close()


def framed(data: bytes) -> bytes:
    """Return ChannelData as it is on a stream."""
    return CHANNEL.to_bytes(2) + len(data).to_bytes(2) + data + bytes(-len(data) & 3)


def called(server: Server, port: int, authority: Path | None) -> Call:
    """Connect, by TLS where there is an authority to trust."""
    stream = socket.create_connection((server.host, port))
    stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if authority is not None:
        context = ssl.create_default_context(cafile=authority)
        context.check_hostname = False
        context.set_alpn_protocols(["stun.turn"])
        stream = context.wrap_socket(stream)
    peer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    peer.bind((PEER, 0))
    call = Call(stream, peer)
    call.begin(server)
    return call


def measured(server: Server, call: Call, direction: str, size: int, count: int) -> float:
    """Return microseconds of the server's CPU for each packet."""
    data = os.urandom(size)
    move = getattr(call, direction)
    until = time.monotonic() + WARM_UP
    while time.monotonic() < until:
        move(data, count)
    packets, before, until = 0, cpu_seconds(server.pid), time.monotonic() + SECONDS
    while time.monotonic() < until:
        move(data, count)
        packets += count
    return (cpu_seconds(server.pid) - before) / packets * 1e6


def servers(folder: Path) -> list[Server]:
    """Return both, ready to start; both speak TLS with our certificate."""
    ours = Ours("ours", folder / "ours", PORT)
    coturn = Coturn("coturn", folder / "coturn", COTURN_PORT)
    for each in (ours, coturn):
        each.folder.mkdir()
    ours.prepare(TLS_PORT, LINK_PORT)
    settings = ours.folder / "settings.toml"
    text = settings.read_text()
    settings.write_text(text.replace("\ntcp = []", f'\ntcp = ["{ours.host}:{PORT}"]'))
    coturn.prepare()
    tls = f"tls-listening-port={COTURN_TLS}\ncert={ours.folder}/certificate.pem\n"
    tls += f"pkey={ours.folder}/key.pem"
    settings = coturn.folder / "turnserver.conf"
    settings.write_text(settings.read_text().replace("no-tls\n", f"{tls}\n", 1))
    return [ours, coturn]


def measure(
    way: str, call: Call, server: Server, cases: dict[str, Case], *, is_peer: bool
) -> None:
    """Measure one server's part of a round, and write it down."""
    for size, count in BURSTS:
        for direction in ("up", "down"):
            name = f"turn {way} {direction} {size} x{count}"
            if name not in cases:
                cases[name] = Case(name, "us CPU per packet", coturn_version())
            figure = measured(server, call, direction, size, count)
            (cases[name].theirs if is_peer else cases[name].ours).append(figure)
    call.close()


def main() -> None:
    """Measure and report."""
    os.sched_setaffinity(0, {CORE})
    cases: dict[str, Case] = {}
    with tempfile.TemporaryDirectory() as name:
        both = servers(Path(name))
        try:
            for each in both:
                each.start()
            authority = both[0].folder / "ca.pem"
            for number in range(ROUNDS):
                for side in (0, 1) if number % 2 else (1, 0):
                    tcp = called(both[side], (PORT, COTURN_PORT)[side], None)
                    measure("tcp", tcp, both[side], cases, is_peer=bool(side))
                    tls = called(both[side], (TLS_PORT, COTURN_TLS)[side], authority)
                    measure("tls", tls, both[side], cases, is_peer=bool(side))
        finally:
            for each in both:
                each.stop()
    report("turn-streams", list(cases.values()))


if __name__ == "__main__":
    main()

"""A call goes on while its client changes networks (RFC 8016).

A phone has two links to the relay's network. Fifty packets a second go each way, numbered; one
link goes down in the middle of it. What may be lost is what was on its way then.
"""

import socket
from collections.abc import Iterator

import pytest
from attrs import define, field

from tests.interop.turn.caller import Caller
from tests.interop.turn.namespaces import Namespace
from tests.interop.turn.site import ALICE, Site
from tests.interop.turn.stun_codec import A
from tests.interop.turn.talk import Side, listen_until, talk
from tests.interop.turn.turn_client import TurnClient
from tests.interop.turn.wires import StreamWire, UdpWire, Wire

pytestmark = pytest.mark.interop

NOTICED_AFTER = 0.25
"""Seconds until a phone has noticed that its Wi-Fi is gone."""

PACKETS_PER_SECOND = 50
WIFI, CELL = "53.240.0.2", "53.241.0.2"


@define
class Phone:
    """A client in a network of its own, with two links."""

    site: Site
    inside: Namespace

    def wire(self, transport: str, host: str) -> Wire:
        opened, site = self.site.opened, self.site
        link = "wifi" if host == WIFI else "cell"
        server = site.server(transport)
        if transport == "udp":
            sock = opened.enter_context(self.inside.udp(host))
            bind_to(sock, link)
            return UdpWire(sock, server)
        sock = opened.enter_context(self.inside.tcp(host))
        bind_to(sock, link)
        sock.settimeout(10)
        sock.connect(server)
        if transport == "tcp":
            return StreamWire(sock)
        return StreamWire(opened.enter_context(site.tls_context().wrap_socket(sock)))

    def caller(self, transport: str, host: str) -> Caller:
        return Caller(self.wire(transport, host), TurnClient(ALICE))

    def link(self, name: str, how: str) -> None:
        self.inside.ip("link", "set", name, how)


def bind_to(sock: socket.socket, link: str) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, link.encode())


@pytest.fixture
def phone(site: Site) -> Iterator[Phone]:
    inside = Namespace.make()
    try:
        for name, host in (("wifi", WIFI), ("cell", CELL)):
            # An end of the same name may not have gone with its network yet.
            ours = f"{name}-{inside.name.rpartition('-')[2]}"
            site.box.ip("link", "add", ours, "type", "veth", "peer", name,
                        "netns", inside.name)  # fmt: skip
            site.box.ip("link", "set", ours, "up")
            # Everything is local in the box, but for what is routed more closely there.
            site.box.ip("route", "replace", host, "dev", ours, "table", "local")
            inside.ip("addr", "add", f"{host}/32", "dev", name)
            inside.ip("link", "set", name, "up")
            inside.ip("route", "add", "51.0.0.0/16", "dev", name,
                      "metric", "1" if name == "wifi" else "2")  # fmt: skip
        yield Phone(site, inside)
    finally:
        inside.remove()


@define
class Moving:
    """The client's side of the call, wherever it is at the moment."""

    callers: list[Caller] = field(factory=list)

    def send(self, data: bytes) -> None:
        self.callers[-1].says(0x4000, data)

    def heard(self) -> Iterator[bytes]:
        for caller in self.callers:
            yield from (data for _, data in caller.arrived())

    def sockets(self) -> list[socket.socket]:
        return [caller.wire.socket for caller in self.callers]


@pytest.mark.parametrize(
    ("before", "to"), [("udp", "udp"), ("udp", "tls"), ("tcp", "udp"), ("tls", "tcp")]
)
@pytest.mark.parametrize("order", ["make before break", "break before make"])
def test_a_call_survives_a_change_of_networks(
    phone: Phone, before: str, to: str, order: str
) -> None:
    """B17: the allocation stays, with its address, permissions and channels."""
    site, peer = phone.site, phone.site.peer()
    caller = phone.caller(before, WIFI)
    caller.allocates((A.MOBILITY_TICKET, b""))
    assert caller.binds(0x4000, peer.address).ok
    moving = Moving([caller])
    client_side = Side(moving.send, moving.heard, moving.sockets)
    peer_side = Side(
        lambda data: peer.say(data, caller.relayed), peer.heard, lambda: [peer.socket]
    )
    sides = client_side, peer_side

    def move() -> None:
        later = phone.caller(to, CELL)
        answer = later.refreshes(None, (A.MOBILITY_TICKET, caller.talk.ticket))
        assert answer.ok, answer.summary
        moving.callers.append(later)
        # Its first packet tells where it is now.
        client_side.say()
        listen_until(*sides, lambda: client_side.has_ended(peer_side))

    def lose_wifi() -> None:
        # What was on its way before is not lost by it, however slow the machine is.
        listen_until(
            *sides, lambda: not client_side.lost(peer_side) and not peer_side.lost(client_side)
        )
        phone.link("wifi", "down")

    first, second = (lose_wifi, move) if order == "break before make" else (move, lose_wifi)
    marks = talk(
        *sides, PACKETS_PER_SECOND, [(0.3, first), (0.3 + NOTICED_AFTER, second)], seconds=1.0
    )
    lost_up = client_side.lost(peer_side)
    lost_down = peer_side.lost(client_side)
    if order == "make before break":
        assert (lost_up, lost_down) == ([], [])
    else:
        # From the loss of the link until the first packet by the other one has arrived.
        down, back = marks[0], marks[3]
        for lost, side in ((lost_up, client_side), (lost_down, peer_side)):
            assert all(down <= side.sent[number] <= back for number in lost)
    assert len(peer_side.sent) > 40
    [mine] = [
        each for each in site.relay.sessions()
        if f"{caller.relayed[0]}:{caller.relayed[1]}" in each["relayed"]
    ]  # fmt: skip
    assert mine["client"].startswith(CELL)
    assert moving.callers[-1].refreshes(0).ok

"""What strangers get, and how little of it (checklist D1 to D4)."""

import os
import socket
import time

import pytest

from tests.interop.turn.floods import binding_from
from tests.interop.turn.site import Site, new_host
from tests.interop.turn.stun_codec import UDP, A, Kind, Method, message
from tests.interop.turn.wires import UdpWire

pytestmark = pytest.mark.interop

A_SECOND, AT_ONCE = 50, 200
"""Answers an address gets before it has shown who it is."""


def drain(wire: UdpWire) -> list[bytes]:
    found = []
    wire.socket.setblocking(False)
    try:
        while True:
            found.append(wire.socket.recv(2048))
    except BlockingIOError:
        return found


@pytest.mark.parametrize("method", [Method.ALLOCATE, Method.BINDING, Method.REFRESH])
@pytest.mark.parametrize("v6", [False, True], ids=["IPv4", "IPv6"])
def test_strangers_get_little_and_not_for_long(site: Site, method: Method, v6: bool) -> None:
    """D1: a short answer to each request, and none when the bucket of the address is empty."""
    host = new_host(v6=v6)
    wires = [site.udp_wire(host, v6=v6) for _ in range(2)]
    if v6:
        wires[1] = site.udp_wire(host[:-1] + "2", v6=True)
    began = time.monotonic()
    for wire in wires:
        for _ in range(AT_ONCE):
            wire.send(message(method))
    site.caller(v6=v6).settle()
    most = AT_ONCE + A_SECOND * (time.monotonic() - began + 1)
    answers = [drain(wire) for wire in wires]
    count = sum(map(len, answers))
    assert AT_ONCE <= count < most, "another port or neighbour is the same stranger"
    assert max(len(each) for heard in answers for each in heard) <= 100
    if method is Method.BINDING:
        assert {len(each) for each in answers[0]} == {44 if v6 else 32}


def test_a_binding_answer_is_an_address_and_nothing_else(site: Site, transport: str) -> None:
    """D2: neither software nor other addresses (RFC 5780), nor anywhere else to ask."""
    caller = site.caller(transport)
    answer = caller.ask(message(Method.BINDING))
    assert [kind for kind, _ in answer.attributes] == [A.XOR_MAPPED_ADDRESS]
    assert answer.address(A.XOR_MAPPED_ADDRESS) == caller.wire.local
    answer = caller.ask(message(Method.ALLOCATE, (A.REQUESTED_TRANSPORT, UDP)))
    assert not {A.SOFTWARE, A.RESPONSE_ORIGIN, A.OTHER_ADDRESS, A.ALTERNATE_SERVER} & {
        kind for kind, _ in answer.attributes
    }


@pytest.mark.parametrize("port", [7, 19, 53, 123, 1900])
def test_services_that_answer_everything_are_no_clients(site: Site, port: int) -> None:
    """D3: two machines could be made to talk to each other without end."""
    wire = site.udp_wire(port=port)
    before = site.relay.counters().get("reflected-port", 0)
    wire.send(message(Method.BINDING))
    wire.send(message(Method.ALLOCATE, (A.REQUESTED_TRANSPORT, UDP)))
    site.caller().settle()
    assert drain(wire) == []
    assert site.relay.counters()["reflected-port"] == before + 2


def test_port_0_is_no_client(site: Site) -> None:
    """D3: nobody can be answered there."""
    sniffer = site.sniffer()
    host = new_host()
    raw = site.opened.enter_context(site.box.raw(socket.IPPROTO_UDP))
    raw.sendto(binding_from(site, 0, host), (site.server()[0], 0))
    raw.sendto(binding_from(site, 4711, host), (site.server()[0], 0))
    site.caller().settle()
    answered = [each.target[1] for each in sniffer.seen() if each.target[0] == host]
    assert answered == [4711]


@pytest.mark.parametrize("kind", [Kind.SUCCESS, Kind.ERROR, Kind.INDICATION])
def test_what_is_no_request_is_not_answered(site: Site, transport: str, kind: Kind) -> None:
    """D4: answers to answers would never end."""
    caller = site.caller(transport)
    parts = [(A.ERROR_CODE, b"\0\0\4\1"), (A.XOR_MAPPED_ADDRESS, bytes(8))]
    for method in (*Method, 0x0FF):
        assert caller.ignored(message(method, *parts, kind=kind)), method
    assert caller.ignored(message(0xFFF, kind=kind))


@pytest.mark.parametrize("method", [0, 2, 0x00B0, 0x0FFF, Method.SEND, Method.DATA])
def test_a_method_that_is_none_is_not_answered(site: Site, transport: str, method: int) -> None:
    """D4: RFC 8489 section 6.3: unknown methods are dropped."""
    assert site.caller(transport).ignored(message(method, transaction=os.urandom(12)))

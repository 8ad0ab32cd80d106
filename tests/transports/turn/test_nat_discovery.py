"""Four sockets are opened or none, and each answers for the others."""

import errno
import os
import socket
from ipaddress import IPv4Address

import pytest
from twisted.internet.testing import MemoryReactorClock

from procall_mobility.transports.turn.nat_discovery import discovery_listeners, in_company
from procall_mobility.transports.turn.udp_listener import UdpListener
from tests.interop.turn.stun_codec import A, Method, message, parse
from tests.protocols.turn.plays import Play

FIRST = IPv4Address("127.64.0.0") + 2 * os.getpid()
HOSTS = (str(FIRST), str(FIRST + 1))
"""Of loopback, and of this run alone."""

PORT = 28_100
"""This and the next are below those the system chooses from."""


def listeners(play: Play) -> list[UdpListener]:
    return discovery_listeners(
        HOSTS, PORT, {}, play.server, MemoryReactorClock(), lambda: play.now
    )


def test_a_client_is_answered_from_where_it_wishes() -> None:
    """RFC 5780 section 6.1, by real sockets."""
    play = Play()
    four = listeners(play)
    assert {each.address for each in four} == set(play.server.nat_behaviour)
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.bind(("127.0.0.1", 0))
            client.setblocking(False)
            request = message(Method.BINDING, (A.CHANGE_REQUEST, b"\0\0\0\6"))
            client.sendto(request, (HOSTS[0], PORT))
            for each in four:
                each.doRead()
            answer, origin = client.recvfrom(2000)
    finally:
        for each in four:
            each.stop()
    assert origin == (HOSTS[1], PORT + 1)
    assert parse(answer).address(A.XOR_MAPPED_ADDRESS)[0] == "127.0.0.1"


def test_when_one_is_taken_none_is_held() -> None:
    play = Play()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind((HOSTS[1], PORT + 1))
        with pytest.raises(OSError) as raised:
            listeners(play)
    assert raised.value.errno == errno.EADDRINUSE
    assert play.server.nat_behaviour == {}
    for each in listeners(play):
        each.stop()


OURS = [
    ("127.0.0.1", 3478),
    ("198.51.100.7", 3478),
    ("198.51.100.8", 3478),
    ("198.51.100.8", 5000),
    ("::1", 3478),
    ("2001:db8::7", 3478),
]
"""As a wildcard is spelled out: the alternate host is among them, and loopback before all."""


def test_the_company_is_a_public_listener_beside_the_alternate() -> None:
    first, others = in_company(OURS, "198.51.100.8")
    assert first == ("198.51.100.7", 3478)
    assert others == [OURS[0], OURS[3], OURS[4], OURS[5]]


def test_families_are_not_mixed() -> None:
    first, others = in_company(OURS, "2001:db8::8")
    assert first == ("2001:db8::7", 3478)
    assert others == OURS[:5]


def test_loopback_is_company_of_loopback() -> None:
    assert in_company(OURS, "127.0.0.2")[0] == ("127.0.0.1", 3478)


@pytest.mark.parametrize(
    "places",
    [
        [],
        [("198.51.100.8", 3478)],
        [("2001:db8::7", 3478)],
        [("198.51.100.7", 65_535)],
    ],
    ids=["nobody", "only itself", "another family", "the last port"],
)
def test_without_company_nothing_is_started(places: list[tuple[str, int]]) -> None:
    with pytest.raises(OSError, match=r"turn\.alternate needs another address"):
        in_company(places, "198.51.100.8")

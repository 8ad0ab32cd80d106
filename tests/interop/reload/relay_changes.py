"""Kinds of change of the relay, with what is seen of them from outside, as in `changes`."""

from collections.abc import Callable

from tests.interop.reload.house import House
from tests.interop.reload.looks import has_heard_nothing, peer_at, turn_credentials
from tests.interop.turn.stun_codec import Method, message

HERE = "127.0.0.1"


def other_addresses_of_the_relay(house: House) -> None:
    took = house.takes_over(turn__urls='["turn:relay.example.net:3478"]', ice__ttl="120")
    assert took == ["turn.urls", "ice.ttl"]
    told = turn_credentials(house)
    assert (told["uris"], told["ttl"]) == (["turn:relay.example.net:3478"], 120)


def a_udp_port_of_the_relay(house: House) -> None:
    """Calls that came by it go on when it is taken away; others find nobody there any more."""
    usual, port = house.town.daemons.turn, house.spare[3]
    both = f'["127.0.0.1:{usual}", "127.0.0.1:{port}"]'
    assert house.takes_over(turn__udp=both) == ["turn.udp"]
    caller, late, peer = (
        house.load.caller(port=port),
        house.load.stranger(port=port),
        peer_at(HERE),
    )
    assert caller.permits(peer.getsockname()).ok
    assert house.takes_over() == ["turn.udp"]
    caller.sends(peer.getsockname(), b"it goes on")
    assert peer.recv(100) == b"it goes on"
    late.carries(message(Method.BINDING))
    assert caller.refreshes().ok
    assert has_heard_nothing(late.wire.socket)
    assert house.takes_over(turn__udp=both) == ["turn.udp"]
    late.settle()
    assert caller.refreshes(0).ok
    peer.close()


def a_peer_that_is_denied(house: House) -> None:
    """What a call says to it ends within a second; what it says to others goes on."""
    caller, peer = house.load.caller(), peer_at("127.0.0.3")
    assert caller.permits(peer.getsockname()).ok
    caller.sends(peer.getsockname(), b"before")
    assert peer.recv(100) == b"before"
    assert house.takes_over(turn__peers__deny='["127.0.0.3"]') == ["turn.peers.deny"]
    caller.sends(peer.getsockname(), b"after")
    caller.settle()
    assert has_heard_nothing(peer)
    assert caller.permits(peer.getsockname()).error == 403
    caller.refreshes(0)
    peer.close()


def fewer_relays_of_one_user(house: House) -> None:
    first, second = (house.load.stranger(subject="carol") for _ in range(2))
    first.allocates()
    took = house.takes_over(turn__limits__allocations_per_user="1")
    assert took == ["turn.limits.allocations_per_user"]
    assert second.tries_to_allocate().error == 486
    assert first.refreshes(0).ok


def no_keys_by_md5(house: House) -> None:
    """Calls that go on have theirs already."""
    assert house.takes_over(turn__md5="false") == ["turn.md5"]
    assert not house.load.stranger().tries_to_allocate().ok


RELAY_CHANGES: tuple[Callable[[House], None], ...] = (
    other_addresses_of_the_relay,
    a_udp_port_of_the_relay,
    a_peer_that_is_denied,
    fewer_relays_of_one_user,
    no_keys_by_md5,
)

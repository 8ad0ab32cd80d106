"""Other rules of the operator, while calls go on (docs/reload.md; turn.md section 2)."""

from typing import Any

from procall_mobility.protocols.turn.peer_rules import PeerRule
from procall_mobility.protocols.turn.rules import TurnRules
from tests.gateway.relays import Site
from tests.interop.turn.stun_codec import SHA256, Method, message


def changes(site: Site, *peers: PeerRule, **rules: Any) -> None:
    site.media.change(TurnRules(**rules), peers, site.play.now)
    site.play.settle()


def deny(rule: str) -> PeerRule:
    return PeerRule.parse(rule, allow=False)


def test_a_peer_that_is_denied_now_hears_nothing_more_and_other_peers_go_on() -> None:
    site = Site()
    alice, bad, good = site.alice(), site.play.peer("20.0.0.1"), site.play.peer("20.0.0.2")
    for peer in (bad, good):
        alice.permits(peer)
    changes(site, deny("20.0.0.1"))
    for peer in (bad, good):
        alice.sends(peer, b"hello")
    assert bad.hears() == []
    assert good.hears() == [(alice.relayed, b"hello")]


def test_a_channel_to_a_peer_that_is_denied_now_ends_at_once() -> None:
    """Also where the kernel carries it: there nobody looks at the policy."""
    site = Site()
    alice, bad = site.alice(), site.play.peer("20.0.0.1")
    alice.binds(0x4000, bad)
    alice.says(0x4000, b"before")
    assert bad.hears() == [(alice.relayed, b"before")]
    changes(site, deny("20.0.0.1"))
    alice.says(0x4000, b"after")
    assert bad.hears() == []
    assert alice.allocation.channels == {}


def test_a_peer_that_is_allowed_again_is_reached_again() -> None:
    site = Site(rules=(deny("20.0.0.1"),))
    alice, peer = site.alice(), site.play.peer("20.0.0.1")
    changes(site)
    alice.permits(peer)
    alice.sends(peer, b"hello")
    assert peer.hears() == [(alice.relayed, b"hello")]


def test_customers_who_come_later_are_judged_by_the_new_rules() -> None:
    site = Site()
    changes(site, deny("20.0.0.1"))
    alice = site.alice()
    assert alice.permits(site.play.peer("20.0.0.1")).error == 403


def test_who_has_more_relays_than_are_allowed_now_keeps_them_and_gets_no_more() -> None:
    site = Site()
    first, second = site.alice(), site.alice()
    changes(site, allocations_per_user=2)
    third = site.issued("alice")
    assert third.tries_to_allocate().error == 486
    assert first.refreshes().ok
    assert second.refreshes().ok


def test_what_somebody_relays_is_bounded_anew() -> None:
    site = Site()
    alice, peer = site.alice(), site.play.peer()
    alice.permits(peer)
    changes(site, user_octets_per_second=1000.0)
    site.later(1.0)
    for _ in range(100):
        alice.sends(peer, bytes(100))
    assert 0 < len(peer.hears()) < 100


def test_what_was_without_bound_gets_one_and_begins_with_a_seconds_worth() -> None:
    site = Site(user_octets_per_second=0.0)
    alice, peer = site.alice(), site.play.peer()
    alice.permits(peer)
    changes(site, user_octets_per_second=1_000_000.0)
    alice.sends(peer, b"hello")
    assert peer.hears() == [(alice.relayed, b"hello")]


def test_keys_by_md5_are_refused_from_now_on_and_those_by_sha_256_are_not() -> None:
    site = Site()
    changes(site, md5=False)
    carol = site.issued()
    assert carol.tries_to_allocate().error in (400, 401)
    made = site.users.issue(site.customers.customers["acme"], "dave", 600)
    dave = site.client(made.username, made.password, algorithm=SHA256)
    assert dave.tries_to_allocate().ok


def test_strangers_are_answered_as_often_as_is_allowed_now() -> None:
    site = Site()
    changes(site, unauthenticated_per_second=1.0)
    line = site.play.line()
    for _ in range(20):
        line.says(message(Method.BINDING))
    assert len(line.takes()) == 4

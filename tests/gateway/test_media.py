"""How operators end relays, and what changes of a customer do to them (turn.md section 2)."""

import pytest
from attrs import evolve

from procall_mobility.gateway.access import Event
from procall_mobility.gateway.reasons import Reason
from procall_mobility.gateway.turn_keys import EVERYBODY, Key
from procall_mobility.protocols.turn.peer_rules import PeerRule
from tests.gateway.relays import PASSWORD, SECRET, UNIX, Site
from tests.interop.turn.stun_codec import SHA256
from tests.protocols.turn.callers import Client


def ends(site: Site) -> list[Reason | None]:
    return [each.reason for each in site.access.entries if each.event is Event.RELAY_ENDED]


def gets_in(client: Client) -> bool:
    answer = client.tries_to_allocate()
    assert answer.ok or answer.error == 401
    return answer.ok


# Taking back ----------------------------------------------------------------------------


def test_a_customers_relays_end_at_once_and_what_its_users_had_is_good_for_nothing() -> None:
    site = Site()
    fixed, issued = site.alice(), site.issued("carol")
    issued.allocates()
    stranger = site.issued("bob", ucsid="other")
    stranger.allocates()
    unused = site.issued("dave")
    assert site.revoked("ACME") == 2
    assert ends(site) == [Reason.REVOKED] * 2
    assert not any(map(gets_in, (fixed, issued, unused)))
    assert stranger.refreshes().ok
    assert gets_in(site.issued("carol")), "what is issued from now on is good"


def test_a_users_relays_end_at_once_and_what_it_had_is_good_for_nothing() -> None:
    site = Site()
    carol, dave = site.issued("carol"), site.issued("dave")
    again = site.issued("carol", ttl=600)
    for each in (carol, dave, again):
        each.allocates()
    assert site.revoked("acme:carol") == 2
    assert not gets_in(carol)
    assert not gets_in(again)
    assert dave.refreshes().ok
    assert gets_in(site.issued("carol", ttl=600)), "however short it lives"


def test_a_user_cannot_come_back_by_another_spelling_of_its_customer() -> None:
    site = Site()
    site.revoked("acme:alice")
    assert not gets_in(site.client("Acme:alice", PASSWORD))


def test_a_fixed_user_comes_back_by_a_new_password() -> None:
    site = Site()
    alice = site.alice()
    assert site.revoked("acme:alice") == 1
    assert not gets_in(alice)
    site.secrets.change("acme", users={"alice": Key(b"another password", UNIX + 1)})
    site.changed()
    assert gets_in(site.client("acme:alice", "another password"))


def test_one_session_ends_by_its_id_and_may_come_again() -> None:
    site = Site()
    alice = site.alice()
    (facts,) = site.media.sessions(site.play.now)
    assert site.revoked(facts["id"].upper()) == 1
    assert ends(site) == [Reason.REVOKED]
    assert gets_in(alice)


@pytest.mark.parametrize("target", ["nobody", "nobody:alice", "acme:", "0123456789ab", ""])
def test_what_is_not_there_cannot_be_ended(target: str) -> None:
    site = Site()
    site.alice()
    with pytest.raises(ValueError):
        site.revoked(target)
    assert ends(site) == []


def test_whoever_has_no_relay_can_be_refused_all_the_same() -> None:
    site = Site()
    assert site.revoked("acme") == 0
    assert site.revoked("acme:alice") == 0
    assert set(site.secrets.table["acme"].taken_back) == {EVERYBODY, "alice"}


# Changes of a customer ------------------------------------------------------------------


@pytest.mark.parametrize("state", [{"enabled": False}, {"turn": False}])
def test_a_customer_that_is_switched_off_has_no_relay_any_more(state: dict[str, bool]) -> None:
    site = Site()
    alice = site.alice()
    site.switch(**state)
    assert site.changed() is False
    assert ends(site) == [Reason.CUSTOMER_DISABLED]
    assert not gets_in(alice)
    site.switch()
    site.changed()
    assert gets_in(alice)


def test_a_customer_that_is_removed_has_no_relay_any_more() -> None:
    site = Site()
    alice = site.alice()
    del site.customers.customers["acme"]
    site.changed()
    assert ends(site) == [Reason.CUSTOMER_DISABLED]
    assert not gets_in(alice)


def test_a_new_customer_is_known_once_we_are_told() -> None:
    site = Site()
    site.switch("new")
    site.secrets.table["new"] = site.secrets.table["acme"]
    newcomer = site.client("new:alice", PASSWORD)
    assert not gets_in(newcomer)
    site.changed("new")
    assert gets_in(newcomer)


def test_a_change_that_is_none_of_the_relays_leaves_it_alone() -> None:
    site = Site()
    alice, carol = site.alice(), site.issued("carol")
    carol.allocates()
    assert site.changed() is False
    assert ends(site) == []
    assert alice.refreshes().ok
    assert carol.refreshes().ok


def test_what_a_rule_takes_away_ends_at_once() -> None:
    """A13."""
    site = Site()
    alice, bob = site.alice(), site.play.peer("20.0.0.1")
    alice.permits(bob)
    site.secrets.change("acme", rules=(PeerRule.parse("20.0.0.0/8", allow=False),))
    site.changed()
    (facts,) = site.media.sessions(site.play.now)
    assert facts["permissions"] == 0
    assert alice.permits(bob).error == 403


def test_a_peer_whose_address_becomes_ours_is_no_peer_any_more() -> None:
    """A7, A13: for every customer; other peers stay, and so do the customers' own rules."""
    site = Site()
    site.secrets.change("acme", rules=(PeerRule.parse("10.1.0.0/16"),))
    site.switch("idle")
    site.secrets.table["idle"] = site.secrets.table["other"]
    site.changed("idle")
    alice, bob, carol = site.alice(), site.play.peer("20.0.0.1"), site.play.peer("10.1.0.1")
    stranger = site.issued("dave", ucsid="other")
    stranger.allocates()
    stranger.permits(bob)
    alice.binds(0x4000, bob)
    alice.binds(0x4001, carol)
    around = site.users.surroundings
    assert site.media.moved(around, site.play.now) is False
    elsewhere = evolve(around, own_hosts=around.own_hosts | {"20.0.0.1"})
    assert site.media.moved(elsewhere, site.play.now) is True
    site.play.settle()
    assert list(alice.allocation.channels) == [0x4001]
    assert list(alice.allocation.permissions) == ["10.1.0.1"]
    assert stranger.allocation.permissions == {}
    assert alice.permits(bob).error == 403
    assert alice.permits(carol).ok
    assert ends(site) == []
    site.media.moved(around, site.play.now)
    assert alice.permits(bob).ok


@pytest.mark.parametrize(
    "users", [{}, {"alice": Key(b"another password", UNIX)}], ids=["removed", "another password"]
)
def test_a_fixed_user_ends_with_its_password(users: dict[str, Key]) -> None:
    """An allocation that is refreshed with the old key would never end otherwise."""
    site = Site()
    alice, carol = site.alice(), site.issued("carol")
    carol.allocates()
    site.secrets.change("acme", users=users)
    site.changed()
    assert ends(site) == [Reason.REVOKED]
    assert not gets_in(alice)
    assert carol.refreshes().ok


def test_a_relay_lives_on_while_its_secret_does_and_ends_with_it() -> None:
    site = Site()
    carol = site.issued("carol")
    carol.allocates()
    newer = Key(b"a newer secret", UNIX)
    site.secrets.change("acme", secrets=(newer, Key(SECRET, UNIX - 100)))
    assert site.changed() is False
    assert carol.refreshes().ok
    site.secrets.change("acme", secrets=(newer,))
    assert site.changed() is True, "the customer's server may hold a credential made with it"
    assert site.changed() is False, "it is told once"
    assert ends(site) == [Reason.REVOKED]


def test_a_customers_server_should_fetch_new_credentials_after_a_revocation() -> None:
    site = Site()
    site.issued("link")
    site.revoked("acme:link")
    assert site.changed() is True
    assert site.changed() is False


def test_an_expired_credential_refreshes_what_exists_unless_the_customer_is_strict() -> None:
    """B11: and being strict begins when the operator says so."""
    site = Site()
    carol = site.issued("carol", ttl=700)
    carol.allocates()
    site.later(590)
    carol.refreshes()
    site.later(120)
    assert carol.refreshes().ok
    site.changed()
    assert ends(site) == [], "old, and good still"
    site.switch(turn_strict=True)
    site.changed()
    site.later(0.5)
    assert ends(site) == [Reason.CREDENTIAL_EXPIRED]


def test_strict_is_to_the_second_for_relays_that_were_there_before() -> None:
    site = Site()
    lenient = site.issued("carol", ucsid="other", ttl=100)
    for each in (site.issued("carol", ttl=100), lenient):
        each.allocates()
    site.switch(turn_strict=True)
    site.changed()
    site.later(99)
    assert ends(site) == []
    site.later(1)
    assert ends(site) == [Reason.CREDENTIAL_EXPIRED]
    assert lenient.refreshes().ok, "another customer's"


def test_a_hidden_name_that_was_issued_is_let_in() -> None:
    """B15."""
    site = Site()
    made = site.users.issue(site.customers.customers["acme"], "carol", 600)
    carol = site.client(made.username, made.password, algorithm=SHA256, userhash=True)
    assert gets_in(carol)


def test_everything_ends_when_the_daemon_does() -> None:
    site = Site()
    site.alice()
    site.media.shut_down(site.play.now)
    assert ends(site) == [Reason.SHUTTING_DOWN]

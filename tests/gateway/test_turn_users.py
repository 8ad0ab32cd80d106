"""Whose name a client of the relay shows (turn.md section 2; checklist B11, B12, B15)."""

import pytest
from attrs import evolve

from procall_mobility.gateway.customers import Customer
from procall_mobility.gateway.turn_keys import Key
from procall_mobility.protocols.stun.message import Signature, md5_key, sha256_key, userhash
from procall_mobility.protocols.turn.peer_rules import PeerRule
from procall_mobility.protocols.turn.ports import Account
from procall_mobility.protocols.turn.rest_names import credential_of
from tests.gateway.relays import PASSWORD, SECRET, TTL, UNIX, Site
from tests.protocols.turn.plays import REALM


def found(site: Site, name: str) -> Account | None:
    return site.users.find(name.encode("utf-8", "surrogateescape"), site.play.now)


def test_a_fixed_user_is_found_without_an_end() -> None:
    site = Site()
    account = found(site, "acme:alice")
    assert account is not None
    assert (account.tenant.name, account.subject) == ("acme", "alice")
    assert (account.passwords, account.until) == ((PASSWORD,), None)


def test_a_time_limited_name_is_found_until_it_expires() -> None:
    """B11: on the relay's own clock, which is another than the calendar's."""
    site = Site()
    name = f"{UNIX + 60}:acme:carol"
    account = found(site, name)
    assert account is not None
    assert account.until == site.play.now + 60
    assert account.passwords == (credential_of(SECRET, name).encode(),)
    site.later(60)
    assert found(site, name) is None


@pytest.mark.parametrize(
    "name",
    [
        "acme", "", ":", "acme:", "nobody:alice", "acme:mallory", f"{UNIX}:acme:carol", "1:acme:x",
        f"{UNIX + 60}:nobody:carol", f"-{UNIX}:acme:carol", f"{2**63}0:acme:carol",
        f"{UNIX + 60}:acme:a:b:c", "\udcff:alice", "acme:%s%x%n", "'; DROP TABLE customers; --:a",
    ],
)  # fmt: skip
def test_every_other_name_is_unknown(name: str) -> None:
    """B11, B12: a user name is octets, compared and not interpreted."""
    assert found(Site(), name) is None


@pytest.mark.parametrize("name", ["ACME:alice", " acme :alice"])
def test_blanks_and_case_of_a_ucsid_do_not_matter(name: str) -> None:
    account = found(Site(), name)
    assert account is not None
    assert account.tenant.name == "acme"


def test_a_flood_of_names_that_are_made_up_costs_no_look_into_the_store() -> None:
    """B4: what there is to know of a customer is read once, when the first of its users comes."""
    site = Site()
    for number in range(1000):
        assert found(site, f"nobody{number}:alice") is None
        assert found(site, f"{UNIX + 60}:nobody{number}:alice") is None
    assert (site.customers.asked, site.secrets.asked) == ([], [])
    site = Site()
    for number in range(1000):
        assert found(site, f"acme:nobody{number}") is None
    assert site.secrets.asked == ["acme"]
    assert len(site.users._known) == 2


@pytest.mark.parametrize("state", [{"enabled": False}, {"turn": False}])
def test_a_customer_that_is_off_has_no_users(state: dict[str, bool]) -> None:
    site = Site()
    site.switch(**state)
    assert found(site, "acme:alice") is None
    assert not site.users.still_knows(b"acme:alice", Signature(b"k" * 16, sha256=False))
    with pytest.raises(ValueError, match="no relay"):
        site.issued()


def test_a_customer_that_was_removed_a_moment_ago_has_no_users() -> None:
    site = Site()
    del site.customers.customers["acme"]
    assert found(site, "acme:alice") is None
    site.changed()
    assert not site.users.is_customer("acme")


def test_an_alias_is_no_ucsid() -> None:
    """Renewing by it must not make a second customer of one."""
    site = Site()
    aliases = frozenset({"acme.example"})
    site.customers.customers["acme"] = Customer(ucsid="acme", aliases=aliases)
    assert site.users.renew("acme.example") is None


# Issuing --------------------------------------------------------------------------------


def test_an_issued_credential_says_how_long_it_is_good() -> None:
    site = Site()
    made = site.users.issue(site.customers.customers["acme"], "carol", 600)
    assert (made.username, made.ttl, made.expiry) == (f"{UNIX + 600}:acme:carol", 600, UNIX + 600)
    assert made.password == credential_of(SECRET, made.username)
    assert made.password not in repr(made)


def test_no_credential_lives_longer_than_the_longest() -> None:
    site = Site()
    assert site.users.issue(site.customers.customers["acme"], "carol", 10 * TTL).ttl == TTL


def test_an_issued_name_is_known_by_its_hash() -> None:
    """B15."""
    site = Site()
    made = site.users.issue(site.customers.customers["acme"], "carol", 600)
    name = made.username.encode()
    assert site.users.name_of(userhash(name, REALM.encode())) == name
    assert site.users.name_of(bytes(32)) is None


def test_a_name_issued_by_the_command_line_is_known_by_its_hash_too() -> None:
    site = Site()
    name = f"{UNIX + 60}:acme:carol"
    site.users.remember(name)
    assert site.users.name_of(userhash(name.encode(), REALM.encode())) == name.encode()


@pytest.mark.parametrize(
    "name",
    ["acme:alice", "9:nobody:carol", "", "9:acme:" + "x" * 600, "9:acme:\ud800"],
    ids=["fixed", "nobody's", "empty", "too long", "no text"],
)
def test_nothing_else_is_remembered(name: str) -> None:
    site = Site()
    with pytest.raises(ValueError):
        site.users.remember(name)
    assert len(site.users._names) == 0


def test_a_new_customer_can_be_issued_to_before_anybody_told_us_of_it() -> None:
    site = Site()
    del site.users._known["other"]
    assert site.issued(ucsid="other").allocates().ok


# Two secrets ----------------------------------------------------------------------------


def test_both_live_secrets_let_their_users_in() -> None:
    """turn.md section 2: so that secrets can be rotated."""
    site = Site()
    older = site.issued("carol")
    site.secrets.change("acme", secrets=(Key(b"new", UNIX), Key(SECRET, UNIX - 100)))
    site.changed()
    older.allocates()
    site.issued("dave").allocates()


@pytest.mark.parametrize("make", [md5_key, sha256_key])
def test_a_user_is_known_still_by_either_algorithm(make: object) -> None:
    site = Site()
    key = make(b"acme:alice", REALM.encode(), PASSWORD)  # type: ignore[operator]
    assert site.users.still_knows(b"acme:alice", Signature(key, sha256=False))
    other = make(b"acme:alice", REALM.encode(), b"another")  # type: ignore[operator]
    assert not site.users.still_knows(b"acme:alice", Signature(other, sha256=False))
    assert not site.users.still_knows(b"no name", Signature(key, sha256=False))


def test_the_operators_rules_and_the_customers_stand_together() -> None:
    site = Site(rules=(PeerRule.parse("10.1.0.0/16"),))
    site.secrets.change("acme", rules=(PeerRule.parse("10.2.0.0/16"),))
    alice = site.alice()
    assert alice.permits(("10.1.0.1", 7)).ok
    assert alice.permits(("10.2.0.1", 7)).ok
    assert alice.permits(("10.3.0.1", 7)).error == 403


def test_whoever_comes_later_is_judged_by_where_the_machine_is_now() -> None:
    """A7: customers of whom nobody was there before, too."""
    site = Site()
    site.users.move(evolve(site.users.surroundings, own_hosts=frozenset(("20.0.0.1",))))
    assert site.alice().permits(("20.0.0.1", 7)).error == 403
    site.changed()
    assert site.alice().permits(("20.0.0.1", 7)).error == 403
    assert site.alice().permits(("20.0.0.2", 7)).ok

"""What an operator takes back is gone at once, at the running relay and after a restart."""

import pytest

from tests.interop.turn.conftest import StartSite
from tests.interop.turn.servers import CUSTOMER
from tests.interop.turn.site import ALICE, Site
from tests.interop.turn.turn_client import Identity

pytestmark = pytest.mark.interop


def issued(site: Site, user: str) -> Identity:
    facts = site.relay.facts("turn", "credentials", CUSTOMER, "--user", user)
    return Identity.of(facts["username"], facts["credential"])


def is_let_in(site: Site, identity: Identity) -> bool:
    answer = site.caller(identity=identity).tries_to_allocate()
    assert answer.ok or answer.error == 401
    return answer.ok


def ended(site: Site, target: str) -> int:
    count: int = site.relay.facts("turn", "revoke", target)["ended"]
    return count


def test_revocation_is_immediate_and_outlasts_a_restart(start_site: StartSite) -> None:
    """turn.md section 2: by customer, by user, by session."""
    site = start_site()
    carol, dave = issued(site, "carol"), issued(site, "dave")
    for identity in (carol, dave, ALICE):
        assert is_let_in(site, identity)
    assert len(site.relay.sessions()) == 3

    assert ended(site, f"{CUSTOMER}:carol") == 1
    assert not is_let_in(site, carol)
    assert is_let_in(site, dave)
    later = issued(site, "carol")
    assert is_let_in(site, later)

    ids = [each["id"] for each in site.relay.sessions() if each["user"] == "carol"]
    assert [ended(site, each) for each in ids] == [1]
    assert is_let_in(site, later)

    assert ended(site, CUSTOMER) == 4
    assert site.relay.sessions() == []
    taken_back = (carol, dave, later, ALICE)
    assert not any(is_let_in(site, each) for each in taken_back)

    site.relay.stop()
    site.relay.start()
    assert not any(is_let_in(site, each) for each in taken_back)
    assert is_let_in(site, issued(site, "carol"))


def test_a_relay_ends_with_the_secret_it_was_had_by(start_site: StartSite) -> None:
    site = start_site()
    carol = issued(site, "carol")
    assert is_let_in(site, carol)
    site.relay.must("turn", "secret", "rotate", CUSTOMER)
    assert len(site.relay.sessions()) == 1
    assert is_let_in(site, carol), "two secrets are good"
    site.relay.must("turn", "secret", "drop", CUSTOMER)
    site.relay.until(lambda: not site.relay.sessions())
    assert not is_let_in(site, carol)

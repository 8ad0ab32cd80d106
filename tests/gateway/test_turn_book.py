"""What the access book says of relays (turn.md section 2: one record, a unique id, no payload)."""

from procall_mobility.gateway.access import AccessEntry, Event, User
from procall_mobility.gateway.reasons import Reason
from procall_mobility.gateway.turn_book import ALERT_BURST
from procall_mobility.protocols.turn.allocation import Allocation
from procall_mobility.protocols.turn.ports import Transport
from tests.gateway.relays import PASSWORD, Site
from tests.interop.turn.stun_codec import A


def relays(site: Site) -> list[AccessEntry]:
    return [each for each in site.access.entries if each.allocation is not None]


def test_a_relay_is_written_down_when_it_begins_goes_on_and_ends() -> None:
    site = Site()
    alice, bob = site.alice(), site.play.peer("20.0.0.1")
    alice.permits(bob)
    for _ in range(3):
        alice.sends(bob, b"hello")
    bob.says(b"who is there?", alice.relayed)
    site.later(310)
    alice.refreshes()
    site.later(100)
    alice.refreshes(0)
    opened, goes_on, ended = relays(site)
    assert [each.event for each in relays(site)] == [
        Event.RELAY_OPENED,
        Event.RELAY_GOES_ON,
        Event.RELAY_ENDED,
    ]
    assert opened.allocation == goes_on.allocation == ended.allocation
    for each in relays(site):
        assert (each.customer, each.user, each.via) == ("acme", User("alice"), "udp")
        assert each.client == alice.address[0]
    assert (opened.duration, opened.sent, opened.sent_octets, opened.reason) == (None,) * 4
    assert (goes_on.duration, goes_on.reason) == (300.0, None)
    for each in (goes_on, ended):
        assert (each.sent, each.received) == (3, 1)
        assert (each.sent_octets, each.received_octets) == (15, 13)
    assert (ended.duration, ended.reason) == (410.0, Reason.RELEASED)
    assert "hello" not in repr(site.access.entries)
    assert "alice" not in repr(site.access.entries)


def test_no_two_relays_have_the_same_id() -> None:
    site = Site()
    for _ in range(5):
        site.alice()
    ids = [each.allocation for each in relays(site)]
    assert len(set(ids)) == len(ids) == 5


def test_a_mobile_client_on_its_way_is_where_it_came_from() -> None:
    site = Site()
    alice = site.client("acme:alice", PASSWORD)
    alice.line = site.play.line(Transport.TCP)
    alice.allocates((A.MOBILITY_TICKET, b""))
    alice.line.hangs_up()
    site.later(700)
    ended = relays(site)[-1]
    assert (ended.event, ended.reason) == (Event.RELAY_ENDED, Reason.EXPIRED)
    assert (ended.client, ended.via) == (alice.address[0], None)


def test_an_attack_on_one_customer_is_told_sparingly_and_hides_none_on_another() -> None:
    """B19: an alert for each customer."""
    site = Site()
    for _ in range(20):
        site.client("acme:alice", "guessed").tries_to_allocate()
    site.client("other:alice", "guessed").tries_to_allocate()
    wrong = [each for each in site.access.entries if each.reason is Reason.WRONG_CREDENTIAL]
    assert [each.customer for each in wrong] == ["acme"] * int(ALERT_BURST) + ["other"]
    assert all(each.event is Event.RELAY_REFUSED and each.client for each in wrong)
    assert all(each.user is None for each in wrong), "it is not its own name that it says"
    site.later(10.0)
    site.client("acme:alice", "guessed").tries_to_allocate()
    assert site.access.entries[-1].customer == "acme"


def test_a_scan_is_told_with_its_relay_and_as_sparingly() -> None:
    """D9."""
    site = Site(permissions=10, new_peers_per_second=1.0)
    alice = site.alice()
    for number in range(30):
        alice.permits((f"20.0.1.{number}", 7))
    scans = [each for each in site.access.entries if each.reason is Reason.TOO_MANY_PEERS]
    assert 0 < len(scans) <= ALERT_BURST
    (allocation,) = site.media.sessions(site.play.now)
    assert {each.allocation for each in scans} == {allocation["id"]}
    assert all(each.sent is None for each in scans)


def test_every_reason_the_relay_knows_is_one_of_the_book() -> None:
    """They are written in another room, as words."""
    site = Site()
    site.alice()
    (allocation,) = site.play.allocations
    assert isinstance(allocation, Allocation)
    for why in ("released", "expired", "credential-expired", "connection-lost", "revoked"):
        site.play.allocations.book.ended(allocation, why, site.play.now)
        assert site.access.entries[-1].reason == why

"""The relay as operators see it (turn.md section 2)."""

from procall_mobility.protocols.turn.ports import Transport
from tests.gateway.relays import PASSWORD, Site
from tests.interop.turn.stun_codec import TCP, A
from tests.protocols.turn.plays import SEEN


def test_a_session_is_shown_with_all_that_is_known_of_it() -> None:
    site = Site()
    alice, bob = site.alice(), site.play.peer("20.0.0.1")
    alice.permits(bob)
    alice.binds(0x4001, bob)
    alice.sends(bob, b"hello")
    site.later(10)
    (facts,) = site.media.sessions(site.play.now)
    assert len(facts.pop("id")) == 12
    assert facts == {
        "customer": "acme",
        "user": "alice",
        "client": f"{alice.address[0]}:{alice.address[1]}",
        "transport": "udp",
        "relayed": [f"{SEEN}:{alice.relayed[1]}"],
        "seconds": 10.0,
        "expires_in": 590.0,
        "permissions": 1,
        "channels": 1,
        "carried_channels": 1,
        "connections": 0,
        "mobility": False,
        "sent_packets": 1,
        "sent_octets": 5,
        "received_packets": 0,
        "received_octets": 0,
        "carried_packets": 0,
        "carried_octets": 0,
    }
    counters = site.media.counters()
    assert counters["allocations"] == 1
    account = site.media.account(site.play.now)
    assert account["counters"] == counters
    assert len(account["sessions"]) == 1


def test_what_was_carried_for_us_is_counted_before_it_is_shown() -> None:
    site = Site()
    alice, bob = site.alice(), site.play.peer("20.0.0.1")
    alice.binds(0x4001, bob)
    alice.says(0x4001, b"hello")
    site.play.flows.carries(alice.allocation.channels[0x4001], sent=100, received=900)
    (facts,) = site.media.sessions(site.play.now)
    shown = ("sent_octets", "received_octets", "carried_packets", "carried_octets")
    assert [facts[each] for each in shown] == [105, 900, 2, 1000]


def test_totals_say_who_has_relayed_also_for_those_that_have_ended() -> None:
    site = Site()
    alice, bob = site.alice(), site.play.peer("20.0.0.1")
    alice.binds(0x4001, bob)
    for _ in range(2):
        alice.says(0x4001, b"hello")
        site.play.flows.carries(alice.allocation.channels[0x4001], sent=100, received=900)
        site.media.counters()
    alice.refreshes(0)
    site.alice()
    counters = site.media.counters()
    assert (counters["kernel-packets"], counters["kernel-octets"]) == (4, 2000)
    assert (counters["python-packets"], counters["python-octets"]) == (2, 10)


def test_a_session_over_tcp_is_shown_with_its_connections() -> None:
    site = Site()
    alice = site.client("acme:alice", PASSWORD)
    alice.line = site.play.line(Transport.TCP)
    alice.allocates(transport=TCP)
    (facts,) = site.media.sessions(site.play.now)
    assert (facts["transport"], facts["connections"]) == ("tcp", 0)


def test_an_ipv6_address_stands_in_brackets_and_a_client_on_its_way_has_none() -> None:
    site = Site()
    alice = site.client("acme:alice", PASSWORD)
    alice.line = site.play.line(Transport.TCP, ("2001:db8:9::9", 5000))
    alice.allocates((A.MOBILITY_TICKET, b""))
    (facts,) = site.media.sessions(site.play.now)
    assert facts["client"] == "[2001:db8:9::9]:5000"
    assert facts["mobility"] is True
    alice.line.hangs_up()
    (facts,) = site.media.sessions(site.play.now)
    assert (facts["client"], facts["transport"]) == (None, None)

"""The tables of the page: who is named in them, in which order, and how much of them is told."""

import json

import pytest

from procall_mobility.gateway.customers import Customer
from procall_mobility.operations.status_page import connection_facts, expiry_facts
from procall_mobility.operations.status_page.connection_facts import ConnectionFacts
from procall_mobility.operations.status_page.expiry_facts import DAY, Ending
from procall_mobility.operations.status_page.push_facts import PushFacts
from procall_mobility.operations.status_page.relay_facts import LONGEST, RelayFacts
from procall_mobility.protocols.push.outcomes import LaneRefused
from tests.gateway.fakes import FakeLinkWire, House
from tests.gateway.push.fakes import push
from tests.gateway.push.house import PushHouse
from tests.gateway.relays import Site

ACME, OTHER = Customer(ucsid="acme"), Customer(ucsid="other")


def test_links_are_told_and_those_in_trouble_come_first() -> None:
    house = House(ACME, OTHER)
    house.registers()
    slow = house.registers(FakeLinkWire(speaks_ber=True), ucsid="other")
    house.gateway.link_paused(slow, house.now)
    house.later(60)
    told = ConnectionFacts(gateway=house.gateway).links(house.now)
    assert (told["total"], told["left_out"]) == (2, 0)
    first, second = told["rows"]
    assert (first["customer"], first["name"], first["paused"], first["form"]) == (
        "other", "node1", True, "ber",
    )  # fmt: skip
    assert (second["customer"], second["seconds"], second["form"]) == ("acme", 60, "json")


def test_sessions_are_told_by_customer_and_by_application() -> None:
    house = House(ACME, OTHER)
    house.registers(ucsid="other")
    wire = house.registers()
    house.session(wire)
    house.logs_in(wire, "SESSION2", "bob")
    facts = ConnectionFacts(gateway=house.gateway)
    list(facts.count())
    told = facts.sessions()
    assert (told["total"], told["attached"], told["apps"]) == (2, 1, {"web": 2})
    assert told["rows"] == [
        {"customer": "acme", "links": 1, "sessions": 2, "attached": 1, "most": 5000},
        {"customer": "other", "links": 1, "sessions": 0, "attached": 0, "most": 5000},
    ]


def test_no_user_and_no_address_is_told() -> None:
    house = House(ACME)
    session, _ = house.session(house.registers())
    facts = ConnectionFacts(gateway=house.gateway)
    list(facts.count())
    (link,) = house.gateway.links.all()
    told = json.dumps([facts.links(house.now), facts.sessions()])
    for secret in (session.user.name, session.client, session.id, link.peer):
        assert secret
        assert secret not in told


def test_a_page_is_for_people_and_tells_only_so_many_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_facts, "MOST_ROWS", 1)
    house = House(ACME, OTHER)
    house.registers()
    house.registers(ucsid="other")
    facts = ConnectionFacts(gateway=house.gateway)
    for told in (facts.links(house.now), facts.sessions()):
        assert (len(told["rows"]), told["left_out"]) == (1, 1)


def test_many_sessions_are_counted_in_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_facts, "COUNTED_AT_ONCE", 1)
    house = House(ACME)
    house.session(house.registers())
    facts = ConnectionFacts(gateway=house.gateway)
    assert len(list(facts.count())) == 1
    assert facts.sessions()["attached"] == 1


class Relayed:
    """A site whose facts are looked at."""

    def __init__(self) -> None:
        self.site = Site()
        self.facts = RelayFacts(
            allocations=self.site.media.server.allocations,
            datapath=lambda: {"path": "python", "why": "it is told to", "secret": "no"},
        )

    def told(self, now: float) -> dict[str, object]:
        list(self.facts.count(now))
        return self.facts.told()


def test_a_customers_media_is_told_by_who_relays_it_and_how_fast() -> None:
    house = Relayed()
    house.told(10.0)
    alice, bob = house.site.alice(), house.site.play.peer("20.0.0.1")
    alice.binds(0x4001, bob)
    alice.says(0x4001, b"hello")
    house.site.play.flows.carries(alice.allocation.channels[0x4001], sent=100, received=900)
    told = house.told(12.0)
    assert told["allocations"] == 1
    assert told["relayed"] == {"kernel": 1000, "python": 5}
    assert told["datapath"] == {"path": "python", "why": "it is told to"}
    (row,) = told["customers"]["rows"]
    assert (row["customer"], row["allocations"], row["channels"]) == ("acme", 1, 1)
    assert (row["kernel"], row["python"]) == (4000, 20)
    (row,) = house.told(13.0)["customers"]["rows"]
    assert (row["kernel"], row["python"]) == (0, 0)


def test_an_allocation_that_ends_makes_no_rate_negative() -> None:
    house = Relayed()
    alice, bob = house.site.alice(), house.site.play.peer("20.0.0.1")
    alice.binds(0x4001, bob)
    alice.says(0x4001, b"hello")
    house.told(10.0)
    alice.refreshes(0)
    house.site.alice()
    (row,) = house.told(11.0)["customers"]["rows"]
    assert (row["kernel"], row["python"]) == (0, 0)


@pytest.mark.parametrize("later", [0.0, LONGEST + 1])
def test_a_rate_nobody_has_looked_for_lately_is_not_known(later: float) -> None:
    house = Relayed()
    house.site.alice()
    house.told(10.0)
    (row,) = house.told(10.0 + later)["customers"]["rows"]
    assert (row["kernel"], row["python"]) == (None, None)


def test_lanes_in_trouble_come_first() -> None:
    house = PushHouse().opens(100, "apns", "fcm")
    house.accepts(push(1))
    house.says(LaneRefused(reason="InvalidProviderToken"), *house.taken())
    trouble = {house.lane().name: "InvalidProviderToken"}
    told = PushFacts(pipeline=house.pipeline, trouble_of=trouble.get).told()
    assert (told["open"], told["restoring"]) == (1, not house.pipeline.is_restored)
    first, *others = told["lanes"]["rows"]
    assert (first["breaker"], first["trouble"]) == ("suspended", "InvalidProviderToken")
    assert (first["provider"], first["waiting"], first["in_flight"]) == ("apns", 1, 0)
    assert [each["breaker"] for each in others] == ["closed"] * len(others)


@pytest.mark.parametrize(
    ("days", "state"),
    [(-1.0, "ended"), (0.5, "very-soon"), (2.9, "very-soon"), (3.1, "soon"), (15.0, "good")],
)
def test_what_ends_is_told_in_time(days: float, state: str) -> None:
    ending = Ending(kind="certificate", names=("example.net",), until=1e9 + days * DAY)
    (told,) = expiry_facts.facts([ending], 1e9)
    assert told["state"] == state
    assert told["days"] == max(0, int(days // 1))


def test_what_ends_first_is_first() -> None:
    endings = [Ending(kind="certificate", names=(name,), until=1e9 + at) for name, at in
               (("late", 2e6), ("early", 1e6))]  # fmt: skip
    told = expiry_facts.facts(endings, 1e9)
    assert [each["names"] for each in told] == [["early"], ["late"]]
    assert told[0]["until"] == "2001-09-20T15:33:20+00:00"

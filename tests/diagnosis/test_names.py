"""Names: where they lead, and whether that is here."""

from typing import Any

import pytest
from attrs import evolve

from procall_mobility.diagnosis.findings import State
from procall_mobility.diagnosis.judgements.names import Here, NameFacts, judge_names
from tests.diagnosis.findings import is_told, only

NAME = NameFacts(
    setting="service.origin", host="mobility.example.net", addresses=("52.0.0.7", "2a00:52::7")
)
HERE = Here(
    own=frozenset({"52.0.0.7", "2a00:52::7", "127.0.0.1"}),
    outside=frozenset(),
    is_behind_balancer=False,
    listens=frozenset({4, 6}),
)


def judged(name: dict[str, Any], here: dict[str, Any] | None = None) -> Any:
    return only(judge_names([evolve(NAME, **name)], evolve(HERE, **(here or {}))))


@pytest.mark.parametrize(
    ("name", "here"),
    [
        ({}, {}),
        ({"addresses": ("52.0.0.9",)}, {"outside": frozenset({"52.0.0.9"})}),
        ({"addresses": ("52.0.0.9",)}, {"is_behind_balancer": True}),
    ],
    ids=["own", "behind NAT", "behind balancer"],
)
def test_a_name_that_leads_here_is_well(name: dict[str, Any], here: dict[str, Any]) -> None:
    assert judged(name, here).state is State.OK


def test_a_demonstration_may_be_for_itself() -> None:
    name = evolve(NAME, addresses=("127.0.0.1",))
    found = list(judge_names([name], evolve(HERE, is_for_itself=True)))
    assert [each.state for each in found] == [State.OK]


@pytest.mark.parametrize(
    ("name", "here", "reason", "what", "cure"),
    [
        ({"failure": "not known"}, {}, "name-unknown", "leads nowhere: not known", "AAAA"),
        (
            {"failure": "no answer", "is_temporary": True},
            {},
            "dns-silent",
            "could not be found out",
            "/etc/resolv.conf",
        ),
        ({"addresses": ("127.0.1.1",)}, {}, "name-loopback", "to itself", "/etc/hosts"),
        (
            {"addresses": ("52.0.0.9", "52.0.0.7")},
            {},
            "name-elsewhere",
            "leads to 52.0.0.9, which",
            "turn.external",
        ),
        (
            {"addresses": ("10.0.0.5",)},
            {"own": frozenset({"10.0.0.5"}), "outside": frozenset({"52.0.0.7"})},
            "name-not-public",
            "nobody outside",
            "public address",
        ),
        ({}, {"listens": frozenset({4})}, "name-family", "AAAA record", "out of the DNS"),
        ({}, {"listens": frozenset({6})}, "name-family", "has an A record", "IPv4"),
    ],
    ids=["unknown", "silent", "loopback", "elsewhere", "private", "no v6", "no v4"],
)
def test_a_name_that_does_not_is_explained(
    name: dict[str, Any], here: dict[str, Any], reason: str, what: str, cure: str
) -> None:
    assert is_told(judged(name, here), reason, what, cure)

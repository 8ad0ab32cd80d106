"""Ports and IPv6: who has them, and who may have them."""

import errno
from typing import Any

import pytest
from attrs import evolve

from procall_mobility.diagnosis.findings import State
from procall_mobility.diagnosis.judgements.ipv6 import Ipv6Facts, judge_ipv6
from procall_mobility.diagnosis.judgements.ports import PortFacts, judge_ports
from tests.diagnosis.findings import is_told, only

PORT = PortFacts(setting="listen.tls", host="::", port=443, is_udp=False, daemon_has_it=False)


def judged(port: PortFacts, *, daemon_runs: bool = False, as_daemon: bool = True) -> Any:
    return only(judge_ports([port], daemon_runs=daemon_runs, as_daemon=as_daemon))


def test_a_port_that_can_be_had_is_well() -> None:
    assert judged(PORT).state is State.OK
    assert "can be had" in judged(PORT).what


def test_a_port_that_the_daemon_has_is_well() -> None:
    found = judged(evolve(PORT, daemon_has_it=True), daemon_runs=True)
    assert found.state is State.OK
    assert "are listened on" in found.what


def test_without_ports_there_is_nothing_to_say() -> None:
    assert list(judge_ports([], daemon_runs=False, as_daemon=True)) == []


@pytest.mark.parametrize(
    ("changed", "reason", "what", "cure"),
    [
        (
            {"error": errno.EADDRINUSE, "holders": ("nginx (process 7)",)},
            "port-taken",
            "listen.tls names [::]:443 (TCP), and nginx (process 7) has that port",
            "Stop nginx (process 7)",
        ),
        ({"error": errno.EADDRINUSE}, "port-taken", "another program has", "`sudo ss -ltnp`"),
        (
            {"error": errno.EADDRINUSE, "is_udp": True},
            "port-taken",
            "(UDP)",
            "`sudo ss -lunp`",
        ),
        ({"error": errno.EACCES}, "port-privilege", "may not open", "systemd unit"),
        ({"error": errno.EADDRNOTAVAIL}, "address-not-here", "does not have", "`ip address`"),
        ({"error": errno.ENETDOWN}, "not-to-be-had", "ENETDOWN", "Correct listen.tls"),
    ],
    ids=["named", "unnamed", "udp", "privilege", "address", "other"],
)
def test_what_keeps_a_port_from_us_is_said(
    changed: dict[str, Any], reason: str, what: str, cure: str
) -> None:
    assert is_told(judged(evolve(PORT, **changed)), reason, what, cure)


def test_an_ordinary_user_cannot_tell_what_the_daemon_may() -> None:
    found = judged(evolve(PORT, error=errno.EACCES), as_daemon=False)
    assert found.state is State.UNKNOWN
    assert "sudo" in found.cure


def test_a_port_the_running_daemon_lacks_asks_for_a_restart() -> None:
    assert is_told(
        judged(PORT, daemon_runs=True), "not-listened-on", "does not listen", "systemctl restart"
    )


def test_where_there_is_no_ipv6_that_is_told_once() -> None:
    port = evolve(PORT, error=errno.EAFNOSUPPORT)
    assert "can be had" in judged(port).what


IPV6 = Ipv6Facts(
    named=("listen.tls",), names_addresses=False, has_sockets=True, has_addresses=True
)


@pytest.mark.parametrize(
    ("changed", "state", "what"),
    [
        ({}, State.OK, "has IPv6"),
        ({"named": (), "has_sockets": False}, State.OK, "no IPv6 address"),
        ({"has_sockets": False}, State.WRONG, "does not start"),
        ({"has_addresses": False}, State.WARNING, "nobody comes by it"),
        ({"has_addresses": False, "names_addresses": True}, State.WRONG, "does not start"),
    ],
    ids=["there", "not named", "no sockets", "wildcard", "address"],
)
def test_ipv6_is_missed_where_it_is_named(
    changed: dict[str, Any], state: State, what: str
) -> None:
    found = only(judge_ipv6(evolve(IPV6, **changed)))
    assert found.state is state
    assert what in found.what
    assert bool(found.cure) is (state is not State.OK)

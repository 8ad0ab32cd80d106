"""The packet filter: whom its rules surely keep out, and whom perhaps.

Rules are as `nft -j list ruleset` tells them.
"""

import json
from typing import Any

import pytest

from procall_mobility.diagnosis.findings import State
from procall_mobility.diagnosis.judgements.firewall import Door, FirewallFacts, judge_firewall
from procall_mobility.diagnosis.judgements.packet_filter import (
    MOST_JUMPS,
    Packet,
    PacketFilter,
)
from tests.diagnosis.findings import is_told, only

TURN = Packet("udp", 3478, 4)
HTTPS = Packet("tcp", 443, 4)
TURN_6 = Packet("udp", 3478, 6)
HTTPS_6 = Packet("tcp", 443, 6)
DROPS, PASSES, PERHAPS = "inet f input", None, True

ACCEPT: dict[str, Any] = {"accept": None}
DROP: dict[str, Any] = {"drop": None}
RETURN: dict[str, Any] = {"return": None}


def match(left: dict[str, Any], right: Any, op: str = "==") -> dict[str, Any]:
    return {"match": {"op": op, "left": left, "right": right}}


def payload(protocol: str, name: str, right: Any, op: str = "==") -> dict[str, Any]:
    return match({"payload": {"protocol": protocol, "field": name}}, right, op)


def meta(key: str, right: Any, op: str = "==") -> dict[str, Any]:
    return match({"meta": {"key": key}}, right, op)


def ct(right: Any, op: str = "in") -> dict[str, Any]:
    return match({"ct": {"key": "state"}}, right, op)


def ruleset(
    *rules: list[dict[str, Any]], policy: str = "drop", **chains: list[list[dict[str, Any]]]
) -> list[dict[str, Any]]:
    """One table; `rules` are of the chain of the hook `input`."""
    place = {"family": "inet", "table": "f"}
    base = {"name": "input", "type": "filter", "hook": "input", "prio": 0, "policy": policy}
    made: list[dict[str, Any]] = [{"metainfo": {}}, {"chain": {**place, **base}}]
    made += [{"chain": {**place, "name": name}} for name in chains]
    for name, told in {"input": list(rules), **chains}.items():
        made += [{"rule": {**place, "chain": name, "expr": rule}} for rule in told]
    return made


def fib(result: str, flags: list[str], right: Any) -> dict[str, Any]:
    return match({"fib": {"result": result, "flags": flags}}, right)


def of_family(
    family: str, *rules: list[dict[str, Any]], name: str = "input", policy: str = "drop"
) -> list[dict[str, Any]]:
    """A table with one chain of the hook `input`."""
    place = {"family": family, "table": "f"}
    base = {"name": name, "type": "filter", "hook": "input", "prio": 0, "policy": policy}
    made: list[dict[str, Any]] = [{"chain": {**place, **base}}]
    return made + [{"rule": {**place, "chain": name, "expr": rule}} for rule in rules]


UDP_3478 = payload("udp", "dport", 3478)
SSH = [payload("tcp", "dport", 22), ACCEPT]


@pytest.mark.parametrize(
    ("rules", "packet", "drops"),
    [
        ([], TURN, True),
        ([[UDP_3478, ACCEPT]], TURN, False),
        ([[UDP_3478, {"counter": {"packets": 1}}, {"log": None}, ACCEPT]], TURN, False),
        ([[payload("th", "dport", {"set": [53, {"range": [3000, 4000]}]}), ACCEPT]], TURN, False),
        ([[payload("udp", "dport", {"range": [49152, 65535]}), ACCEPT]], TURN, True),
        ([SSH], TURN, True),
        ([SSH], HTTPS, True),
        ([[payload("tcp", "dport", {"set": [22, 443]}), ACCEPT]], HTTPS, False),
        ([[ct(["established", "related"]), ACCEPT]], TURN, True),
        ([[ct("new"), UDP_3478, ACCEPT]], TURN, False),
        ([[ct("established", "!="), ACCEPT]], TURN, False),
        ([[meta("iif", "lo"), ACCEPT]], TURN, True),
        ([[meta("iifname", "lo", "!="), DROP]], TURN, True),
        ([[meta("l4proto", {"set": ["icmp", "ipv6-icmp"]}), ACCEPT]], TURN, True),
        ([[meta("l4proto", "udp"), ACCEPT]], TURN, False),
        ([[payload("ip", "protocol", 6), ACCEPT]], HTTPS, False),
        ([[payload("ip", "saddr", "192.0.2.7"), ACCEPT]], TURN, True),
        ([[payload("ip", "saddr", {"prefix": {"addr": "10.0.0.0", "len": 8}}, "!="), ACCEPT]],
         TURN, False),
        ([[UDP_3478, {"jump": {"target": "ours"}}]], TURN, False),
        ([[{"goto": {"target": "empty"}}], [ACCEPT]], TURN, True),
        ([[{"jump": {"target": "empty"}}], [ACCEPT]], TURN, False),
        ([[{"jump": {"target": "back"}}], [UDP_3478, ACCEPT]], TURN, False),
        ([[UDP_3478, {"reject": {"type": "icmpx"}}], [ACCEPT]], TURN, True),
        ([[{"vmap": {"key": {"ct": {"key": "state"}},
                     "data": {"set": [["established", ACCEPT], ["invalid", DROP]]}}}]],
         TURN, True),
        ([[{"vmap": {"key": {"payload": {"protocol": "udp", "field": "dport"}},
                     "data": {"set": [[53, DROP], [3478, ACCEPT]]}}}]], TURN, False),
        ([[payload("ip", "saddr", "192.0.2.7", "!="), ACCEPT]], TURN, False),
        ([[payload("ip", "saddr", "192.0.2.7", "!="), ACCEPT]], TURN_6, True),
        ([[payload("ip6", "saddr", "2001:db8::7", "!="), ACCEPT]], TURN_6, False),
        ([[payload("ip6", "saddr", "2001:db8::7", "!="), ACCEPT]], TURN, True),
        ([[payload("ip6", "saddr", "2001:db8::7"), ACCEPT]], TURN_6, True),
        ([[payload("ip6", "nexthdr", "udp"), ACCEPT]], TURN_6, False),
        ([[payload("ip6", "nexthdr", 6), ACCEPT]], HTTPS_6, False),
        ([[payload("ip", "protocol", "udp"), ACCEPT]], TURN_6, True),
        ([[payload("icmpv6", "type", {"set": ["nd-neighbor-solicit"]}), ACCEPT]], TURN_6, True),
        ([[meta("l4proto", "ipv6-icmp"), ACCEPT]], TURN_6, True),
        ([[meta("nfproto", "ipv6"), UDP_3478, ACCEPT]], TURN_6, False),
        ([[meta("nfproto", "ipv6"), UDP_3478, ACCEPT]], TURN, True),
        ([[meta("nfproto", "ipv4"), UDP_3478, ACCEPT]], TURN_6, True),
        ([[meta("protocol", "ip6"), ACCEPT]], TURN_6, False),
        ([[UDP_3478, ACCEPT]], TURN_6, False),
        ([[match({"exthdr": {"name": "rt", "field": "type"}}, 0), DROP], [ACCEPT]],
         TURN_6, False),
        ([[match({"exthdr": {"name": "frag"}}, False), ACCEPT]], TURN_6, False),
        ([[match({"exthdr": {"name": "frag"}}, True), ACCEPT]], TURN_6, True),
        ([[{"xt": {"type": "match", "name": "rt"}}, DROP], [ACCEPT]], TURN_6, False),
        ([[fib("oif", ["saddr", "mark", "iif"], False), DROP], [ACCEPT]], TURN_6, False),
        ([[fib("type", ["daddr"], "local"), ACCEPT]], TURN_6, False),
        ([[fib("type", ["daddr"], "multicast"), DROP], [ACCEPT]], TURN, False),
    ],
)  # fmt: skip
def test_what_is_sure_is_told(rules: list[Any], packet: Packet, drops: bool) -> None:
    told = ruleset(*rules, ours=[[ACCEPT]], empty=[], back=[[RETURN], [DROP]])
    expected = ("inet f input", True) if drops else (None, False)
    assert PacketFilter.of(told).dropping(packet) == expected


@pytest.mark.parametrize(
    "rule",
    [
        [payload("ip", "daddr", "198.51.100.7"), ACCEPT],
        [fib("type", ["saddr"], "unicast"), ACCEPT],
        [payload("ip", "saddr", "@friends"), ACCEPT],
        [meta("iifname", "eth0"), ACCEPT],
        [meta("mark", 1), ACCEPT],
        [UDP_3478, {"limit": {"rate": 5}}, ACCEPT],
        [UDP_3478, {"xt": {"type": "match", "name": "geoip"}}, ACCEPT],
        [payload("udp", "dport", "@ports"), ACCEPT],
        [payload("udp", "dport", {"range": ["a", "b"]}), ACCEPT],
        [match({"&": [1, 2]}, 3), ACCEPT],
        [{"match": {"op": "==", "left": "what", "right": 1}}, ACCEPT],
        [UDP_3478, {"queue": None}],
        [{"vmap": {"key": {"meta": {"key": "mark"}}, "data": "@verdicts"}}],
        [{"vmap": {"key": {"meta": {"key": "mark"}}, "data": {"set": [[1, ACCEPT]]}}}],
        [meta("mark", 1), {"jump": {"target": "ours"}}],
        [{"jump": {"target": "round"}}],
    ],
    ids=lambda rule: json.dumps(rule)[:60],
)
def test_what_nobody_can_know_is_only_perhaps(rule: list[dict[str, Any]]) -> None:
    told = ruleset(rule, ours=[[ACCEPT]], round=[[{"jump": {"target": "round"}}]])
    assert PacketFilter.of(told).dropping(TURN) == (None, True)


def test_a_perhaps_that_changes_nothing_is_none() -> None:
    """A list of those who are let in before everybody is."""
    told = ruleset([payload("ip", "saddr", "@friends"), ACCEPT], [UDP_3478, ACCEPT])
    assert PacketFilter.of(told).dropping(TURN) == (None, False)


def test_a_return_that_is_perhaps_leaves_both_ways_open() -> None:
    told = ruleset([meta("mark", 1), RETURN], [UDP_3478, ACCEPT])
    assert PacketFilter.of(told).dropping(TURN) == (None, True)


def test_every_chain_of_the_way_has_to_let_it_pass() -> None:
    told = ruleset(policy="accept")
    place = {"family": "ip", "table": "raw"}
    base = {"name": "pre", "type": "filter", "hook": "prerouting", "prio": -300}
    told += [{"chain": {**place, **base}}, {"rule": {**place, "chain": "pre", "expr": [DROP]}}]
    assert PacketFilter.of(told).dropping(TURN) == ("ip raw pre", True)


@pytest.mark.parametrize(
    ("family", "packet"),
    [
        ("ip6", TURN),
        ("ip", TURN_6),
        *((each, p) for each in ("bridge", "arp") for p in (TURN, TURN_6)),
    ],
)
def test_other_families_are_of_no_interest(family: str, packet: Packet) -> None:
    assert PacketFilter.of(of_family(family)).dropping(packet) == (None, False)


@pytest.mark.parametrize(("family", "packet"), [("ip6", TURN_6), ("ip", TURN)])
def test_each_version_of_ip_has_its_own_family(family: str, packet: Packet) -> None:
    assert PacketFilter.of(of_family(family)).dropping(packet) == (f"{family} f input", True)
    assert PacketFilter.of(of_family(family, [ACCEPT])).dropping(packet) == (None, False)


def test_lists_of_addresses_of_ipv6_are_only_perhaps() -> None:
    told = ruleset([payload("ip6", "saddr", "@friends"), ACCEPT])
    assert PacketFilter.of(told).dropping(TURN_6) == (None, True)
    assert PacketFilter.of(told).dropping(TURN) == ("inet f input", True)


def test_what_goes_out_or_through_is_of_no_interest() -> None:
    base = {"name": "out", "type": "filter", "hook": "forward", "prio": 0, "policy": "drop"}
    told = [{"chain": {"family": "inet", "table": "f", **base}}]
    assert PacketFilter.of(told).dropping(TURN) == (None, False)
    assert MOST_JUMPS == 16


# What is said of it -----------------------------------------------------------------------

DOORS = (Door("turn.udp", TURN), Door("listen.tls", HTTPS))
DOORS_6 = (Door("turn.udp", TURN_6), Door("listen.tls", HTTPS_6))


def test_doors_that_are_closed_are_named_with_the_chain() -> None:
    facts = FirewallFacts(doors=DOORS, rules=ruleset())
    assert is_told(
        only(judge_firewall(facts)),
        "firewall-closed",
        "to UDP 3478 (turn.udp), TCP 443 (listen.tls), in its chain inet f input.",
        "`nft insert rule inet f input udp dport 3478 accept`",
    )


def test_what_is_closed_to_ipv6_alone_is_a_warning() -> None:
    """Most clients get in; as in ip6tables' own tables, where nobody has let the service in."""
    facts = FirewallFacts(doors=(*DOORS, *DOORS_6), rules=of_family("ip6", SSH))
    found = only(judge_firewall(facts))
    assert found.state is State.WARNING
    assert is_told(
        found,
        "firewall-closed",
        "to UDP 3478 by IPv6 (turn.udp), TCP 443 by IPv6 (listen.tls), in its chain ip6 f input.",
        "firewalld); or have neither settings nor DNS name IPv6.",
    )


def test_what_is_closed_to_ipv4_alone_is_wrong() -> None:
    facts = FirewallFacts(doors=(*DOORS, *DOORS_6), rules=of_family("ip", SSH))
    found = only(judge_firewall(facts))
    assert found.state is State.WRONG
    assert is_told(found, "firewall-closed", "UDP 3478 by IPv4 (turn.udp)", "rule ip f input")


def test_what_is_closed_to_both_is_told_once() -> None:
    facts = FirewallFacts(doors=(*DOORS, *DOORS_6), rules=ruleset([meta("nfproto", "arp"), DROP]))
    found = only(judge_firewall(facts))
    assert found.state is State.WRONG
    assert is_told(
        found, "firewall-closed", "to UDP 3478 (turn.udp), TCP 443 (listen.tls), in", "inet f"
    )


def test_ipv6_is_not_half_of_anything_where_there_is_no_ipv4() -> None:
    found = only(judge_firewall(FirewallFacts(doors=DOORS_6, rules=of_family("ip6"))))
    assert found.state is State.WRONG
    assert is_told(found, "firewall-closed", "to UDP 3478 (turn.udp)", "rule ip6 f input")


def test_what_perhaps_drops_ipv6_says_so() -> None:
    rules = of_family("ip6", [meta("mark", 1), ACCEPT])
    found = only(judge_firewall(FirewallFacts(doors=(*DOORS, *DOORS_6), rules=rules)))
    assert is_told(found, "firewall-perhaps", "UDP 3478 by IPv6 (turn.udp)", "--from-outside")


def test_what_depends_on_who_comes_is_to_be_tried_from_outside() -> None:
    rules = ruleset([meta("iifname", "eth0"), ACCEPT])
    found = only(judge_firewall(FirewallFacts(doors=DOORS[:1], rules=rules)))
    assert found.state is State.UNKNOWN
    assert is_told(found, "firewall-perhaps", "UDP 3478 (turn.udp)", "--from-outside")


def test_rules_of_the_old_kind_are_not_read() -> None:
    found = only(judge_firewall(FirewallFacts(doors=DOORS, rules=(), has_legacy=True)))
    assert is_told(found, "firewall-perhaps", "iptables-legacy", "--from-outside")


def test_without_rules_everybody_comes_in() -> None:
    assert only(judge_firewall(FirewallFacts(doors=DOORS, rules=()))).state is State.OK


def test_rules_that_cannot_be_read_say_why() -> None:
    facts = FirewallFacts(doors=DOORS, rules=None, why_not="only root may read them")
    found = only(judge_firewall(facts))
    assert found.state is State.UNKNOWN
    assert is_told(found, "firewall-unread", "only root may read them", "as root")

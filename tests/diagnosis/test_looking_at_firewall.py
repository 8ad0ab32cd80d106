"""Rules are read by nft, where that is there and lets us."""

import os
from pathlib import Path

import pytest

from procall_mobility.diagnosis.facts import firewall
from procall_mobility.diagnosis.facts.firewall import look_at_firewall
from procall_mobility.diagnosis.judgements.packet_filter import Packet
from tests.diagnosis.conftest import Make

HERE = (
    '[listen]\ntls = ["192.0.2.7:443"]\nhttp = ["127.0.0.1:80"]\n'
    '[turn]\nudp = ["192.0.2.7:3478"]\ntcp = ["192.0.2.7:3478"]\ntls = []\n'
)


def a_program(folder: Path, name: str, says: str) -> str:
    """Make one that says something, and return the folder for a PATH."""
    file = folder / name
    file.write_text(f"#!/bin/sh\ncat <<'END'\n{says}\nEND\n")
    file.chmod(0o755)
    return str(folder)


def test_doors_are_what_clients_come_to(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(firewall, "PATH", "/nowhere")
    facts = look_at_firewall(make(HERE + 'relay = ["192.0.2.7"]\n'))
    assert [(each.setting, each.packet) for each in facts.doors] == [
        ("listen.tls", Packet("tcp", 443, 4)),
        ("turn.tcp", Packet("tcp", 3478, 4)),
        ("turn.udp", Packet("udp", 3478, 4)),
        ("turn.ports", Packet("udp", 49_152, 4)),
        ("turn.ports", Packet("udp", 65_535, 4)),
    ]
    assert facts.rules == ()


@pytest.mark.parametrize(
    ("own", "leading", "versions"),
    [
        (("127.0.0.1", "192.0.2.7", "::1"), ("192.0.2.7",), {4}),
        (("192.0.2.7", "2001:db8::7"), ("192.0.2.7", "2001:db8::7"), {4, 6}),
        (("::1",), (), set()),
    ],
)
def test_a_wildcard_is_a_door_where_there_is_such_an_address(
    make: Make,
    monkeypatch: pytest.MonkeyPatch,
    own: tuple[str, ...],
    leading: tuple[str, ...],
    versions: set[int],
) -> None:
    """The commented file names `[::]` everywhere, also on machines that nobody reaches by it."""
    monkeypatch.setattr(firewall, "PATH", "/nowhere")
    monkeypatch.setattr(firewall, "own_addresses", lambda: own)
    monkeypatch.setattr(firewall, "leading_addresses", lambda: leading)
    doors = look_at_firewall(make("[turn]\nudp = []\n")).doors
    for setting in ("listen.tls", "turn.tcp", "turn.ports"):
        assert {e.packet.version for e in doors if e.setting == setting} == versions


def test_relays_on_loopback_need_no_door(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(firewall, "PATH", "/nowhere")
    facts = look_at_firewall(make(HERE + 'relay = ["127.0.0.1"]\n'))
    assert "turn.ports" not in {each.setting for each in facts.doors}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may read rules")
@pytest.mark.parametrize(
    ("says", "rules"),
    [('{"nftables": [{"metainfo": {}}]}', [{"metainfo": {}}]), ("{}", None), ("no JSON", None)],
)
def test_rules_are_what_nft_says(
    make: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, says: str, rules: object
) -> None:
    monkeypatch.setattr(firewall, "PATH", a_program(tmp_path, "nft", says))
    facts = look_at_firewall(make(HERE))
    assert facts.rules == rules
    assert bool(facts.why_not) is (rules is None)


def test_where_nft_is_missing_iptables_may_have_rules(
    make: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(firewall, "PATH", a_program(tmp_path, "iptables", ""))
    facts = look_at_firewall(make(HERE))
    assert facts.rules is None
    assert facts.why_not == "nft is not installed"


def test_ordinary_users_may_not_read_them(
    make: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(firewall, "PATH", a_program(tmp_path, "nft", "{}"))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert look_at_firewall(make(HERE)).why_not == "only root may read them"


def test_tables_of_the_old_kind_are_seen(
    make: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "names").write_text("nat\nfilter\n")
    monkeypatch.setattr(firewall, "LEGACY", tmp_path / "names")
    monkeypatch.setattr(firewall, "PATH", a_program(tmp_path, "nft", '{"nftables": []}'))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert look_at_firewall(make(HERE)).has_legacy

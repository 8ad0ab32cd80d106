"""The relay and pushes of a whole daemon go by other settings."""

from pathlib import Path

import pytest

from procall_mobility.reload.parts import DISCOVERY_IS_ON, PUSH_IS_OFF, RELAY_IS_OFF
from tests.ports import free_port
from tests.reload.house import house_in


def test_a_relay_that_is_off_and_pushes_that_are_not_taken_wait_with_all_they_have(
    tmp_path: Path,
) -> None:
    with house_in(tmp_path) as house:
        outcome = house.reload("turn.lifetime = 700\npush.limits.rate = 7")
    assert [(each.path, why) for each, why in outcome.waiting] == [
        ("turn.lifetime", RELAY_IS_OFF),
        ("push.limits.rate", PUSH_IS_OFF),
    ]


def test_a_relay_goes_by_other_rules(tmp_path: Path) -> None:
    with house_in(tmp_path, turn=True) as house:
        relay = house.daemon.turn
        assert relay is not None
        outcome = house.reload(
            'turn.lifetime = 700\nturn.peers.deny = ["20.0.0.1"]\nice.ttl = 60\n'
            'turn.urls = ["turn:relay.example.net"]'
        )
        assert not outcome.waiting
        assert relay.media.server.allocations.rules.lifetime == 700
        assert relay.media.users.longest_ttl == 60
        assert [str(each.allow) for each in relay.media.users.rules] == ["False"]
        assert relay.own(house.daemon.reloader.settings).urls == ("turn:relay.example.net",)


def test_a_relay_has_other_ports(tmp_path: Path) -> None:
    with house_in(tmp_path, turn=True) as house:
        port = free_port()
        outcome = house.reload(f'turn.udp = ["127.0.0.1:{port}"]')
        assert [each.path for each in outcome.changed] == ["turn.udp"]
        assert f"turn-udp 127.0.0.1:{port}" in [each.address for each in house.daemon.listeners]
        assert len(house.daemon.listeners) == 2


def test_ports_that_belong_together_wait_together(tmp_path: Path) -> None:
    """RFC 5780: its four sockets are two addresses times two ports."""
    with house_in(tmp_path, turn=True, more='turn.alternate = "127.0.0.2"\n') as house:
        outcome = house.reload(f'turn.udp = ["127.0.0.1:{free_port()}"]')
        assert [why for _, why in outcome.waiting] == [DISCOVERY_IS_ON]


def test_a_relay_knows_the_new_ports_of_our_own_services(tmp_path: Path) -> None:
    """Nobody reaches them by way of it (turn.md section 2)."""
    with house_in(tmp_path, turn=True) as house:
        relay, port = house.daemon.turn, free_port()
        assert relay is not None
        house.reload(f'turn.tcp = ["127.0.0.1:{port}"]')
        assert port in relay.media.users.surroundings.services


def test_pushes_go_by_other_terms(tmp_path: Path) -> None:
    with house_in(tmp_path, pushes=True) as house:
        if house.daemon.push is None:
            pytest.skip("libnghttp2 is not there")
        outcome = house.reload(
            'push.limits.rate = 7\nlog.pushes = "all"\npush.endpoints_inside = ["push.example"]'
        )
        assert not outcome.waiting
        assert len(outcome.changed) == 3

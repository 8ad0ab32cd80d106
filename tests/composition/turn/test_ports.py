"""UDP ports of the relay come and go while calls go on (real sockets, no running reactor)."""

import socket
from collections.abc import Iterator

import pytest

from procall_mobility.composition.turn.ports import Place
from procall_mobility.composition.turn.relay import TurnRelay
from procall_mobility.config import SettingsError
from procall_mobility.transports.turn.udp_listener import UdpListener
from tests.composition.turn.test_relay import composed, started
from tests.ports import free_port

OLD, NEW = (("127.0.0.1", free_port()) for _ in range(2))
CLIENT = ("127.0.0.1", 40_000)


@pytest.fixture
def relay() -> Iterator[TurnRelay]:
    """One that listens at OLD."""
    made, _ = composed(udp=(OLD,))
    with started(made):
        yield made


def is_taken(place: Place) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.bind(place)
        except OSError:
            return True
    return False


def addresses(relay: TurnRelay) -> list[str]:
    return [port.address for port in relay.ports]


def calls(relay: TurnRelay, place: Place) -> UdpListener:
    """Let somebody have a call by a port."""
    reader = relay.udp._readers[place]
    reader.flows[CLIENT] = object()
    return reader


def test_a_new_port_is_opened_and_one_without_calls_is_closed(relay: TurnRelay) -> None:
    relay.udp.prepare([NEW]).commit()
    assert addresses(relay) == [f"turn-udp 127.0.0.1:{NEW[1]}"]
    assert (is_taken(OLD), is_taken(NEW)) == (False, True)


def test_one_that_has_calls_is_kept_until_they_end(relay: TurnRelay) -> None:
    reader = calls(relay, OLD)
    relay.udp.prepare([NEW]).commit()
    assert addresses(relay) == [f"turn-udp 127.0.0.1:{NEW[1]}"]
    relay.look_around()
    assert is_taken(OLD)
    reader.unbind(CLIENT)
    relay.look_around()
    assert not is_taken(OLD)


def test_one_that_was_left_is_taken_up_again(relay: TurnRelay) -> None:
    reader = calls(relay, OLD)
    relay.udp.prepare([NEW]).commit()
    relay.udp.prepare([NEW, OLD]).commit()
    assert len(relay.ports) == 2
    assert relay.udp._readers[OLD] is reader
    assert is_taken(OLD)


def test_one_that_is_not_to_be_had_is_told_and_nothing_is_left(relay: TurnRelay) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        taken = other.getsockname()
        with pytest.raises(SettingsError) as told:
            relay.udp.prepare([OLD, NEW, taken])
    (error,) = told.value.errors
    assert error.path == "turn.udp"
    assert "the port is taken" in error.text
    assert not is_taken(NEW)
    assert addresses(relay) == [f"turn-udp 127.0.0.1:{OLD[1]}"]


def test_what_was_prepared_may_be_undone(relay: TurnRelay) -> None:
    relay.udp.prepare([NEW]).undo()
    assert (is_taken(OLD), is_taken(NEW)) == (True, False)


def test_at_the_end_those_that_were_left_are_closed_too() -> None:
    made, _ = composed(udp=(OLD,))
    with started(made):
        calls(made, OLD)
        made.udp.prepare([NEW]).commit()
        assert is_taken(OLD)
    assert not is_taken(OLD)

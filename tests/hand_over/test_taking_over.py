"""A daemon takes over, or ends without a trace."""

import socket

import pytest
from twisted.internet.defer import succeed

from procall_mobility.hand_over.taking_over import YOURS_WITHIN, channel_socket, say_failed
from tests.hand_over.play import Play


def test_a_fault_in_taking_over_ends_the_new_one() -> None:
    """Half a daemon must not stay: both end, and the service is started again."""
    stage = Play()
    stage.old.released = succeed(None)
    stage.new.fault = RuntimeError("bug")
    stage.begin()
    stage.make_new()
    stage.turn()
    assert stage.events[-2:] == ["in vain", "broken"]
    assert "broke off" in stage.why()
    stage.close()


def test_a_new_one_ends_when_the_old_one_is_gone() -> None:
    stage = Play()
    stage.begin()
    stage.make_new()
    stage.handing._fail("for a test")
    stage.turn()
    assert stage.events[-1] == "in vain"
    stage.close()


def test_a_new_one_does_not_wait_for_ever() -> None:
    stage = Play()
    stage.begin()
    stage.make_new()
    stage.new.household.reactor.advance(YOURS_WITHIN)
    assert stage.events[-1] == "in vain"
    stage.turn()
    stage.close()


@pytest.mark.parametrize("text", [None, "", "x", "-1", "1234567", "99998", "٣"])
def test_whoever_is_told_nonsense_takes_over_from_nobody(text: str | None) -> None:
    environment = {} if text is None else {"PROCALL_MOBILITY_HAND_OVER": text}
    assert channel_socket(environment) is None
    assert environment == {}


def test_the_channel_is_for_one_process() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    theirs.set_inheritable(True)
    environment = {"PROCALL_MOBILITY_HAND_OVER": str(theirs.detach())}
    with ours:
        taken = channel_socket(environment)
        assert taken is not None and not taken.get_inheritable()
        assert environment == {}
        taken.close()


def test_a_failure_told_to_nobody_is_no_failure_more() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.close()
    with theirs:
        say_failed(theirs, ["x"])

"""Everything is handed over to another daemon, or nothing has changed."""

import os
import socket

import pytest
from twisted.logger import capturedLogs

from procall_mobility import __version__
from procall_mobility.hand_over.handing_over import (
    READY_WITHIN,
    SAID_WITHIN,
    TAKEN_WITHIN,
    HandOverError,
    Stage,
)
from procall_mobility.hand_over.taking_over import say_failed
from procall_mobility.protocols.hand_over import encode
from tests.hand_over.play import Play


def test_everything_is_handed_over() -> None:
    """Nothing is served twice: the new one waits for `yours`, which comes when all is let go."""
    stage = Play()
    with socket.socket() as listening:
        stage.sockets = [("unit", listening), ("unit", listening)]
        stage.begin()
    assert stage.events == ["started with 2"]
    stage.make_new()
    stage.turn()
    assert (stage.handing.stage, stage.new.taken, stage.voice.heard) == (Stage.LETTING_GO, [], [])
    stage.old.released.callback(None)
    assert stage.voice.heard == [f"MAINPID={os.getpid()}"]
    assert not stage.voice.speaks, "from here on systemd hears the other one"
    stage.turn()
    assert stage.new.taken == [["acme"]]
    assert stage.told == [{"pid": os.getpid(), "version": __version__}]
    assert stage.events == ["started with 2", "taken", "given"]
    assert stage.handing.stage is Stage.OVER
    stage.old.tell_successor({"relays": 3})
    stage.turn()
    stage.old.drained.callback(None)
    assert stage.events[-1] == "given", "whoever has asked is answered first"
    stage.later(SAID_WITHIN)
    assert stage.events[-1] == "drained"
    stage.handing._channel.close()
    stage.turn()
    assert stage.new.heard == [{"relays": 3}, None], "the one before has ended"
    stage.close()


def test_all_customers_are_told_however_many_there_are() -> None:
    """They fill more than one message; what is told comes before what it is told for."""
    stage = Play()
    stage.old.customers = [f"customer-{number:05}.example" for number in range(6000)]
    stage.begin()
    stage.make_new()
    stage.turn()
    stage.old.released.callback(None)
    stage.turn()
    assert stage.new.taken == [stage.old.customers]
    assert stage.handing.stage is Stage.OVER
    stage.later(SAID_WITHIN)
    stage.handing._channel.close()
    stage.close()


def test_a_reload_meanwhile_is_done_by_the_new_one_too() -> None:
    """It may have read its settings before they were changed."""
    stage = Play()
    stage.begin()
    stage.handing.reloads_there = True
    stage.old.released.callback(None)
    stage.make_new()
    stage.turn()
    assert stage.events[-3:] == ["taken", "reload", "given"]
    stage.later(SAID_WITHIN)
    stage.handing._channel.close()
    stage.close()


def test_a_daemon_that_is_told_to_end_meanwhile_is_not_replaced() -> None:
    """Whoever ends the service wants no other daemon in its place."""
    stage = Play()
    stage.begin()
    stage.old.is_stopping = True
    stage.make_new()
    stage.turn()
    assert "told to end" in stage.why()
    assert stage.events[-1] == "in vain"
    assert stage.voice.heard == []
    stage.close()


def test_a_fault_at_the_beginning_of_letting_go_is_told_at_once() -> None:
    stage = Play()
    stage.old.fault = RuntimeError("bug")
    stage.begin()
    stage.make_new()
    stage.turn()
    assert "a fault of this daemon" in stage.why()
    assert "broken" in stage.events
    stage.close()


def test_a_fault_after_it_was_given_up_changes_nothing_more() -> None:
    stage = Play()
    stage.begin()
    stage.theirs.send(encode("ready", {"pid": 7}))
    stage.turn()
    stage.later(TAKEN_WITHIN)
    stage.old.released.errback(RuntimeError("bug"))
    assert stage.events.count("broken") == 1
    stage.close()


def test_a_new_one_that_fails_changes_nothing() -> None:
    stage = Play()
    stage.begin()
    say_failed(stage.theirs, ["settings.toml: turn.bad: unknown", "and more"])
    stage.theirs.close()
    with capturedLogs() as logged:
        stage.turn()
    assert stage.why() == "settings.toml: turn.bad: unknown\nand more"
    assert [each["log_format"] for each in logged] == ["not handed over"]
    assert (stage.handing.stage, stage.voice.speaks) == (Stage.IDLE, True)
    assert stage.events == ["started with 0"]
    stage.begin()
    assert stage.events == ["started with 0"] * 2, "it may be tried again"
    stage.close()


def test_a_new_one_that_crashes_changes_nothing() -> None:
    stage = Play()
    stage.begin()
    stage.theirs.close()
    stage.turn()
    assert "broke off" in stage.why()
    assert stage.handing.stage is Stage.IDLE


def test_a_new_one_that_is_never_ready_ends_when_it_is_given_up() -> None:
    stage = Play()
    stage.begin()
    stage.later(READY_WITHIN)
    assert "not ready within 60 s" in stage.why()
    stage.make_new()
    stage.turn()
    assert stage.events[-1] == "in vain"
    stage.close()


@pytest.mark.parametrize("pid", [None, 1, "7", -5])
def test_a_new_one_that_does_not_say_who_it_is_gets_nothing(pid: object) -> None:
    stage = Play()
    stage.begin()
    stage.theirs.send(encode("ready", {"pid": pid}))
    stage.turn()
    assert "which process" in stage.why()
    assert stage.voice.heard == []
    stage.close()


@pytest.mark.parametrize("hands_on", [True, False])
def test_an_end_after_it_was_handed_on_leaves_nobody(hands_on: bool) -> None:
    """Otherwise the one that has served is no more, and the service is about to be started."""
    stage = Play()
    stage.old.released.callback(None)
    stage.begin()
    stage.make_new()
    stage.turn()
    if hands_on:
        stage.taking.hand_on()
    assert not stage.handing.is_left
    stage.taking.close()
    stage.later(SAID_WITHIN)
    assert stage.handing.is_left == (not hands_on)
    stage.close()


def test_words_out_of_turn_do_nothing() -> None:
    stage = Play()
    stage.begin()
    stage.theirs.send(encode("taken", {}))
    stage.turn()
    assert (stage.handing.stage, stage.told) == (Stage.STARTING, [])
    stage.close()


def test_it_is_done_once_at_a_time() -> None:
    stage = Play()
    stage.begin()
    with pytest.raises(HandOverError, match="under way: another daemon is being started"):
        stage.handing.begin()
    stage.close()


def test_a_daemon_that_ends_hands_nothing_over() -> None:
    stage = Play()
    stage.old.is_stopping = True
    with pytest.raises(HandOverError, match="told to end"):
        stage.handing.begin()


def test_a_daemon_that_waits_to_take_over_hands_nothing_over() -> None:
    """A signal may reach all of a service; what it gave to a third would be served twice."""
    stage = Play()
    stage.old.serves = False
    with pytest.raises(HandOverError, match="not taken over itself"):
        stage.handing.begin()
    assert stage.events == []


def test_where_nobody_can_start_another_one_nothing_changes() -> None:
    stage = Play(starts=False)
    with pytest.raises(HandOverError, match="nobody is there"):
        stage.handing.begin()
    assert stage.handing.stage is Stage.IDLE
    assert stage.old.household.reactor.getReaders() == []


def given_away() -> Play:
    stage = Play()
    stage.begin()
    stage.theirs.send(encode("ready", {"pid": 7}))
    stage.turn()
    stage.old.released.callback(None)
    return stage


def test_a_new_one_that_dies_with_everything_has_the_service_started_again() -> None:
    """The old one has closed its queue; whoever looks after the service sees an end in error."""
    stage = given_away()
    stage.theirs.close()
    stage.turn()
    assert "broke off" in stage.why()
    assert stage.events[-1] == "broken"
    assert stage.handing.stage is Stage.OVER


def test_a_new_one_that_does_not_take_it_is_given_up() -> None:
    stage = given_away()
    stage.later(TAKEN_WITHIN)
    assert "did not take over within 30 s" in stage.why()
    assert stage.events[-1] == "broken"
    stage.close()


def test_an_old_one_that_cannot_let_go_gives_up() -> None:
    stage = Play()
    stage.begin()
    stage.theirs.send(encode("ready", {"pid": 7}))
    stage.turn()
    stage.later(TAKEN_WITHIN)
    assert "could not let go" in stage.why()
    stage.old.released.callback(None)
    assert stage.voice.heard == [], "it is too late"
    stage.close()


def test_a_fault_in_letting_go_is_told() -> None:
    stage = Play()
    stage.begin()
    stage.theirs.send(encode("ready", {"pid": 7}))
    stage.turn()
    stage.old.released.errback(RuntimeError("bug"))
    assert "a fault of this daemon" in stage.why()
    stage.close()

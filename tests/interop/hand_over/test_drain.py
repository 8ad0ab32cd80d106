"""SIGTERM while calls are relayed: they may end by themselves, for a while."""

import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.interop.hand_over.relaying import SOON, Relaying
from tests.interop.hand_over.upgrade import CUSTOMERS, ON_STOP, service_in
from tests.interop.turn.stun_codec import UDP, A, Method, parse
from tests.interop.turn.turn_client import Identity, TurnClient

pytestmark = pytest.mark.interop


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Relaying]:
    """A service whose calls may go on for two minutes."""
    with service_in(tmp_path, CUSTOMERS[:1]) as service:
        made = Relaying(service)
        try:
            made.begin()
            yield made
        finally:
            for each in made.begun:
                each.close()


def test_calls_go_on_until_they_end(play: Relaying) -> None:
    """No packet of theirs is lost, and nobody else is taken in (508)."""
    manager, calls = play.service.manager, play.calls
    calls.until_sent(10)
    manager.signals(signal.SIGTERM)
    manager.until_said("STOPPING=1")
    manager.until_said(f"EXTEND_TIMEOUT_USEC={ON_STOP + 30}000000")
    draining = play.status()["draining"]
    assert draining["relays"] == 2
    assert 0 < draining["until"] - time.time() <= ON_STOP
    calls.refresh()
    assert _allocate(play) == 508
    manager.until_said("WATCHDOG=1", after=time.monotonic())
    calls.until_sent(21)
    calls.end()
    calls.hang_up()
    assert play.ended() == 0
    for each in calls.all:
        assert each.out.sent > 20
        assert (each.out.lost, each.back.lost, each.refreshed) == ([], [], 1)
    log = play.service.daemons.log("service")
    assert f'draining seconds={ON_STOP:.1f} text="2 relays' in log
    assert 'text="nothing was left"' in log


def test_a_second_sigterm_waits_for_nothing(play: Relaying) -> None:
    play.service.manager.signals(signal.SIGTERM)
    play.service.manager.until_said("STOPPING=1")
    play.service.manager.signals(signal.SIGTERM)
    assert play.ended() == 0
    assert 'text="cut off: 2 relays"' in play.service.daemons.log("service")


def _allocate(play: Relaying) -> int:
    """Be somebody new; returns the error."""
    talk = TurnClient(Identity.of(play.issued["username"], play.issued["credential"]))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(SOON)
        for _ in range(3):
            request = talk.request(Method.ALLOCATE, (A.REQUESTED_TRANSPORT, UDP))
            sock.sendto(request, ("127.0.0.1", play.service.daemons.turn))
            answer = parse(sock.recv(2000))
            if not talk.challenged(answer):
                return answer.error
    raise AssertionError("challenged without end")


def test_two_hand_overs_leave_three_daemons_with_calls_of_their_own(play: Relaying) -> None:
    """All of them on the same port: each packet finds its own, and each daemon ends by itself."""
    manager, calls, daemons = play.service.manager, [play.calls], [play.service.manager.main]
    for _ in range(2):
        manager.signals(signal.SIGUSR2)
        daemons.append(manager.until_main_is_another_than(daemons[-1]))
        manager.until_said("READY=1", by=daemons[-1])
        calls.append(play.more())
    for each in calls:
        each.until_sent(10)
    assert manager.ended == {}
    assert play.status()["relay"]["allocations"] == 2
    play.service.daemons.until(lambda: play.status()["before"]["relays"] == 2)
    for each in calls:
        each.refresh()
    for daemon, mine in zip(daemons, calls, strict=True):
        mine.end()
        mine.hang_up()
        for each in mine.all:
            assert (each.out.lost, each.back.lost, each.refreshed, each.failed) == ([], [], 1, [])
        mine.close()
        if daemon != daemons[-1]:
            assert manager.until_ended(daemon) == 0


def test_who_drains_does_not_hold_up_the_service_that_has_crashed(play: Relaying) -> None:
    """systemd ends all of it, and waits for that, before it starts another daemon."""
    manager, first = play.service.manager, play.service.manager.main
    manager.signals(signal.SIGUSR2)
    second = manager.until_main_is_another_than(first)
    daemons = play.service.daemons
    daemons.until(lambda: "handed over" in daemons.log("service"))
    manager.signals(signal.SIGKILL)
    manager.until_ended(second)
    play.calls.until_sent(play.calls.all[0].out.sent + 10)
    assert first not in manager.ended, "calls of its own go on until somebody ends the service"
    os.kill(first, signal.SIGTERM)
    assert manager.until_ended(first, SOON) == 0

"""The daemon is replaced while 200 clients talk, 50 calls are relayed, and pushes go out."""

import asyncio
import signal
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.interop.hand_over.upgrade import (
    Load,
    Service,
    arrivals,
    figures,
    load_on,
    service_with_pushes,
)
from tests.interop.push.running import PATIENCE, Running

pytestmark = pytest.mark.interop

BEFORE, AFTER = 2.0, 3.0
"""Seconds of load."""


async def settle(load: Load) -> None:
    """Wait until all are back, and have said something."""
    await asyncio.sleep(AFTER)
    await load.until(lambda: all(each.log_ons > 1 for each in load.clients))
    await load.until(lambda: load.present == len(load.clients))


def all_arrivals(load: Load, providers: Running) -> "Counter[str]":
    """Return what has arrived, when all is there that was accepted; or what is after a while."""
    until = time.monotonic() + PATIENCE
    while load.pushes.accepted - (arrived := arrivals(providers)).keys():
        if time.monotonic() > until:
            break
        time.sleep(0.2)
    return arrived


def judged(load: Load, service: Service) -> str:
    """Say how it went, and see that nothing accepted came to nothing."""
    assert service.providers is not None
    arrived = all_arrivals(load, service.providers)
    told = figures(load, arrived)
    print(f"\n{told}")
    assert load.unanswered == [], told
    assert load.pushes.accepted - arrived.keys() == set(), told
    assert load.pushes.refused == []
    return told


def test_a_restart_by_sigterm_loses_nothing_that_was_accepted(tmp_path: Path) -> None:
    """Calls end with the daemon, all else goes on: what systemd opened is never closed."""

    async def play(service: Service) -> None:
        first = service.starts()
        async with load_on(service, people=40, relays=10) as load:
            await asyncio.sleep(BEFORE)
            assert load.calls is not None
            load.calls.end()
            await asyncio.to_thread(load.calls.hang_up)
            service.manager.signals(signal.SIGTERM)
            assert await asyncio.to_thread(service.manager.until_ended, first) == 0
            await asyncio.to_thread(service.starts)
            await settle(load)
        judged(load, service)
        assert {each.log_ons for each in load.clients} == {2}

    with service_with_pushes(tmp_path) as service:
        asyncio.run(play(service))
        service.manager.until_said("STOPPING=1")


def test_a_hand_over_loses_nothing_and_cuts_no_call(tmp_path: Path) -> None:
    """The old process ends by itself when the last call does; each client logs on once."""

    async def play(service: Service) -> None:
        manager = service.manager
        first = service.starts()
        async with load_on(service, people=200, relays=50) as load:
            await asyncio.sleep(BEFORE)
            assert load.calls is not None
            manager.signals(signal.SIGUSR2)
            second = await asyncio.to_thread(manager.until_main_is_another_than, first)
            await asyncio.to_thread(manager.until_said, "READY=1", by=second)
            await settle(load)
            load.calls.refresh()
            await asyncio.sleep(1.0)
            assert first not in manager.ended, "it relays still"
            load.calls.end()
            await asyncio.to_thread(load.calls.hang_up)
            assert await asyncio.to_thread(manager.until_ended, first) == 0
        told = judged(load, service)
        assert {each.log_ons for each in load.clients} == {2}, told
        assert not any(each.out.lost or each.back.lost for each in load.calls.all), told
        assert all(each.refreshed == 1 and not each.failed for each in load.calls.all), told
        manager.signals(signal.SIGTERM)
        assert await asyncio.to_thread(manager.until_ended, second) == 0

    with service_with_pushes(tmp_path) as service:
        asyncio.run(play(service))

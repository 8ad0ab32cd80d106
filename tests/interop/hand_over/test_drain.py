"""SIGTERM while calls are relayed: they may end by themselves, for a while."""

import asyncio
import json
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field

from tests.daemon import ROOT
from tests.interop.hand_over.relayed import Calls
from tests.interop.hand_over.uc_servers import UcServer
from tests.interop.hand_over.upgrade import CUSTOMERS, PASSWORD, Service, service_in
from tests.interop.turn.stun_codec import UDP, A, Method, parse
from tests.interop.turn.turn_client import Identity, TurnClient

pytestmark = pytest.mark.interop

SOON = 4.0
"""Seconds within which a process ends that waits for nothing, on a busy machine."""


@define(eq=False)
class Relaying:
    """A running service, and two calls over it."""

    service: Service
    issued: dict[str, Any] = field(init=False)
    calls: Calls = field(init=False)

    def begin(self) -> None:
        self.service.starts()
        self.issued = asyncio.run(self._issued())
        where = ("127.0.0.1", self.service.daemons.turn)
        self.calls = Calls.of(2, where, self.issued["username"], self.issued["credential"])
        self.calls.go_on()

    async def _issued(self) -> dict[str, Any]:
        """Be a customer's server for as long as it takes to be issued credentials."""
        daemons = self.service.daemons
        server = UcServer(daemons.link, CUSTOMERS[0], PASSWORD, self.service.dice)
        link = asyncio.create_task(server.runs())
        try:
            while True:
                for each in server.ice_servers:
                    if "credential" in each:
                        return each
                await asyncio.sleep(0.02)
        finally:
            link.cancel()

    def status(self) -> dict[str, Any]:
        """Ask as operators do, from a process of its own."""
        done = subprocess.run(
            self.service.daemons.program("status", "--json"),
            cwd=ROOT, capture_output=True, text=True, check=True,
        )  # fmt: skip
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def ended(self, within: float = SOON) -> int:
        return self.service.manager.until_ended(self.service.manager.main, within)


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Relaying]:
    """A service whose calls may go on for 20 seconds."""
    with service_in(tmp_path, CUSTOMERS[:1]) as service:
        made = Relaying(service)
        made.begin()
        yield made
        made.calls.close()


def test_calls_go_on_until_they_end(play: Relaying) -> None:
    """No packet of theirs is lost, and nobody else is taken in (508)."""
    manager, calls = play.service.manager, play.calls
    time.sleep(0.5)
    manager.signals(signal.SIGTERM)
    manager.until_said("STOPPING=1")
    manager.until_said("EXTEND_TIMEOUT_USEC=50000000")
    draining = play.status()["draining"]
    assert draining["relays"] == 2
    assert 0 < draining["until"] - time.time() <= 20
    calls.refresh()
    assert _allocate(play) == 508
    manager.until_said("WATCHDOG=1", after=time.monotonic())
    calls.end()
    calls.hang_up()
    assert play.ended() == 0
    for each in calls.all:
        assert each.out.sent > 20
        assert (each.out.lost, each.back.lost, each.refreshed) == ([], [], 1)
    log = play.service.daemons.log("service")
    assert 'draining seconds=20.0 text="2 relays' in log
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
        sock.settimeout(5.0)
        for _ in range(3):
            request = talk.request(Method.ALLOCATE, (A.REQUESTED_TRANSPORT, UDP))
            sock.sendto(request, ("127.0.0.1", play.service.daemons.turn))
            answer = parse(sock.recv(2000))
            if not talk.challenged(answer):
                return answer.error
    raise AssertionError("challenged without end")

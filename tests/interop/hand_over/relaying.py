"""A service that relays calls, and nothing else."""

import asyncio
import json
import subprocess
from typing import Any

from attrs import define, field

from tests.daemon import ROOT
from tests.interop.hand_over.relayed import Calls
from tests.interop.hand_over.uc_servers import UcServer
from tests.interop.hand_over.upgrade import CUSTOMERS, PASSWORD, Service

SOON = 60.0
"""Seconds within which a process ends that waits for nothing, on a busy machine; one that waits
for calls takes `ON_STOP` of them, or ten minutes after a hand-over."""


@define(eq=False)
class Relaying:
    """A running service, and two calls over it."""

    service: Service
    issued: dict[str, Any] = field(init=False)
    calls: Calls = field(init=False)
    begun: list[Calls] = field(factory=list)
    """All that were begun; what keeps them going would outlast a test that fails."""

    def begin(self) -> None:
        self.service.starts()
        self.issued = asyncio.run(self._issued())
        self.calls = self.more()

    def more(self) -> Calls:
        """Let two more calls begin."""
        where = ("127.0.0.1", self.service.daemons.turn)
        calls = Calls.of(2, where, self.issued["username"], self.issued["credential"])
        self.begun.append(calls)
        calls.go_on()
        return calls

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

"""Customers' servers: the demo's office behind links that come back by themselves.

They remember which calls of clients they have got, so that a client whose call is unanswered can
be told whether it was accepted.
"""

import asyncio
import contextlib
import os
import random
import time
from collections.abc import Callable
from typing import Any

from attrs import define, field

from examples.uc_demo.server.office import Office
from examples.uc_demo.server.uplink import Uplink
from procall_mobility.protocols.rose.form import Form

FIRST_WAIT = 0.5
"""Seconds below which a server that has lost its link dials again, as the demo's does."""


@define(eq=False)
class UcServer:
    """One customer's server."""

    port: int
    ucsid: str
    password: str
    dice: random.Random
    got: set[str] = field(factory=set)
    """What clients' calls have said that came here."""
    links: list[float] = field(factory=list)
    """When it was let in."""
    lost: list[float] = field(factory=list)
    office: Office = field(init=False)
    _uplink: Uplink | None = field(default=None, init=False)
    _registered: asyncio.Event = field(factory=asyncio.Event, init=False)

    def __attrs_post_init__(self) -> None:
        self.office = Office(os.urandom, time.time, self._tell, None, self._later)
        invoked = self.office.invoked

        def noted(operation: str | None, session: str, argument: Any, now: float) -> Any:
            if isinstance(argument, dict) and "u8sEventCrossRefID" in argument:
                self.got.add(argument["u8sEventCrossRefID"])
            return invoked(operation, session, argument, now)

        self.office.invoked = noted  # type: ignore[method-assign]

    @property
    def ice_servers(self) -> list[dict[str, Any]]:
        """What it was issued for its clients."""
        found: list[dict[str, Any]] = self.office._ice.get("iceServers", [])
        return found

    async def runs(self) -> None:
        """Keep a link up."""
        while True:
            with contextlib.suppress(OSError):
                await self._link()
            if self._registered.is_set():
                self.lost.append(time.monotonic())
            self._registered.clear()
            self._uplink = None
            self.office.link_lost()
            await asyncio.sleep(self.dice.random() * FIRST_WAIT)

    async def is_linked(self) -> None:
        await self._registered.wait()

    async def _link(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            self._uplink = Uplink(
                self.office, Form.JSON_HEADER, writer.write, self._news, time.monotonic
            )
            self._uplink.register(self.ucsid, self.password)
            while data := await reader.read(65_536):
                self._uplink.hears(data)
        finally:
            writer.close()

    def _news(self, what: str, details: Any) -> None:
        assert what == "registered", (what, details)
        self.links.append(time.monotonic())
        self._registered.set()

    def _tell(self, session_id: str, operation: str, argument: dict[str, Any]) -> None:
        if self._uplink is not None:
            self._uplink.tell(session_id, operation, argument)

    def _later(self, wait: float, act: Callable[[], None]) -> None:
        asyncio.get_running_loop().call_later(wait, act)

"""Clients as the published ones behave: on any close they look up, log on and upgrade anew.

They never take a session up again (Wire 3), and try each second until it works.
"""

import asyncio
import base64
import json
import random
import time
from collections import Counter
from typing import Any

import aiohttp
from attrs import define, field

from examples.uc_demo.server.directory import DOMAIN

ANSWERED_WITHIN = 60.0
TRY_AGAIN_AFTER = 1.0


def basic(user: str, password: str) -> str:
    """Return what shows who asks."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@define(eq=False)
class Client:
    """One client, which sends messages to its colleagues without end."""

    origin: str
    customer: str
    user: str
    colleague: str
    name: str
    listens: bool
    """Whether it hears what is said to its user; all do who log on as that one."""
    dice: random.Random
    log_ons: int = 0
    """Sessions it was given."""
    refused: "Counter[str]" = field(factory=Counter)
    """What it has asked for in vain, by step and status."""
    closed: "Counter[int]" = field(factory=Counter)
    """Sockets that were closed for it, by code."""
    answered: int = 0
    rejected: list[str] = field(factory=list)
    """Calls that were answered by a reject."""
    unanswered: list[str] = field(factory=list)
    events: int = 0
    is_present: bool = False
    """Whether it has a session that has answered it."""
    away: list[float] = field(factory=list)
    """Seconds from the end of each session until the next one has answered."""
    longest: float = 0.0
    """Seconds between two answers, at most; it asks every 2.5 s on average."""
    _gone: float = 0.0
    _last: float = 0.0
    _number: int = 0

    async def runs(self, talks: asyncio.Event, ends: asyncio.Event) -> None:
        """Be there, talk when it is time to, and go when it is the end."""
        timeout = aiohttp.ClientTimeout(total=ANSWERED_WITHIN)
        # A connection for each request, as the published clients' own pools are no help here.
        connector = aiohttp.TCPConnector(force_close=True)
        async with aiohttp.ClientSession(timeout=timeout, connector=connector) as http:
            while not ends.is_set():
                try:
                    await self._lives(http, talks, ends)
                except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
                    self.refused[type(error).__name__] += 1
                if not ends.is_set():
                    await asyncio.sleep(TRY_AGAIN_AFTER)

    async def _lives(
        self, http: aiohttp.ClientSession, talks: asyncio.Event, ends: asyncio.Event
    ) -> None:
        where = f"{self.origin}/controller/client/ucws?ucsid={self.customer}"
        async with http.get(where) as answer:
            if answer.status != 200:
                self.refused[f"look-up {answer.status}"] += 1
                return
            origin = (await answer.json(content_type=None))["redirect"]
        async with http.post(
            f"{origin}/ws/client/createsession?clientappid=15",
            json={"negotiate": {"iClientProtocolVersion": 70, "optionalParams": {}}},
            headers={"X-UCSID": self.customer, "Authorization": basic(self.user, self.user)},
        ) as answer:
            if answer.status != 200:
                self.refused[f"log-on {answer.status}"] += 1
                return
            session = (await answer.json(content_type=None))["sessionid"]
        socket = f"{origin}/ws/client/websocket/?x-ucsessionid={session}"
        async with http.ws_connect(socket, autoping=True, max_msg_size=0) as line:
            self.log_ons += 1
            await self._talks(line, talks, ends)
            self.is_present, self._gone = False, time.monotonic()
            if ends.is_set():
                await line.close()
                return
            self.closed[line.close_code or 0] += 1

    async def _talks(
        self, line: aiohttp.ClientWebSocketResponse, talks: asyncio.Event, ends: asyncio.Event
    ) -> None:
        listens = {"bReceiveChatEvents": self.listens}
        if not await self._call(line, "asnChatSubscribeEvents", listens):
            return
        self.is_present = True
        if self._gone:
            self.away.append(time.monotonic() - self._gone)
        while not ends.is_set():
            if not talks.is_set():
                # Somebody has to read, or close frames would wait.
                await self._hear(line, 0.2)
                continue
            said = f"{self.name}-{self._number}"
            argument = {
                "u8sRecipientURIs": [f"sip:{self.colleague}@{DOMAIN}"],
                "u8sMessage": said,
                "u8sEventCrossRefID": said,
            }
            if not await self._call(line, "asnChatTextMessage", argument, said):
                return
            until = time.monotonic() + self.dice.uniform(1.0, 4.0)
            while (left := until - time.monotonic()) > 0:
                if await self._hear(line, left) is None and line.closed:
                    return

    async def _call(
        self,
        line: aiohttp.ClientWebSocketResponse,
        operation: str,
        argument: dict[str, Any],
        said: str = "",
    ) -> bool:
        """Call, and wait for the answer; False when the socket was closed."""
        self._number += 1
        number = self._number
        invoke = {"invokeID": number, "operationID": 0, "operationName": operation}
        try:
            await line.send_str(json.dumps({"invoke": {**invoke, "argument": argument}}))
        except (aiohttp.ClientError, ConnectionError):
            self.unanswered.append(said)
            return False
        until = time.monotonic() + ANSWERED_WITHIN
        while (left := until - time.monotonic()) > 0 and not line.closed:
            heard = await self._hear(line, left)
            if heard is None:
                continue
            if heard.get("result", {}).get("invokeID") == number:
                self._notes_answer()
                return True
            if "reject" in heard or "error" in heard:
                self.rejected.append(said)
                return not line.closed
        self.unanswered.append(said)
        return False

    async def _hear(
        self, line: aiohttp.ClientWebSocketResponse, within: float
    ) -> dict[str, Any] | None:
        """Return an answer; None when there was none, or an event."""
        try:
            message = await line.receive(timeout=within)
        except TimeoutError:
            return None
        if message.type is not aiohttp.WSMsgType.TEXT:
            return None
        (told,) = json.loads(message.data)
        if "invoke" in told:
            self.events += 1
            return None
        only: dict[str, Any] = told
        return only

    def _notes_answer(self) -> None:
        now = time.monotonic()
        self.answered += 1
        if self._last and now - self._last > self.longest:
            self.longest = now - self._last
        self._last = now

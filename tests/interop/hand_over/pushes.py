"""A customer's server that posts pushes at a steady pace, and remembers what it was promised."""

import asyncio
import random
import uuid
from typing import Any

import aiohttp
from attrs import define, field

from tests.interop.hand_over.clients import basic

EVERY = 0.05
"""Seconds between two requests."""


@define(eq=False)
class PushSender:
    """Posts chats and calls, one or several at a time."""

    url: str
    customer: str
    password: str
    destinations: tuple[tuple[str, str], ...]
    """Channels, and a token of each."""
    dice: random.Random
    accepted: set[str] = field(factory=set)
    """Promised: whatever happens, they arrive."""
    doubtful: set[str] = field(factory=set)
    """Of requests whose answer was lost."""
    told_to_wait: int = 0
    """Requests that were answered by 503."""
    refused: list[Any] = field(factory=list)

    async def runs(self, ends: asyncio.Event) -> None:
        shown = {"Authorization": basic(self.customer, self.password)}
        timeout = aiohttp.ClientTimeout(total=60)
        async with aiohttp.ClientSession(headers=shown, timeout=timeout) as http:
            while not ends.is_set():
                messages = [self._message() for _ in range(self.dice.choice((1, 1, 1, 5)))]
                await self._post(http, messages)
                await asyncio.sleep(EVERY)

    async def _post(self, http: aiohttp.ClientSession, messages: list[dict[str, Any]]) -> None:
        ids = {each["id"] for each in messages}
        body = {"ucsid": self.customer, "messages": messages}
        self.doubtful |= ids
        try:
            async with http.post(f"{self.url}/push/v1/messages", json=body) as answer:
                told = await answer.json(content_type=None)
                status = answer.status
        except (aiohttp.ClientError, TimeoutError):
            return
        self.doubtful -= ids
        if status == 503:
            self.told_to_wait += 1
            return
        for each in told.get("results", [told]):
            if status == 202 and each["status"] in ("queued", "sent"):
                self.accepted.add(each["id"])
            elif each.get("reason") == "stopping":
                self.told_to_wait += 1
            else:
                self.refused.append(each)

    def _message(self) -> dict[str, Any]:
        channel, token = self.dice.choice(self.destinations)
        return {
            "id": str(uuid.UUID(int=self.dice.getrandbits(128), version=4)),
            "channel": channel,
            "token": token,
            "kind": self.dice.choice(("avnewcall", "chat", "chat")),
            "payload": {"data": "c2VhbGVk"},
        }

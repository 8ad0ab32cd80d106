"""Load for push gateways: customers' servers that post messages on connections they keep.

Lean on purpose: HTTP/1.1 in a few lines, with requests made before they are sent, so that it is
not what is measured.
"""

import asyncio
import base64
import itertools
import json
import math
import os
import random
import time
import uuid
from collections.abc import Sequence
from typing import Any

UCSID, PASSWORD = "bench", "bench-bench-bench-bench"
CHANNEL = "bench.softphone"
CONTENT = {"enc": "aes128", "data": "QUJD" * 100}
"""As long as what a phone needs to show who calls, sealed."""
PATH = "/push/v1/messages"
SHOWN = f"Basic {base64.b64encode(f'{UCSID}:{PASSWORD}'.encode()).decode()}"
"""What is in the field Authorization."""
HEAD = (
    f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    f"Authorization: {SHOWN}\r\nContent-Length: "
)
LINES = 64
"""Connections for calls; a server that answers within 60 ms gets 1,000 a second on them."""
PATIENCE = 60.0
"""Seconds an answer may take."""


class Refused(Exception):
    """A server does not take what it is to be measured with."""


def message(kind: str = "chat") -> dict[str, Any]:
    """Return a message to a device nobody else has."""
    return {
        "id": str(uuid.uuid4()),
        "channel": CHANNEL,
        "token": os.urandom(32).hex(),
        "kind": kind,
        "payload": CONTENT,
    }


def request(messages: Sequence[dict[str, Any]]) -> bytes:
    """Return the octets that post messages."""
    body = json.dumps({"messages": messages}).encode()
    return f"{HEAD}{len(body)}\r\n\r\n".encode() + body


def requests(count: int, size: int) -> list[bytes]:
    """Return as many requests as it takes to send `count` messages, `size` in each."""
    return [
        request([message() for _ in range(min(size, count - first))])
        for first in range(0, count, size)
    ]


class Line(asyncio.Protocol):
    """A connection, on which one request is under way at a time."""

    def __init__(self) -> None:
        self._heard = b""
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[bytes] | None = None

    @classmethod
    async def connect(cls, port: int) -> "Line":
        """Connect to a server on this machine."""
        loop = asyncio.get_running_loop()
        _, line = await loop.create_connection(cls, "127.0.0.1", port)
        return line

    def ask(self, octets: bytes) -> "asyncio.Future[bytes]":
        """Send a request; the future is of the body of its answer."""
        assert self._transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(octets)
        return self._answer

    def close(self) -> None:
        """Hang up."""
        self._answer = None
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """See whether an answer is whole."""
        self._heard += data
        head, found, rest = self._heard.partition(b"\r\n\r\n")
        if not found:
            return
        lines = head.lower()
        length = int(lines.partition(b"content-length:")[2].partition(b"\r\n")[0])
        if len(rest) < length:
            return
        self._heard = b""
        if self._answer is not None and not self._answer.done():
            if lines.startswith((b"http/1.1 202", b"http/1.1 200")):
                self._answer.set_result(rest)
            else:
                self._answer.set_exception(Refused((head + rest).decode("latin-1")[:500]))

    def connection_lost(self, exc: Exception | None) -> None:
        """Give up what is under way."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(Refused(f"hung up: {exc}"))


async def closed_loop(port: int, asked: Sequence[bytes], in_flight: int) -> None:
    """Post all requests, so many of them at a time; each waits for its answer."""
    lines = [await Line.connect(port) for _ in range(in_flight)]
    left = iter(asked)

    async def one(line: Line) -> None:
        for octets in left:
            await asyncio.wait_for(line.ask(octets), PATIENCE)

    await asyncio.gather(*(one(line) for line in lines))
    for line in lines:
        line.close()


def moments(rate: float, seconds: float, seed: int) -> list[float]:
    """Return when calls come: whenever they like, so many a second on average."""
    dice = random.Random(seed)
    gaps = (dice.expovariate(rate) for _ in itertools.count())
    return list(itertools.takewhile(lambda at: at < seconds, itertools.accumulate(gaps)))


async def open_loop(port: int, rate: float, seconds: float, seed: int) -> dict[str, float]:
    """Post calls at their time, whatever became of those before; return when each was due.

    The times are of the machine's monotonic clock.  A call that is sent late, as all lines wait
    for answers or as we were held up, was due all the same: nothing makes a slow server look
    better.
    """
    calls = [message("avnewcall") for _ in moments(rate, seconds, seed)]
    asked = [request([call]) for call in calls]
    idle = asyncio.Queue[Line]()
    for _ in range(LINES):
        idle.put_nowait(await Line.connect(port))
    due: dict[str, float] = {}
    posted: list[asyncio.Task[None]] = []

    async def post(octets: bytes) -> None:
        line = await idle.get()
        await asyncio.wait_for(line.ask(octets), PATIENCE)
        idle.put_nowait(line)

    begin = time.monotonic() + 0.05
    for at, call, octets in zip(moments(rate, seconds, seed), calls, asked, strict=True):
        due[call["id"]] = begin + at
        wait = begin + at - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        posted.append(asyncio.create_task(post(octets)))
    await asyncio.gather(*posted)
    for _ in range(LINES):
        idle.get_nowait().close()
    return due


def percentile(values: Sequence[float], at: float) -> float:
    """Return the smallest value that a share `at` of all does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * at) - 1)]

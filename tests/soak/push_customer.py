"""A customer's server that posts pushes without end, and remembers what it was promised."""

import base64
import http.client
import json
import random
import threading
import uuid
from collections.abc import Iterable
from typing import Any

from attrs import define, field

IN_DOUBT = (OSError, http.client.HTTPException, json.JSONDecodeError)
"""What a request ends with whose answer was lost, or never came to be."""


@define
class PushCustomer:
    """Posts from a thread of its own, in batches and one by one, calls and chats."""

    port: int
    password: str
    destinations: Iterable[tuple[str, str]]
    """Channels, and a token of each."""
    dice: random.Random
    accepted: set[str] = field(factory=set)
    """Promised: whatever happens, they arrive."""
    doubtful: set[str] = field(factory=set)
    """Of requests whose answer was lost."""
    contents: dict[str, str] = field(factory=dict)
    """By content, which no two pushes share: the id of the push."""
    calls: set[str] = field(factory=set)
    """Those that are worth nothing any more after half a minute."""
    refused: list[Any] = field(factory=list)
    _ends: threading.Event = field(factory=threading.Event, init=False)
    _thread: threading.Thread = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._thread = threading.Thread(target=self._work)

    def __enter__(self) -> "PushCustomer":
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._ends.set()
        self._thread.join()

    def became(self, push: str) -> str | None:
        """Ask what became of a push; None of one that nobody knows."""
        line = self._line()
        line.request("GET", f"/push/v1/messages/{push}", headers=self._headers())
        answer = line.getresponse()
        told = json.load(answer)
        return None if answer.status == 404 else str(told["status"])

    def _work(self) -> None:
        while not self._ends.wait(0.001):
            try:
                line = self._line()
                while not self._ends.is_set():
                    self._post(line)
            except IN_DOUBT:
                self._ends.wait(0.02)  # It is down, or has just died.

    def _post(self, line: http.client.HTTPConnection) -> None:
        messages = [self._message() for _ in range(self.dice.choice((1, 1, 1, 5, 40)))]
        ids = {each["id"] for each in messages}
        body = json.dumps({"ucsid": "acme", "messages": messages})
        line.connect() if line.sock is None else None
        self.doubtful |= ids
        line.request("POST", "/push/v1/messages", body, self._headers())
        answer = line.getresponse()
        told = json.load(answer)
        self.doubtful -= ids
        for each in told.get("results", [told]):
            if answer.status == 202 and each["status"] in ("queued", "sent"):
                self.accepted.add(each["id"])
            elif answer.status != 503:  # It was about to end.
                self.refused.append(each)

    def _message(self) -> dict[str, Any]:
        channel, token = self.dice.choice(tuple(self.destinations))
        content = base64.b64encode(self.dice.randbytes(24)).decode()
        message = {
            "id": str(uuid.UUID(int=self.dice.getrandbits(128), version=4)),
            "channel": channel,
            "token": token,
            "kind": self.dice.choice(("avnewcall", "chat", "chat")),
            "payload": {"data": content},
        }
        self.contents[content] = message["id"]
        if message["kind"] == "avnewcall":
            self.calls.add(message["id"])
        return message

    def _line(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def _headers(self) -> dict[str, str]:
        shown = base64.b64encode(f"acme:{self.password}".encode()).decode()
        return {"authorization": f"Basic {shown}", "content-type": "application/json"}

"""Posts pushes to the gateway, and hears which phones are gone (Wire 7.3)."""

import base64
import json
from collections.abc import Callable
from io import BytesIO
from typing import Any

from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.web.client import Agent, FileBodyProducer, HTTPConnectionPool, readBody
from twisted.web.http_headers import Headers

from examples.uc_demo.server.pushes import Message

CONNECTED_WITHIN = 5.0
HEARD_WITHIN = 2
"""Seconds the gateway may wait for how the pushes end, before it answers."""
TRY_AGAIN = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds until a post that was not answered is made again: a phone still rings then."""
LOOK_AFTER = 10.0
"""Seconds until a push that was only accepted will have told about its token."""
LATER = (429, 503)
"""Answers that are worth another try."""


@define(eq=False, kw_only=True)
class PushPost:
    """The way to one gateway."""

    reactor: Any
    url: str
    """With the version, and a slash at its end."""
    ucsid: str
    password: str = field(repr=False)
    wall_clock: Callable[[], float]
    token_gone: Callable[[str, float], None]
    """Is told a dead token, and since when it is known to be, in Unix seconds."""
    say: Callable[[str], None]
    agent: Any = None
    _seen: int = 0
    """The last dead token that was told."""

    def __attrs_post_init__(self) -> None:
        if self.agent is None:
            pool = HTTPConnectionPool(self.reactor)
            self.agent = Agent(self.reactor, connectTimeout=CONNECTED_WITHIN, pool=pool)

    def post(self, messages: list[Message], tries: int = 0) -> None:
        """Post messages; the gateway knows those again that it has had, by their ids."""
        body = json.dumps({"ucsid": self.ucsid, "messages": messages}).encode()
        asked = self._ask(b"POST", "messages", body)

        def heard(answer: tuple[int, Any]) -> None:
            status, told = answer
            if status in LATER:
                raise ConnectionError(f"the gateway answers {status}")
            self._heard(messages, told.get("results", []))
            if status != 202:  # Accepted.
                self.say(f"pushes are refused: {status} {_why(told)}")

        def failed(failure: Any) -> None:
            if tries >= len(TRY_AGAIN):
                self.say(f"a push was not taken: {failure.getErrorMessage()}")
            else:
                self.reactor.callLater(TRY_AGAIN[tries], self.post, messages, tries + 1)

        asked.addCallback(heard).addErrback(failed)

    def look(self) -> None:
        """Ask which tokens were found dead since the last time."""
        asked = self._ask(b"GET", f"feedback?after={self._seen}")

        def heard(answer: tuple[int, Any]) -> None:
            status, told = answer
            if status == 200:
                self._seen = told["last"]
                for dead in told["feedback"]:
                    self.token_gone(dead["token"], dead["at"])

        # Whoever was not heard is asked again after the next push.
        asked.addCallback(heard).addErrback(lambda _: None)

    def _heard(self, messages: list[Message], results: list[Any]) -> None:
        token_of = {each["id"]: each["token"] for each in messages}
        for result in results:
            is_gone = result["status"] == "token_gone" or result.get("reason") == "token-dead"
            if is_gone and result["id"] in token_of:
                self.token_gone(token_of[result["id"]], self.wall_clock())
        if any(result["status"] == "queued" for result in results):
            self.reactor.callLater(LOOK_AFTER, self.look)

    def _ask(self, method: bytes, path: str, body: bytes | None = None) -> "Deferred[Any]":
        shown = base64.b64encode(f"{self.ucsid}:{self.password}".encode()).decode()
        headers = {"authorization": [f"Basic {shown}"], "prefer": [f"wait={HEARD_WITHIN}"]}
        if body is not None:
            headers["content-type"] = ["application/json"]
        producer = FileBodyProducer(BytesIO(body)) if body is not None else None
        url = f"{self.url}{path}".encode()
        asked: Deferred[Any] = self.agent.request(method, url, Headers(headers), producer)

        def begun(response: Any) -> Any:
            return readBody(response).addCallback(lambda read: (response.code, json.loads(read)))

        return asked.addCallback(begun)


def _why(told: Any) -> str:
    results = told.get("results") or [told]
    return str(results[0].get("text") or results[0].get("reason") or "")

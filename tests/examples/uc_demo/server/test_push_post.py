"""Posting pushes to the gateway: what is asked, and what is made of the answers."""

import base64
import json
from typing import Any

import pytest
from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionRefusedError as Refused
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.web.client import ResponseDone

from examples.uc_demo.server.push_post import LOOK_AFTER, TRY_AGAIN, PushPost

CALL = {"id": "1", "token": "t0ken", "kind": "avnewcall"}
CHAT = {"id": "2", "token": "t1ken", "kind": "chat"}


class Response:
    """What twisted.web gives of an answer, all there at once."""

    def __init__(self, code: int, told: Any) -> None:
        self.code, self.phrase = code, b""
        self._body = json.dumps(told).encode()

    def deliverBody(self, protocol: Any) -> None:
        protocol.dataReceived(self._body)
        protocol.connectionLost(Failure(ResponseDone()))


@define(eq=False)
class Gateway:
    """The other end: notes what is asked, and answers in the order it is told to."""

    answers: list[Any] = field(factory=list)
    asked: list[tuple[str, str, Any, Any]] = field(factory=list)

    def request(self, method: bytes, url: bytes, headers: Any, producer: Any) -> "Deferred[Any]":
        body = json.loads(producer._inputFile.read()) if producer is not None else None
        self.asked.append((method.decode(), url.decode(), headers, body))
        answer = self.answers.pop(0)
        asked: Deferred[Any] = Deferred()
        if isinstance(answer, Exception):
            asked.errback(answer)
        else:
            asked.callback(Response(*answer))
        return asked


@define(eq=False)
class Office:
    """A post with its gateway."""

    gateway: Gateway = field(factory=Gateway)
    clock: Clock = field(factory=Clock)
    gone: list[tuple[str, float]] = field(factory=list)
    said: list[str] = field(factory=list)
    post: PushPost = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.post = PushPost(
            reactor=self.clock, url="http://gateway.example/push/v1/", ucsid="demo",
            password="secret", wall_clock=lambda: 1000.0, agent=self.gateway,
            token_gone=lambda token, at: self.gone.append((token, at)), say=self.said.append,
        )  # fmt: skip

    def posts(self, *messages: dict[str, Any], answers: list[Any]) -> None:
        self.gateway.answers += answers
        self.post.post(list(messages))


def results(*told: dict[str, Any], status: int = 202) -> tuple[int, Any]:
    return status, {"results": list(told)}


@pytest.fixture
def office() -> Office:
    return Office()


def test_messages_are_posted_with_the_servers_password(office: Office) -> None:
    """Wire 7.3."""
    office.posts(CALL, answers=[results({"id": "1", "status": "sent"})])
    ((method, url, headers, body),) = office.gateway.asked
    assert (method, url) == ("POST", "http://gateway.example/push/v1/messages")
    assert body == {"ucsid": "demo", "messages": [CALL]}
    (shown,) = headers.getRawHeaders("authorization")
    assert base64.b64decode(shown.removeprefix("Basic ")) == b"demo:secret"
    assert headers.getRawHeaders("prefer") == ["wait=2"]
    assert (office.gone, office.said, office.clock.getDelayedCalls()) == ([], [], [])


def test_a_token_that_is_gone_is_told(office: Office) -> None:
    """Found dead just now, or known to be dead."""
    told = [{"id": "1", "status": "token_gone"},
            {"id": "2", "status": "rejected", "reason": "token-dead"}]  # fmt: skip
    office.posts(CALL, CHAT, answers=[results(*told)])
    assert office.gone == [("t0ken", 1000.0), ("t1ken", 1000.0)]


def test_a_push_under_way_is_asked_after(office: Office) -> None:
    """Its token may be found dead later; each one is told once."""
    dead = {"token": "t1ken", "at": 900, "number": 7}
    office.posts(CHAT, answers=[results({"id": "2", "status": "queued"})])
    office.gateway.answers += [(200, {"feedback": [dead], "last": 7})]
    office.clock.advance(LOOK_AFTER)
    assert office.gone == [("t1ken", 900)]
    office.gateway.answers += [(200, {"feedback": [], "last": 7}), (500, {}), Refused()]
    for _ in range(3):
        office.post.look()
    places = [url.rpartition("/")[2] for method, url, *_ in office.gateway.asked[1:]]
    assert places == ["feedback?after=0", *["feedback?after=7"] * 3]
    assert len(office.gone) == 1


@pytest.mark.parametrize("answer", [Refused(), (503, {"error": "stopping"}), (429, {})])
def test_what_was_not_taken_is_posted_again_with_the_same_ids(office: Office, answer: Any) -> None:
    office.posts(CALL, answers=[answer, results({"id": "1", "status": "sent"})])
    office.clock.advance(TRY_AGAIN[0])
    first, second = (body for *_, body in office.gateway.asked)
    assert first == second
    assert (office.said, office.clock.getDelayedCalls()) == ([], [])


def test_a_gateway_that_stays_away_is_told_of(office: Office) -> None:
    office.posts(CALL, answers=[Refused()] * (len(TRY_AGAIN) + 1))
    for wait in TRY_AGAIN:
        office.clock.advance(wait)
    assert len(office.gateway.asked) == len(TRY_AGAIN) + 1
    (said,) = office.said
    assert "not taken" in said
    assert "t0ken" not in said


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (results({"id": "1", "status": "rejected", "text": "too long"}, status=413), "too long"),
        ((401, {"error": "password", "text": "who are you"}), "who are you"),
        ((404, {"error": "not-found"}), "404"),
    ],
)
def test_what_is_refused_is_said(office: Office, answer: Any, why: str) -> None:
    office.posts(CALL, answers=[answer])
    (said,) = office.said
    assert why in said
    assert office.clock.getDelayedCalls() == []


def test_the_password_is_not_shown_with_the_post(office: Office) -> None:
    assert "secret" not in repr(office.post)

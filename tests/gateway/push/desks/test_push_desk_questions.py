"""`/push/v1/...`: what a customer may ask about its pushes, and who may ask (Wire 7.3)."""

from typing import Any

import pytest

from procall_mobility.gateway.push.trace import Stage
from procall_mobility.protocols.push.outcomes import Delivered, TokenDead
from tests.gateway.push.desks.push_desk_house import CHAT, ID, LANE, OTHER, TOKEN, Desk, members
from tests.gateway.push.fakes import push


def test_what_has_become_of_a_push_can_be_asked() -> None:
    desk = Desk()
    desk.posts(CHAT)
    assert members(desk.answers("GET", f"/push/v1/messages/{ID.upper()}"))["status"] == "queued"
    desk.pipeline.answered(LANE, ID, Delivered(), desk.now)
    answer = desk.answers("GET", f"/push/v1/messages/{ID}/")
    assert (answer.status, members(answer)) == (200, {"id": ID, "status": "sent"})
    assert desk.answers("GET", f"/push/v1/messages/{OTHER}").status == 404


def test_the_way_of_a_call_can_be_asked_by_its_customer_alone() -> None:
    desk = Desk()
    desk.posts({**CHAT, "kind": "avnewcall"}, {**CHAT, "id": OTHER})
    answer = desk.answers("GET", f"/push/v1/messages/{ID.upper()}/trace/")
    told = members(answer)
    assert (answer.status, told["id"], told["device"]) == (200, ID, "device of acme")
    assert [step["step"] for step in told["steps"]] == ["accepted", "handed_over", "durable"]
    assert told["steps"][1]["provider"] == "apns"
    assert TOKEN not in answer.body.decode()
    chat = desk.answers("GET", f"/push/v1/messages/{OTHER}/trace")
    assert (chat.status, members(chat)["error"]) == (404, "no-trace")
    strange = push(7, customer="globex")
    desk.pipeline.traces.begin(strange, b"device", 0.0, Stage.ACCEPTED)
    assert desk.answers("GET", f"/push/v1/messages/{strange.id}/trace").status == 404


def test_whether_pushes_go_through_can_be_asked() -> None:
    desk = Desk()

    def check(channel: str) -> dict[str, Any]:
        return members(desk.answers("GET", "/push/v1/check", b"", (("channel", channel),)))

    assert check("ios.example") == {"ok": True}
    assert check("nowhere")["ok"] is False
    desk.pipeline.credential_failed(LANE, "InvalidProviderToken", desk.now)
    assert check("ios.example") == {"ok": False, "error": "InvalidProviderToken"}


def test_dead_tokens_are_told_until_they_were_seen() -> None:
    desk = Desk()
    assert members(desk.answers("GET", "/push/v1/feedback")) == {"feedback": [], "last": 0}
    desk.posts(CHAT)
    desk.pipeline.answered(LANE, ID, TokenDead(reason="Unregistered"), desk.now)
    told = members(desk.answers("GET", "/push/v1/feedback"))
    (dead,) = told["feedback"]
    assert (dead["channel"], dead["token"], dead["reason"]) == (
        "ios.example",
        TOKEN,
        "Unregistered",
    )
    seen = desk.answers("GET", "/push/v1/feedback", b"", (("after", str(told["last"])),))
    assert members(seen) == {"feedback": [], "last": told["last"]}
    assert desk.answers("GET", "/push/v1/feedback", b"", (("after", "x"),)).status == 400


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/push/v1/messages", 405),
        ("POST", f"/push/v1/messages/{ID}", 405),
        ("POST", "/push/v1/check", 405),
        ("DELETE", "/push/v1/feedback", 405),
        ("GET", "/push/v1/messages/x", 404),
        ("GET", "/push/v1/", 404),
    ],
)
def test_other_places_and_methods_are_none(method: str, path: str, status: int) -> None:
    answer = Desk().answers(method, path)
    assert answer.status == status
    assert bool(answer.header("allow")) is (status == 405)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/push/v1/messages"),
        ("GET", f"/push/v1/messages/{ID}"),
        ("GET", "/push/v1/check"),
        ("GET", "/push/v1/feedback"),
    ],
)
def test_nobody_is_told_anything_without_the_password(method: str, path: str) -> None:
    desk = Desk()
    desk.posts(CHAT)
    assert desk.answers(method, path, authorization="").status == 401

"""`/push/v1/...`: what a customer's server has to say, and what it is told (Wire 7.3)."""

import base64
import itertools
import json
from typing import Any

import pytest
from attrs import define, evolve, field

from procall_mobility.gateway.back_off import BackOff, BackOffRules
from procall_mobility.gateway.customer_door import CustomerDoor
from procall_mobility.gateway.push_apps import PushApps
from procall_mobility.gateway.push_desk import PushDesk
from procall_mobility.gateway.push_orders import PushOrders
from procall_mobility.gateway.push_outputs import SendPush
from procall_mobility.gateway.push_pipeline import PushPipeline
from procall_mobility.gateway.push_providers.credentials import held
from procall_mobility.gateway.push_quota import PushShare
from procall_mobility.gateway.push_registrations import Provider, Registration
from procall_mobility.gateway.push_routes import Nobody
from procall_mobility.gateway.push_rules import PushPorts, PushRules
from procall_mobility.gateway.push_trace import Stage
from procall_mobility.protocols.push.outcomes import Delivered, TokenDead
from procall_mobility.protocols.ucclient.http_answer import HttpAnswer
from procall_mobility.protocols.ucclient.intentions import HttpRequest
from tests.gateway.fakes import CLIENT, PASSWORD
from tests.gateway.push_fakes import UNIX, MemoryStore, push
from tests.gateway.relays import Site
from tests.gateway.test_push_apps import app

ID, OTHER = "5f0c2f6e-9a3b-4d1e-8f00-1234567890ab", "5f0c2f6e-9a3b-4d1e-8f00-1234567890ac"
THIRD = "5f0c2f6e-9a3b-4d1e-8f00-1234567890ad"
TOKEN = "c0ffee" * 8
LANE = "apns:all:False"

CHAT: dict[str, Any] = {
    "id": ID,
    "channel": "ios.example",
    "token": TOKEN,
    "kind": "chat",
    "payload": {"enc": "aes128", "data": "AAEC"},
}


@define(eq=False)
class Desk:
    share: PushShare = field(factory=PushShare)
    site: Site = field(factory=Site)
    store: MemoryStore = field(factory=MemoryStore)
    trouble: dict[str, str] = field(factory=dict)
    now: float = 0.0
    apps: PushApps = field(init=False)
    pipeline: PushPipeline = field(init=False)
    desk: PushDesk = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.apps = apps = PushApps()
        apps.replace([app(None, False)])
        self.pipeline = PushPipeline(
            PushRules(),
            PushPorts(
                store=self.store,
                routes=apps,
                presence=Nobody(),
                share_of=lambda _: self.share,
                wall_clock=lambda: UNIX + self.now,
                clock=lambda: self.now,
                dice=lambda: 0.5,
                key=b"key of this process",
                stirred=lambda: None,
            ),
        )
        numbers = itertools.count(1)
        self.desk = PushDesk(
            door=CustomerDoor(
                customers=self.site.customers,
                book=self.site.access,
                back_off=BackOff(BackOffRules()),
                key=b"key of this process",
                clock=lambda: self.now,
            ),
            orders=PushOrders(
                apps=apps,
                pipeline=self.pipeline,
                store=self.store,
                wall_clock=lambda: UNIX + self.now,
                new_id=lambda: f"{next(numbers):08x}-0000-7000-8000-000000000000",
            ),
            trouble_of=self.trouble.get,
            name_of=lambda customer, _: f"device of {customer}",
            clock=lambda: self.now,
        )
        self.pipeline.offers(LANE, 10, self.now)

    def asked(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        query: tuple[tuple[str, str], ...] = (),
        **headers: str,
    ) -> list[HttpAnswer]:
        """Ask, and return the list the answer will be in."""
        shown = base64.b64encode(f"acme:{PASSWORD}".encode()).decode()
        given = {"authorization": f"Basic {shown}", **headers}
        request = HttpRequest(
            method=method, path=path, query=query,
            headers=tuple((name.replace("_", "-"), value) for name, value in given.items()),
            body=body, client_address=CLIENT, secure=True, host="mobility.example.net",
        )  # fmt: skip
        assert self.desk.wants(path)
        heard: list[HttpAnswer] = []
        self.desk.serve(request, heard.append)
        return heard

    def answers(self, method: str, path: str, *args: Any, **headers: str) -> HttpAnswer:
        (answer,) = self.asked(method, path, *args, **headers)
        return answer

    def posts(self, *messages: dict[str, Any], ucsid: str = "acme", **headers: str) -> HttpAnswer:
        """Post messages, and let the disk do its work."""
        body = json.dumps({"ucsid": ucsid, "messages": messages}).encode()
        heard = self.asked("POST", "/push/v1/messages", body, **headers)
        self.store.commit()
        (answer,) = heard
        return answer

    def sent(self) -> list[str]:
        return [each.push.id for each in self.pipeline.take() if isinstance(each, SendPush)]


def members(answer: HttpAnswer) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(answer.body)
    return read


def results(answer: HttpAnswer) -> list[tuple[str, str | None]]:
    return [(each["status"], each.get("reason")) for each in members(answer)["results"]]


# Pushes -----------------------------------------------------------------------------------


def test_a_push_is_taken_once_it_is_durable_and_then_sent() -> None:
    desk = Desk()
    body = json.dumps({"messages": [CHAT]}).encode()
    heard = desk.asked("POST", "/push/v1/messages", body)
    assert heard == []
    assert desk.sent() == []
    desk.store.commit()
    (answer,) = heard
    assert (answer.status, members(answer)) == (
        202,
        {"results": [{"id": ID, "status": "queued"}]},
    )
    assert desk.sent() == [ID]


def test_whoever_waits_is_told_how_it_ended() -> None:
    """RFC 7240 section 4.3."""
    desk = Desk()
    body = json.dumps({"messages": [CHAT]}).encode()
    heard = desk.asked("POST", "/push/v1/messages", body, prefer="respond-async, wait=2")
    desk.store.commit()
    assert heard == []
    desk.pipeline.answered(LANE, ID, Delivered(), desk.now)
    assert results(heard[0]) == [("sent", None)]


def test_a_message_of_a_batch_that_is_wrong_spoils_no_other() -> None:
    desk = Desk()
    answer = desk.posts(
        {**CHAT, "id": THIRD, "channel": "nowhere"},
        {**CHAT, "id": "no UUID"},
        CHAT,
        {**CHAT, "id": OTHER, "token": "no token of Apple's"},
    )
    assert answer.status == 202
    assert results(answer) == [
        ("rejected", "unknown-app"),
        ("rejected", "bad-id"),
        ("queued", None),
        ("rejected", "token-malformed"),
    ]
    assert all(each.get("text") for each in members(answer)["results"] if "reason" in each)
    assert desk.sent() == [ID]


@pytest.mark.parametrize(
    ("change", "status", "reason"),
    [
        ({"payload": {"data": "x" * 4000}}, 413, "too-large"),
        ({"token": "no token of Apple's"}, 400, "token-malformed"),
        ({"channel": "nowhere"}, 404, "unknown-app"),
        ({"ttl": -1}, 400, "bad-ttl"),
        ({"payload": {"aps": "ours"}}, 400, "name-reserved"),
    ],
)
def test_what_cannot_be_said_is_refused_and_not_kept(
    change: dict[str, Any], status: int, reason: str
) -> None:
    desk = Desk()
    answer = desk.posts({**CHAT, **change})
    assert (answer.status, results(answer)) == (status, [("rejected", reason)])
    assert desk.store.told.queued == {}
    assert desk.sent() == []


def test_what_is_too_large_is_told_the_limit() -> None:
    (told,) = members(Desk().posts({**CHAT, "payload": {"data": "x" * 4000}}))["results"]
    assert told["limit"] == 4096


def test_a_customer_that_is_too_fast_is_told_when_to_come_back() -> None:
    desk = Desk(PushShare(rate=0.1, burst=1.0))
    assert desk.posts(CHAT).status == 202
    answer = desk.posts({**CHAT, "id": OTHER})
    assert (answer.status, results(answer)) == (429, [("rejected", "too-fast")])
    assert answer.header("retry-after") == "11"


def test_what_was_accepted_and_then_refused_by_the_provider_was_accepted() -> None:
    desk = Desk()
    body = json.dumps({"messages": [CHAT]}).encode()
    heard = desk.asked("POST", "/push/v1/messages", body, prefer="wait=2")
    desk.store.commit()
    desk.pipeline.answered(LANE, ID, TokenDead(reason="Unregistered"), desk.now)
    assert (heard[0].status, results(heard[0])) == (202, [("token_gone", "Unregistered")])


def test_a_batch_that_is_refused_for_several_reasons_is_a_bad_request() -> None:
    wrong = ({**CHAT, "channel": "nowhere"}, {**CHAT, "id": OTHER, "ttl": -1})
    assert Desk().posts(*wrong).status == 400


def test_the_token_of_a_device_that_is_gone_is_refused() -> None:
    desk = Desk()
    desk.posts(CHAT)
    desk.pipeline.answered(LANE, ID, TokenDead(reason="Unregistered"), desk.now)
    answer = desk.posts({**CHAT, "id": OTHER})
    assert answer.status == 410
    assert [state for state, _ in results(answer)] == ["token_gone"]


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        (b"no JSON", 400, "bad-body"),
        (b'{"messages":[]}', 400, "bad-body"),
        (json.dumps({"ucsid": "other", "messages": [CHAT]}).encode(), 403, "other-customer"),
    ],
)
def test_a_body_that_is_none_is_refused_as_a_whole(body: bytes, status: int, reason: str) -> None:
    answer = Desk().answers("POST", "/push/v1/messages", body)
    assert (answer.status, members(answer)["error"]) == (status, reason)


def test_a_customer_may_be_named_as_people_name_it() -> None:
    assert Desk().posts(CHAT, ucsid=" ACME ").status == 202


def test_an_id_that_another_customer_has_in_use_is_a_conflict() -> None:
    desk = Desk()
    (theirs,) = [evolve(push(1), customer="other", app="ios.example")]
    desk.pipeline.accept([theirs], lambda _: None, desk.now)
    answer = desk.posts({**CHAT, "id": theirs.id})
    assert (answer.status, results(answer)) == (409, [("rejected", "id-in-use")])


def test_what_cannot_be_written_is_not_accepted() -> None:
    desk = Desk()
    desk.store.broken = True
    answer = desk.posts(CHAT)
    assert (answer.status, results(answer)) == (503, [("rejected", "not-stored")])


def test_a_daemon_that_stops_says_when_to_come_back() -> None:
    desk = Desk()
    desk.pipeline.drain(desk.now)
    answer = desk.posts(CHAT)
    assert (answer.status, results(answer)) == (503, [("rejected", "stopping")])
    assert answer.header("retry-after") is not None


def test_a_customer_whose_queue_is_full_is_told_when_to_come_back() -> None:
    desk = Desk(PushShare(queued=1))
    desk.pipeline.offers(LANE, 0, desk.now)
    desk.posts(CHAT)
    answer = desk.posts({**CHAT, "id": OTHER})
    assert (answer.status, results(answer)) == (429, [("rejected", "too-many-queued")])
    assert answer.header("retry-after") == "31"


def test_an_application_without_credential_takes_nothing_new() -> None:
    desk = Desk()
    desk.apps.replace([held(Registration(name="ios.example", provider=Provider.APNS,
                                         credential="lost.p8"))])  # fmt: skip
    answer = desk.posts(CHAT)
    assert (answer.status, results(answer)) == (503, [("rejected", "no-credential")])


def test_what_is_posted_again_is_not_sent_again() -> None:
    """Its answer was lost on the way."""
    desk = Desk()
    desk.posts(CHAT)
    assert desk.sent() == [ID]
    desk.pipeline.answered(LANE, ID, Delivered(), desk.now)
    assert results(desk.posts(CHAT)) == [("sent", None)]
    assert desk.sent() == []


# Idempotency-Key --------------------------------------------------------------------------


def test_a_request_with_a_known_key_is_answered_by_what_has_become_of_the_first() -> None:
    desk = Desk()
    message = {name: value for name, value in CHAT.items() if name != "id"}
    first = desk.posts(message, {}, idempotency_key="k1")
    assert results(first) == [("queued", None), ("rejected", "bad-message")]
    (push,) = desk.sent()
    assert results(desk.posts(message, {}, idempotency_key="k1")) == results(first)
    desk.pipeline.answered(LANE, push, Delivered(), desk.now)
    again = desk.posts(message, {}, idempotency_key="k1")
    assert results(again) == [("sent", None), ("rejected", "bad-message")]
    assert desk.sent() == []


def test_what_was_refused_after_all_is_not_promised_again() -> None:
    desk = Desk(PushShare(rate=0.1, burst=1.0))
    body = (CHAT, {**CHAT, "id": OTHER})
    assert results(desk.posts(*body, idempotency_key="k1")) == [
        ("queued", None),
        ("rejected", "too-fast"),
    ]
    assert results(desk.posts(*body, idempotency_key="k1")) == [
        ("queued", None),
        ("rejected", "not-accepted"),
    ]


def test_a_key_is_good_for_one_request() -> None:
    desk = Desk()
    desk.posts(CHAT, idempotency_key="k1")
    answer = desk.posts({**CHAT, "id": OTHER}, idempotency_key="k1")
    assert (answer.status, members(answer)["error"]) == (422, "key-in-use")


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_a_key_has_bounds(key: str) -> None:
    desk = Desk()
    (answer,) = desk.asked("POST", "/push/v1/messages", b"{}", idempotency_key=key)
    assert (answer.status, members(answer)["error"]) == (400, "bad-key")


# Questions --------------------------------------------------------------------------------


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
    desk.trouble[LANE] = "InvalidProviderToken"
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

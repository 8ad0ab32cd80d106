"""`/push/v1/messages`: what becomes of the pushes that are handed in there (Wire 7.3)."""

import json
from typing import Any

import pytest
from attrs import evolve

from procall_mobility.gateway.push.applications.registrations import Provider, Registration
from procall_mobility.gateway.push.desks.push_desk import _told
from procall_mobility.gateway.push.ports import State
from procall_mobility.gateway.push.providers.credentials import held
from procall_mobility.gateway.push.quota import PushShare
from procall_mobility.protocols.push.outcomes import Delivered, TokenDead
from tests.gateway.push.desks.push_desk_house import (
    CHAT,
    ID,
    LANE,
    OTHER,
    THIRD,
    Desk,
    members,
    results,
)
from tests.gateway.push.fakes import push


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


@pytest.mark.parametrize("state", list(State))
def test_results_are_said_as_json_dumps_would(state: State) -> None:
    """Nearly all are put together by hand, which is ten times as fast."""
    told = [{"id": ID, "status": state.value}, {"id": None, "status": "rejected", "text": '"\\'}]
    for some in (told[:1], told[1:], told):
        answer = _told(some, accepts=True)
        assert answer.body == json.dumps({"results": some}).encode()
        assert answer.header("content-length") == str(len(answer.body))

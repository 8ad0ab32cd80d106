"""UnifiedPush: bare endpoints, what is sent there, and who answers for what (SERV_1.2.0)."""

import json

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols.push.endpoints import (
    Endpoint,
    EndpointPolicy,
    ForbiddenEndpoint,
)
from procall_mobility.protocols.push.exchange import Answer
from procall_mobility.protocols.push.notification import Notification
from procall_mobility.protocols.push.outcomes import (
    CredentialStale,
    Delivered,
    Later,
    Outcome,
    Refused,
    Scope,
    TokenDead,
)
from procall_mobility.protocols.push.unified_push import (
    LARGEST,
    LONGEST_ENDPOINT,
    MATRIX_GATEWAY,
    PUSH_SERVER,
    check,
    discovery_request,
    is_plain,
    is_push_server,
    judge,
    plain_endpoint,
    request,
)
from procall_mobility.protocols.push.unsayable import MalformedToken, TooLarge, Unsayable
from procall_mobility.protocols.push.web_push import topic
from tests.protocols.push.pushes import CALL, CHAT, ID, JSON, UNIX, answer, answers

TOKEN = "https://ntfy.example.net/upAbCdEfGhIjKl?up=1"
TARGET = Endpoint("ntfy.example.net", 443, "/upAbCdEfGhIjKl?up=1")
POLICY = EndpointPolicy()
PLAIN_CHAT = evolve(CHAT, token=TOKEN)


def test_a_push_goes_to_its_endpoint_as_it_is() -> None:
    made = request(PLAIN_CHAT, plain_endpoint(TOKEN), UNIX)
    assert (made.method, made.path) == ("POST", "/upAbCdEfGhIjKl?up=1")
    assert made.headers == (
        ("ttl", "3600"),
        ("urgency", "high"),
        ("topic", topic("talk-7")),
        ("content-type", "application/octet-stream"),
    )
    assert json.loads(made.body) == {
        "id": ID, "kind": "chat", "enc": "aes128", "data": "c2VhbGVk",
    }  # fmt: skip


def test_a_call_says_how_long_it_is_wanted() -> None:
    headers = dict(request(evolve(CALL, token=TOKEN), TARGET, UNIX).headers)
    assert (headers["ttl"], headers["urgency"]) == ("30", "high")


def test_an_endpoint_has_a_thousand_octets_at_most() -> None:
    """SERV_1.2.0, "Endpoint"."""
    longest = TOKEN.ljust(LONGEST_ENDPOINT, "x")
    assert plain_endpoint(longest).host == "ntfy.example.net"
    with pytest.raises(MalformedToken, match="1000"):
        plain_endpoint(longest + "x")


@pytest.mark.parametrize(
    "token", ["", "http://ntfy.example.net/up", "https://u@ntfy.example.net/up", "upAbCd", "{}"]
)
def test_what_is_no_endpoint_is_told_before_a_push_is_accepted(token: str) -> None:
    with pytest.raises(MalformedToken):
        check(evolve(CHAT, token=token), POLICY)


def test_nobody_is_called_whom_the_policy_forbids() -> None:
    """SERV_1.2.0, "SSRF"."""
    notification = evolve(CHAT, token="https://192.168.0.1/up")
    with pytest.raises(ForbiddenEndpoint):
        check(notification, POLICY)
    check(notification, EndpointPolicy(inside=frozenset({"192.168.0.1"})))


def test_a_bare_endpoint_is_told_from_a_subscription() -> None:
    assert is_plain(TOKEN)
    assert not is_plain(json.dumps({"endpoint": TOKEN, "keys": {}}))
    assert not is_plain("")


def filled(size: int) -> Notification:
    empty = evolve(PLAIN_CHAT, content={"data": ""})
    return evolve(empty, content={"data": "x" * (size - len(request(empty, TARGET, UNIX).body))})


def test_the_limit_is_known_before_a_push_is_accepted() -> None:
    """SERV_1.2.0, "Request": from 1 to 4096 octets."""
    check(filled(LARGEST), POLICY)
    assert len(request(filled(LARGEST), TARGET, UNIX).body) == 4096
    with pytest.raises(TooLarge) as caught:
        check(filled(LARGEST + 1), POLICY)
    assert (caught.value.size, caught.value.limit) == (4097, 4096)
    with pytest.raises(TooLarge):
        request(filled(LARGEST + 1), TARGET, UNIX)


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        (answer(201, ttl="0"), Delivered()),
        (answer(200), Delivered()),
        (answer(202), Delivered()),
        (answer(302, location="http://127.0.0.1/"), Refused(reason="http-302")),
        (answer(400), Refused(reason="http-400")),
        (answer(401), Refused(reason="http-401")),
        (answer(401, {"errno": 109}), Refused(reason="http-401")),
        (answer(403), Refused(reason="http-403")),
        (answer(403, {"reason": "BadJwtToken"}), Refused(reason="http-403")),
        (answer(404), TokenDead(reason="http-404")),
        (answer(410), TokenDead(reason="http-410")),
        (answer(413), Refused(reason="http-413")),
        (answer(429, retry_after="7"),
         Later(reason="http-429", scope=Scope.TOKEN, at_least=60.0, after=7.0)),
        (answer(500), Later(reason="http-500", at_least=1.0)),
        (answer(507), Later(reason="http-507", at_least=1.0)),
    ],
)  # fmt: skip
def test_an_answer_means_what_the_specification_says(said: Answer, outcome: Outcome) -> None:
    """SERV_1.2.0, "Responses"; a server that wants a credential will not get one."""
    assert judge(said, unix=UNIX) == outcome


@given(answers())
def test_any_answer_has_an_outcome(said: Answer) -> None:
    assert not isinstance(judge(said, unix=UNIX), CredentialStale)


def test_an_endpoint_is_asked_whether_it_is_one() -> None:
    """SERV_1.2.0, "Discovery": at the whole URL, with its query."""
    asked = discovery_request(TARGET)
    assert (asked.method, asked.path, asked.body) == ("GET", TARGET.path, b"")
    assert asked.headers == (("accept", "application/json"),)


@pytest.mark.parametrize(
    ("said", "is_one"),
    [
        (answer(200, PUSH_SERVER), True),
        (answer(200, {"unifiedpush": {"version": 1, "more": 2}, "more": 3}), True),
        (answer(404, PUSH_SERVER), False),
        (answer(302, PUSH_SERVER), False),
        (answer(200, MATRIX_GATEWAY), False),
        (answer(200, {"unifiedpush": {"version": 2}}), False),
        (answer(200, {"unifiedpush": {"version": "1"}}), False),
        (answer(200, {"unifiedpush": 1}), False),
        (answer(200, {}), False),
        (answer(200, [PUSH_SERVER.decode()]), False),
        (answer(200, b"<html>Router: please log on</html>"), False),
    ],
)
def test_only_a_push_server_says_that_it_is_one(said: Answer, is_one: bool) -> None:
    assert is_push_server(said) is is_one


def test_what_we_say_of_ourselves_is_as_the_specifications_write_it() -> None:
    """SERV_1.2.0 "Discovery", and its sister for gateways."""
    assert json.loads(PUSH_SERVER) == {"unifiedpush": {"version": 1}}
    assert json.loads(MATRIX_GATEWAY) == {"unifiedpush": {"gateway": "matrix"}}


@given(answers(st.fixed_dictionaries({"unifiedpush": JSON})))
def test_any_answer_is_a_push_servers_or_not(said: Answer) -> None:
    is_push_server(said)


@given(st.text(max_size=100), st.dictionaries(st.text(max_size=9), st.text(max_size=3000)))
def test_any_notification_is_said_or_refused(token: str, content: dict[str, str]) -> None:
    for notification in (evolve(CHAT, token=token), evolve(PLAIN_CHAT, content=content)):
        try:
            check(notification, POLICY)
        except Unsayable:
            continue
        body = request(notification, plain_endpoint(notification.token), UNIX).body
        assert 1 <= len(body) <= LARGEST

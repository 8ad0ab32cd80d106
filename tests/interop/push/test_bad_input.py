"""What is wrong is answered over HTTP, with a reason for programs.

Nothing of it is stored, and nothing reaches a provider.
"""

import base64
import http.client
import json
import sqlite3
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from attrs import field, frozen

from tests.daemon import PATIENCE
from tests.interop.push.town import ANDROID, IPHONE, PASSWORD, Town, message, town_in

pytestmark = pytest.mark.interop

LIMITS = "[push.limits]\nrate = 0.01\nburst = 30\nqueued = 5\nqueued_octets = 10000\n"
BASIC = base64.b64encode(f"acme:{PASSWORD}".encode()).decode()
RIGHT = {"authorization": f"Basic {BASIC}"}


@frozen
class Told:
    """An answer."""

    status: int
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def results(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.body.get("results", [self.body])
        return found

    @property
    def reasons(self) -> set[str]:
        """Return why: of each message, or of the whole request."""
        return {each.get("error") or each["reason"] for each in self.results}


@frozen(kw_only=True)
class Wrong:
    """One thing that is wrong, and what is answered."""

    body: Any
    status: int
    reason: str
    limit: int | None = None
    """How many octets there may be, where there are too many."""
    headers: dict[str, str] = field(factory=lambda: RIGHT, repr=False)
    says: dict[str, str] = field(factory=dict)
    """Header fields of the answer."""


def batch(*messages: Any, **more: Any) -> dict[str, Any]:
    return {"ucsid": "acme", "messages": list(messages), **more}


def ios(**members: Any) -> dict[str, Any]:
    return message("ios.demo", **{"token": IPHONE, **members})


def android(**members: Any) -> dict[str, Any]:
    return message("android.demo", **{"token": ANDROID, **members})


def large(octets: int) -> dict[str, str]:
    return {"data": "x" * octets}


CHALLENGE = {"www-authenticate": 'Basic realm="customer", charset="UTF-8"'}
TABLE = {
    "a chat too large for Apple": Wrong(
        body=batch(ios(payload=large(4097))), status=413, reason="too-large", limit=4096
    ),
    "a call too large for Apple": Wrong(
        body=batch(ios(payload=large(5121), kind="avnewcall", voip=True)),
        status=413, reason="too-large", limit=5120,
    ),
    "one too large for Google": Wrong(
        body=batch(android(payload=large(4097))), status=413, reason="too-large", limit=4096
    ),
    "one too large for anybody": Wrong(
        body=batch(ios(payload=large(8193))), status=413, reason="too-large", limit=8192
    ),
    "a token that is not Apple's": Wrong(
        body=batch(ios(token="no-hex")), status=400, reason="token-malformed"
    ),
    "a token that is not Google's": Wrong(
        body=batch(android(token="two words")), status=400, reason="token-malformed"
    ),
    "no token": Wrong(body=batch(ios(token="")), status=400, reason="token-malformed"),
    "a token that is too long": Wrong(
        body=batch(ios(token="a" * 4097)), status=400, reason="token-malformed"
    ),
    "an application nobody has registered": Wrong(
        body=batch(message("ios.other", IPHONE)), status=404, reason="unknown-app"
    ),
    "a wrong password": Wrong(
        body=batch(ios()), status=401, reason="wrong-password", says=CHALLENGE,
        headers={"authorization": "Basic " + base64.b64encode(b"acme:wrong").decode()},
    ),
    "an unknown customer": Wrong(
        body=batch(ios()), status=401, reason="wrong-password", says=CHALLENGE,
        headers={"authorization": "Basic " + base64.b64encode(b"nobody:x").decode()},
    ),
    "no credential": Wrong(
        body=batch(ios()), status=401, reason="wrong-password", says=CHALLENGE, headers={}
    ),
    "another customer than the credential's": Wrong(
        body=batch(ios(), ucsid="bravo"), status=403, reason="other-customer"
    ),
    "a time to live that is over": Wrong(
        body=batch(ios(ttl=0)), status=400, reason="bad-ttl"
    ),
    "a time to live of the past": Wrong(
        body=batch(ios(ttl=-30)), status=400, reason="bad-ttl"
    ),
    "a time to live that is no number": Wrong(
        body=batch(ios(ttl="soon")), status=400, reason="bad-ttl"
    ),
    "an id that is none": Wrong(body=batch(ios(id="91")), status=400, reason="bad-id"),
    "one id for two": Wrong(
        body=batch(*[ios(id="5f0cadd3-0000-4000-8000-000000000001")] * 2),
        status=400, reason="bad-id",
    ),
    "no kind": Wrong(body=batch(ios(kind="")), status=400, reason="bad-message"),
    "a payload that is a list": Wrong(
        body=batch(ios(payload=["x"])), status=400, reason="bad-payload"
    ),
    "a message that is a number": Wrong(body=batch(91), status=400, reason="bad-message"),
    "no messages": Wrong(body=batch(), status=400, reason="bad-body"),
    "more messages than may be": Wrong(
        body=batch(*({} for _ in range(1001))), status=400, reason="too-many-messages"
    ),
    "no JSON": Wrong(body="no JSON", status=400, reason="bad-body"),
    "a key for idempotency without end": Wrong(
        body=batch(ios()), status=400, reason="bad-key",
        headers={**RIGHT, "idempotency-key": "k" * 256},
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town_in(tmp_path_factory.mktemp("push"), more=LIMITS) as made:
        made.does("customer", "add", "bravo", "--password-file", f"{made.daemons.folder}/password")
        yield made


def ask(town: Town, body: Any, headers: dict[str, str], method: str = "POST") -> Told:
    line = http.client.HTTPConnection("127.0.0.1", town.daemons.http, timeout=PATIENCE)
    octets = body if isinstance(body, str) else json.dumps(body)
    line.request(method, "/push/v1/messages", octets, headers)
    answer = line.getresponse()
    told = {name.lower(): value for name, value in answer.getheaders()}
    return Told(answer.status, told, json.load(answer))


def rows(town: Town) -> dict[str, int]:
    """Count what is on the disk."""
    file = f"file:{town.daemons.folder}/push.sqlite?mode=ro"
    connection = sqlite3.connect(file, uri=True)
    try:
        return {
            table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("queue", "endings", "tombstones", "feedback", "answers")
        }
    finally:
        connection.close()


def ids(body: Any) -> set[str]:
    found = body["messages"] if isinstance(body, dict) else []
    return {
        each["id"] for each in found if isinstance(each, dict) and len(each.get("id", "")) == 36
    }


@pytest.mark.parametrize("wrong", [pytest.param(each, id=name) for name, each in TABLE.items()])
def test_it_is_refused_with_a_reason_and_not_stored(town: Town, wrong: Wrong) -> None:
    before = rows(town)
    told = ask(town, wrong.body, wrong.headers)
    assert (told.status, told.reasons) == (wrong.status, {wrong.reason})
    for result in told.results:
        assert result.get("limit") == wrong.limit
        assert result["text"], "people want to know, too"
    assert wrong.says.items() <= told.headers.items()
    assert rows(town) == before
    for name in ids(wrong.body):
        assert town.asks("GET", f"messages/{name}")[0] == 404
    heard = town.providers.ask("arrivals")
    assert not any(each["is_push"] for each in heard), "but for our own token, nobody heard of us"


def test_one_that_is_wrong_spoils_none_of_its_batch(town: Town) -> None:
    good, bad = ios(), ios(ttl=0)
    told = ask(town, batch(bad, good, ios(token="no-hex")), RIGHT)
    assert told.status == 202
    assert [each["status"] for each in told.results] == ["rejected", "queued", "rejected"]
    town.daemons.until(lambda: town.became(good) == "sent")


def test_another_method_is_told_which_is_right(town: Town) -> None:
    told = ask(town, batch(ios()), RIGHT, method="PUT")
    assert (told.status, told.headers["allow"]) == (405, "POST")


def test_more_than_may_wait_is_refused_until_something_has_gone(town: Town) -> None:
    """Of 5 that may wait in a lane; other lanes are not full."""
    town.providers.ask("script", {"provider": "apns", "silence": True, "token": IPHONE})
    assert ask(town, batch(*(ios() for _ in range(5))), RIGHT).status == 202
    before, one_more = rows(town), ios()
    told = ask(town, batch(one_more), RIGHT)
    assert (told.status, told.reasons) == (429, {"too-many-queued"})
    assert int(told.headers["retry-after"]) > 0
    assert rows(town) == before
    assert town.asks("GET", f"messages/{one_more['id']}")[0] == 404


def test_more_octets_than_may_wait_are_refused(town: Town) -> None:
    town.providers.ask("script", {"provider": "fcm", "silence": True, "token": ANDROID})
    big = {"payload": large(3500)}
    assert ask(town, batch(*(android(**big) for _ in range(2))), RIGHT).status == 202
    before = rows(town)
    told = ask(town, batch(android(**big)), RIGHT)
    assert (told.status, told.reasons) == (429, {"too-much-queued"})
    assert int(told.headers["retry-after"]) > 0
    assert rows(town) == before


def test_who_is_too_fast_is_told_when_to_come_again(town: Town) -> None:
    """Of a burst of 30; each customer has its own."""
    town.providers.ask("forget", {})
    shown = base64.b64encode(f"bravo:{PASSWORD}".encode()).decode()
    bravo = {"authorization": f"Basic {shown}"}

    def again(token: str) -> Told:
        return ask(town, {"messages": [ios(token=token)]}, bravo)

    def is_taken(told: Told) -> bool:
        # Where so many wait already, they are on their way.
        return told.status == 202 or told.reasons == {"too-many-queued"}

    while is_taken(told := again(uuid.uuid4().hex * 2)):
        pass
    assert (told.status, told.reasons) == (429, {"too-fast"})
    assert 0 < int(told.headers["retry-after"]) <= 101
    device = uuid.uuid4().hex * 2
    assert again(device).status == 429
    assert device not in {each["token"] for each in town.providers.pushes("apns")}

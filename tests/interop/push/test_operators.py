"""What operators see and do: real commands, a real daemon, and strict providers."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from procall_mobility.gateway.push.applications.verdicts import MADE_UP
from tests.gateway.push.credentials import P8
from tests.interop.push.town import ANDROID, IPHONE, Town, at_apple, message, town_in

pytestmark = pytest.mark.interop


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town_in(tmp_path_factory.mktemp("operators"), "--token-updates", "9") as made:
        yield made


@pytest.fixture(autouse=True)
def _forgets(town: Town) -> Iterator[None]:
    yield
    town.providers.ask("forget", {})


def facts(town: Town, *arguments: str) -> Any:
    return json.loads(town.does(*arguments, "--json"))


def test_the_way_of_a_call_is_told_to_operator_and_customer(town: Town) -> None:
    call = message("ios.demo", IPHONE, "avnewcall", voip=True)
    rule = {"provider": "apns", "answer": "500 InternalServerError", "token": IPHONE, "times": 1}
    town.providers.ask("script", rule)
    assert town.posts(call)[1][0]["status"] == "sent"
    told = facts(town, "push", "trace", call["id"])
    answers = [
        (step["http_status"], step.get("reason"))
        for step in told["steps"]
        if step["step"] == "provider_answer"
    ]
    assert answers == [(500, "InternalServerError"), (200, None)]
    assert "provider answer" in town.does("push", "trace", call["id"])
    status, seen = town.asks("GET", f"messages/{call['id']}/trace")
    assert (status, seen["device"], len(seen["steps"])) == (
        200, told["device"], len(told["steps"]),
    )  # fmt: skip
    line = next(line for line in town.daemons.log("access").splitlines() if call["id"] in line)
    assert " acme push handed over after " in line
    assert " call lane=apns:" in line
    assert f" {told['device']} " in line


def test_a_customer_does_without_a_provider(town: Town) -> None:
    """What an agreement on processing may ask for: though all of it is sealed, none goes there."""
    town.does("customer", "set", "acme", "push_without=fcm")
    try:
        chat = message("android.demo", ANDROID)
        status, (told,) = town.posts(chat)
        assert (status, told["reason"]) == (403, "provider-forbidden")
        assert town.asks("GET", "check?channel=android.demo")[1]["ok"] is False
        assert town.providers.pushes("fcm") == []
        assert town.posts(message("ios.demo", IPHONE))[0] == 202
    finally:
        town.does("customer", "set", "acme", "push_without=")
    assert town.posts(message("android.demo", ANDROID))[0] == 202


def test_what_waits_is_shown_and_made_due(town: Town) -> None:
    rule = {"provider": "fcm", "answer": "503 UNAVAILABLE", "token": ANDROID, "times": 1,
            "headers": {"retry-after": "300"}}  # fmt: skip
    town.providers.ask("script", rule)
    chat = message("android.demo", ANDROID)
    assert town.posts(chat, wait=0)[0] == 202

    def rows_that_wait() -> list[Any]:
        rows = facts(town, "push", "queue", "--customer", "acme")["queue"]
        return [each for each in rows if each["next"] or each["trouble"]]

    town.daemons.until(rows_that_wait)
    (row,) = rows_that_wait()
    assert (row["lane"], row["class"], row["waiting"]) == ("fcm:demo-project", "alert", 1)
    assert "fcm:demo-project" in town.does("push", "queue", "--lane", "fcm:demo-project")
    assert town.does("push", "queue", "--lane", "none") == "nothing waits\n"
    assert "fcm:demo-project" in town.does("push", "retry", chat["id"])
    town.daemons.until(lambda: town.became(chat) == "sent")


def test_dead_tokens_are_shown_by_stand_ins(town: Town) -> None:
    gone = "dead" * 16
    for provider in ("apns", "apns_sandbox"):
        town.providers.ask("devices", {"provider": provider, "token": gone, "gone": True})
    assert town.posts(message("ios.demo", gone))[1][0]["status"] == "token_gone"
    town.daemons.until(lambda: facts(town, "push", "feedback")["feedback"])
    shown = town.does("push", "feedback", "--customer", "acme")
    assert "device#" in shown
    assert gone not in shown


@pytest.mark.parametrize(
    ("channel", "provider", "answer"),
    [
        ("ios.demo", "apns", "400 BadDeviceToken"),
        ("android.demo", "fcm", "400 INVALID_ARGUMENT token"),
    ],
)
def test_a_credential_that_is_taken_is_good(
    town: Town, channel: str, provider: str, answer: str
) -> None:
    """The simulators know devices that were made up; the providers do not."""
    rule = {"provider": provider, "answer": answer, "token": MADE_UP, "times": None}
    town.providers.ask("script", rule)
    told = json.loads(town.tries(channel, "--json"))
    assert (told["is_good"], told["http_status"]) == (True, 400), told
    assert "only the made-up token was refused" in town.tries(channel)


def test_a_real_token_gets_a_push(town: Town, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text(IPHONE)
    said = town.tries("ios.demo", "--token-file", str(token))
    assert "ios.demo: good: the provider has taken the push" in said
    assert IPHONE not in said
    assert town.arrived("apns")


def test_a_credential_that_is_refused_is_told_with_the_providers_word(
    town: Town, tmp_path: Path
) -> None:
    """A key of another team than the one that is named."""
    key = tmp_path / "other.p8"
    key.write_bytes(P8)
    told = {"apns": {**town.providers.facts["apns"], "key": str(key), "key_id": "OTHER12345"}}
    town.does(*at_apple("ios.wrong", told, "production"))
    told = json.loads(town.tries("ios.wrong", "--json"))
    assert (told["is_good"], told["http_status"], told["reason"]) == (
        False, 403, "InvalidProviderToken",
    )  # fmt: skip

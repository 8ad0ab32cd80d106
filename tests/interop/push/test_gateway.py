"""The whole push gateway: a customer's server posts, and a strict simulator of each provider, over
real HTTP/2 and TLS, has it a moment later.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.interop.push.town import ANDROID, IPHONE, PASSWORD, Town, message, town_in

pytestmark = pytest.mark.interop


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    # A daemon that is started again signs no other token than before.
    with town_in(tmp_path_factory.mktemp("push"), "--token-updates", "1") as made:
        yield made


def test_a_call_rings_at_apple(town: Town) -> None:
    call = message("ios.demo", IPHONE, "avnewcall", voip=True, collapse="call-91")
    assert town.posts(call) == (202, [{"id": call["id"], "status": "sent"}])
    assert town.arrived("apns") == [call["id"]]


def test_a_chat_reaches_google_with_a_token_that_was_fetched(town: Town) -> None:
    chat = message("android.demo", ANDROID)
    assert town.posts(chat) == (202, [{"id": chat["id"], "status": "sent"}])
    assert len(town.arrived("fcm")) == 1


def test_every_lane_is_shown(town: Town) -> None:
    lanes = {each["lane"]: each for each in json.loads(town.does("push", "lanes", "--json"))}
    apns = town.providers.facts["apns"]
    team = f"{apns['team']}.{apns['key_id']}"
    assert set(lanes) >= {f"apns:{team}", f"apns-sandbox:{team}", "fcm:demo-project"}
    assert [each["trouble"] for each in lanes.values()] == [None] * len(lanes)
    assert "fcm:demo-project" in town.does("push", "lanes")
    assert "android.demo" in town.does("push", "app", "list")


def test_the_token_of_an_application_that_is_gone_is_told(town: Town) -> None:
    gone = "dead" * 16
    town.providers.ask("devices", {"provider": "apns", "token": gone, "gone": True})
    town.providers.ask("devices", {"provider": "apns_sandbox", "token": gone, "gone": True})
    status, results = town.posts(message("ios.demo", gone))
    assert (status, results[0]["status"]) == (202, "token_gone")
    assert town.posts(message("ios.demo", gone))[0] == 410, "known by now"
    town.daemons.until(lambda: town.asks("GET", "feedback")[1]["feedback"])
    (dead,) = town.asks("GET", "feedback")[1]["feedback"]
    assert (dead["channel"], dead["token"]) == ("ios.demo", gone)


def test_a_credential_that_is_spoilt_costs_no_push(town: Town) -> None:
    """Neither while the daemon runs nor when it starts; once mended, it is taken over."""
    apns = town.providers.facts["apns"]
    key = town.daemons.folder / "spoilt.p8"
    key.write_bytes(Path(apns["key"]).read_bytes())
    town.does("push", "app", "add", "ios.other", "--provider", "apns", "--topic", apns["topic"],
         "--team", apns["team"], "--key-id", apns["key_id"], "--title", "Demo",
         "--credential-file", str(key))  # fmt: skip
    town.providers.ask("script", {"provider": "apns", "silence": True, "token": IPHONE})
    chat = message("ios.other", IPHONE)
    assert town.posts(chat, wait=0)[0] == 202
    key.write_text("no key")
    town.kill()
    town.providers.ask("forget", {})
    town.daemons.start_daemon()
    assert town.posts(message("ios.other", IPHONE))[0] == 503
    assert town.became(chat) == "queued"
    key.write_bytes(Path(apns["key"]).read_bytes())
    town.daemons.until(lambda: town.became(chat) == "sent")


def test_what_is_accepted_survives_kill_9_and_is_sent_by_the_next_daemon(town: Town) -> None:
    """Accepted means that no crash can lose it."""
    town.providers.ask("script", {"provider": "apns", "silence": True, "token": IPHONE})
    chats = [message("ios.demo", IPHONE) for _ in range(20)]
    status, results = town.posts(*chats, wait=0)
    assert (status, {each["status"] for each in results}) == (202, {"queued"})
    town.kill()
    town.providers.ask("forget", {})
    town.daemons.start_daemon()
    town.daemons.until(lambda: all(town.became(each) == "sent" for each in chats))
    assert set(town.arrived("apns")) == {each["id"] for each in chats}


def test_nothing_of_a_push_is_in_the_logs_or_readable_in_the_files(town: Town) -> None:
    """Searched octet for octet: tokens, payloads, passwords."""
    secrets = [IPHONE, ANDROID, "c2VhbGVk", PASSWORD]
    for file in town.daemons.folder.iterdir():
        if file.is_file() and file.name != "password":
            octets = file.read_bytes()
            for secret in secrets:
                assert secret.encode() not in octets, (file.name, secret)

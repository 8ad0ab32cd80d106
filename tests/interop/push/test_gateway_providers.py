"""The whole daemon at Huawei (both systems), at Microsoft, and at Apple by certificate.

Strict simulators are at the other end of real connections: HTTP/2, and HTTP/1.1 where it is WNS.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.interop.push.town import (
    IPHONE,
    PASSWORD,
    Town,
    at_huawei,
    at_microsoft,
    client_file,
    message,
    town_in,
)

pytestmark = pytest.mark.interop

HUAWEI, HARMONY = "huawei:" + "h" * 100, "harmony:" + "n" * 100
CHANNEL = "https://db5.notify.windows.com/?token=" + "w" * 60
TOKENS = {
    "huawei.demo": HUAWEI,
    "harmony.demo": HARMONY,
    "windows.demo": CHANNEL,
    "certified.demo": IPHONE,
}
PROVIDERS = {
    "huawei.demo": "hms",
    "harmony.demo": "hms",
    "windows.demo": "wns",
    "certified.demo": "apns",
}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("push")
    with town_in(folder) as made:
        facts = made.providers.facts
        made.does(*at_huawei("huawei.demo", facts, "android", folder))
        made.does(*at_huawei("harmony.demo", facts, "harmony", folder))
        made.does(*at_microsoft("windows.demo", facts, folder))
        made.does(*by_certificate("certified.demo", facts))
        yield made


@pytest.fixture(autouse=True)
def _forgotten(town: Town) -> None:
    town.providers.ask("forget", {})


def by_certificate(channel: str, facts: dict[str, Any]) -> tuple[str, ...]:
    apns = facts["apns"]
    return ("push", "app", "add", channel, "--provider", "apns", "--topic", apns["topic"],
            "--title", "Demo", "--environment", "both",
            "--credential-file", apns["certificate"])  # fmt: skip


def known_as(token: str) -> str:
    """Return what the simulator takes for the token: of a channel's URI that is a part."""
    return token.partition("?token=")[2] or token


def pushes(town: Town, channel: str) -> list[dict[str, Any]]:
    found = town.providers.pushes(PROVIDERS[channel])
    return [each for each in found if each["token"] == known_as(TOKENS[channel])]


def sent(town: Town, *chats: dict[str, Any]) -> bool:
    return all(town.became(each) == "sent" for each in chats)


def dead(town: Town) -> list[tuple[str, str]]:
    told = town.asks("GET", "feedback")[1]["feedback"]
    return [(each["channel"], each["token"]) for each in told]


def lanes(town: Town) -> dict[str, dict[str, Any]]:
    return {each["lane"]: each for each in json.loads(town.does("push", "lanes", "--json"))}


@pytest.mark.parametrize("channel", TOKENS)
def test_a_push_arrives_and_its_provider_finds_nothing_wrong_with_it(
    town: Town, channel: str
) -> None:
    chat = message(channel, TOKENS[channel])
    assert town.posts(chat) == (202, [{"id": chat["id"], "status": "sent"}])
    (arrival,) = pushes(town, channel)
    assert (arrival["id"], arrival["refusal"], arrival["remarks"]) == (chat["id"], "", [])


@pytest.mark.parametrize("channel", TOKENS)
def test_a_call_goes_before_and_arrives(town: Town, channel: str) -> None:
    is_voip = channel == "certified.demo"
    call = message(channel, TOKENS[channel], "avnewcall", voip=is_voip, collapse="call-1")
    assert town.posts(call)[1] == [{"id": call["id"], "status": "sent"}]
    assert [each["refusal"] for each in pushes(town, channel)] == [""]


@pytest.mark.parametrize("channel", ["huawei.demo", "harmony.demo", "certified.demo"])
def test_a_credential_can_be_tried_without_a_device(town: Town, channel: str) -> None:
    assert ": good: the provider takes the credential" in town.tries(channel)


def test_where_the_token_names_whom_to_call_a_device_is_needed(town: Town, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text(CHANNEL)
    said = town.tries("windows.demo", "--token-file", str(token))
    assert ": good: the provider has taken the push" in said


def test_each_provider_has_its_lanes_and_no_trouble(town: Town) -> None:
    found = lanes(town)
    names = {name.partition(".")[0].partition("@")[0] for name in found}
    assert names >= {"hms:android", "hms:harmony", "apns:certificate", "apns-sandbox:certificate"}
    assert "wns:s-1-15-2-1-2-3-4-5-6-7@db5.notify.windows.com" in found
    assert {each["trouble"] for each in found.values()} == {None}


def test_windows_is_spoken_to_in_http_1_by_few_connections(town: Town) -> None:
    """Content-Length, no chunks (the simulator refuses them), and connections that stay."""
    chats = [message("windows.demo", CHANNEL) for _ in range(60)]
    assert town.posts(*chats)[0] == 202
    town.daemons.until(lambda: sent(town, *chats))
    found = pushes(town, "windows.demo")
    assert sorted(each["id"] for each in found) == sorted(each["id"] for each in chats)
    assert len({each["connection"] for each in found}) <= 16
    assert all(dict(each["headers"]).get("content-length") for each in found)


def test_what_microsoft_asks_for_is_in_the_log(town: Town) -> None:
    town.providers.ask("script", {"provider": "wns", "answer": "400 Bad Request", "times": 1})
    assert town.posts(message("windows.demo", CHANNEL))[1][0]["status"] == "rejected"
    (line,) = [
        each
        for each in town.daemons.log("service").splitlines()
        if "push provider said no" in each
    ]
    for name in ("ms-cv=", "x-wns-msg-id=", "x-wns-debug-trace="):
        assert name in line


def test_channels_at_another_host_have_another_lane(town: Town) -> None:
    chat = message("windows.demo", CHANNEL.replace("db5", "sn1"))
    assert town.posts(chat)[1][0]["status"] == "sent"
    assert "wns:s-1-15-2-1-2-3-4-5-6-7@sn1.notify.windows.com" in lanes(town)
    stranger = message("windows.demo", CHANNEL.replace("notify.windows.com", "example.org"))
    assert town.posts(stranger)[0] == 400


@pytest.mark.parametrize("channel", TOKENS)
def test_the_token_of_a_device_that_is_gone_is_told(town: Town, channel: str) -> None:
    # The first one shows that tokens are good in general: all of them dead is a wrong app id.
    assert town.posts(message(channel, TOKENS[channel]))[1][0]["status"] == "sent"
    gone = TOKENS[channel][:-16] + "deadbeefdeadbeef"
    provider = PROVIDERS[channel]
    for each in (provider, "apns_sandbox"):
        told = {"provider": each, "token": known_as(gone), "gone": True}
        town.providers.ask("devices", told)
    assert town.posts(message(channel, gone))[1][0]["status"] == "token_gone"
    assert town.posts(message(channel, gone))[0] == 410, "known by now"
    town.daemons.until(
        lambda: (
            (channel, gone)
            in [
                (each["channel"], each["token"])
                for each in town.asks("GET", "feedback")[1]["feedback"]
            ]
        )
    )
    assert town.posts(message(channel, TOKENS[channel]))[1][0]["status"] == "sent"


def test_requests_by_certificate_show_no_token(town: Town) -> None:
    assert town.posts(message("certified.demo", IPHONE))[1][0]["status"] == "sent"
    (arrival,) = pushes(town, "certified.demo")
    names = {name for name, _ in arrival["headers"]}
    assert "authorization" not in names
    assert "apns-topic" in names


def rotates(town: Town, channel: str, file: str, *more: str) -> None:
    town.does("push", "app", "rotate", channel, "--credential-file", file, *more)


def connections(town: Town, *chats: dict[str, Any]) -> set[int]:
    """By which connections pushes have come to Apple."""
    ids = {each["id"] for each in chats}
    return {each["connection"] for each in town.providers.pushes("apns") if each["id"] in ids}


def test_another_certificate_takes_over_and_no_push_is_lost(town: Town) -> None:
    """What is in flight, what waits, and what comes; connections show the one or the other."""
    apns = town.providers.facts["apns"]
    (old,) = [each for each in lanes(town) if each.startswith("apns:certificate.")]
    town.providers.ask("conduct", {"provider": "apns", "latency": 1.0, "stream_limit": 5})
    before = [message("certified.demo", IPHONE) for _ in range(40)]
    assert town.posts(*before, wait=0)[0] == 202
    town.daemons.until(lambda: connections(town, *before))
    rotates(town, "certified.demo", apns["next_certificate"])
    town.providers.ask("conduct", {"provider": "apns", "latency": 0.0, "stream_limit": 100})
    after = [message("certified.demo", IPHONE) for _ in range(20)]
    assert town.posts(*after, wait=0)[0] == 202
    town.daemons.until(lambda: sent(town, *before, *after))
    town.daemons.until(lambda: old not in lanes(town))
    assert not connections(town, *before[:1]) & connections(town, *after)
    found = {each["id"] for each in town.providers.pushes("apns") if each["done"]}
    assert found == {each["id"] for each in (*before, *after)}


def test_a_key_takes_over_from_a_certificate(town: Town) -> None:
    """Apple takes no tokens on connections with a certificate, nor the other way round."""
    apns = town.providers.facts["apns"]
    by = message("certified.demo", IPHONE)
    assert town.posts(by)[1][0]["status"] == "sent"
    rotates(
        town, "certified.demo", apns["key"], "--team", apns["team"], "--key-id", apns["key_id"]
    )
    with_token = message("certified.demo", IPHONE)
    assert town.posts(with_token)[1][0]["status"] == "sent"
    (arrival,) = [
        each for each in pushes(town, "certified.demo") if each["id"] == with_token["id"]
    ]
    assert "authorization" in {name for name, _ in arrival["headers"]}
    assert arrival["remarks"] == []
    assert not connections(town, by) & connections(town, with_token)


def test_another_secret_takes_over_and_no_push_is_lost(town: Town, tmp_path: Path) -> None:
    """One that the provider refuses keeps everything waiting until it is mended."""
    wns = town.providers.facts["wns"]
    wrong = tmp_path / "wrong.json"
    wrong.write_text(json.dumps({"client_id": wns["sid"], "client_secret": "not-the-secret"}))
    rotates(town, "windows.demo", str(wrong))
    chat = message("windows.demo", CHANNEL)
    assert town.posts(chat, wait=1)[1][0]["status"] == "queued"
    right = client_file(tmp_path / "right.json", wns["sid"], wns["secret"])
    rotates(town, "windows.demo", right)
    town.daemons.until(lambda: sent(town, chat))


def test_nothing_of_a_push_or_a_secret_is_in_the_logs_or_readable_in_the_files(
    town: Town,
) -> None:
    """Searched octet for octet."""
    facts = town.providers.facts
    secrets = [
        HUAWEI, HARMONY, CHANNEL, known_as(CHANNEL), IPHONE, "c2VhbGVk", PASSWORD,
        "deadbeefdeadbeef", "not-the-secret",
        *(Path(facts[each]["secret"]).read_text().strip() for each in ("hms", "wns")),
    ]  # fmt: skip
    own = {"password", "huawei.json", "microsoft.json"}
    for file in town.daemons.folder.iterdir():
        if file.is_file() and file.name not in own:
            octets = file.read_bytes()
            for secret in secrets:
                assert secret.encode() not in octets, (file.name, secret)

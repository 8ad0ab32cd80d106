"""A Mattermost server hands its pushes in: what it posts, and what it makes of the answers.

The shapes are those of Mattermost's own push proxy (`model.PushNotification` and
`PushNotificationAck` as servers write them, members with nothing in them included).
"""

import json
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.request import Request, urlopen

import pytest
from attrs import define

from tests.daemon import PATIENCE
from tests.interop.push.town import ANDROID, IPHONE, Town, town_in

pytestmark = pytest.mark.interop

SERVER_ID = "93mykbogbjfrbbdqphx3zhze5c"

PUSH: dict[str, Any] = {
    "ack_id": "", "platform": "", "server_id": SERVER_ID, "device_id": "", "post_id": "p1",
    "category": "CAN_REPLY", "sound": "", "message": "@bob: lunch?", "badge": 1, "cont_ava": 0,
    "team_id": "t1", "channel_id": "c1", "root_id": "", "channel_name": "Town Square",
    "type": "message", "sender_id": "u1", "sender_name": "@bob", "override_username": "",
    "override_icon_url": "", "from_webhook": "", "version": "v2", "is_crt_enabled": False,
    "is_id_loaded": False,
}  # fmt: skip

CLEAR = {
    "platform": "android_rn-v2", "device_id": ANDROID, "type": "clear", "cont_ava": 1,
    "message": "", "channel_name": "", "post_id": "", "category": "", "sender_name": "",
}  # fmt: skip

ACK = {
    "id": "x4yfkxwzqfyqpb97q5u8zp6jyr", "received_at": 1_800_000_000_000, "platform": "android",
    "type": "message", "post_id": "p1", "is_id_loaded": True,
}  # fmt: skip


@define
class Server:
    """A Mattermost server: all it reads of an answer is JSON."""

    town: Town

    def asks(self, place: str, told: Any) -> dict[str, str]:
        url = f"http://127.0.0.1:{self.town.daemons.http}/api/v1/{place}"
        with urlopen(Request(url, json.dumps(told).encode()), timeout=PATIENCE) as answer:
            said: dict[str, str] = json.load(answer)
        return said

    def sends(self, platform: str, device: str, **members: Any) -> dict[str, str]:
        named = {"ack_id": uuid.uuid4().hex[:26], "platform": platform, "device_id": device}
        return self.asks("send_push", {**PUSH, **named, **members})

    def arrived(self, provider: str, ack_id: str) -> list[dict[str, Any]]:
        pushes = self.town.providers.pushes(provider)
        return [each for each in pushes if ack_id in each["body"] and each["done"]]

    def arrives(self, provider: str, ack_id: str) -> dict[str, Any]:
        """Wait for a push; the answer to its server may have been earlier."""
        self.town.daemons.until(lambda: self.arrived(provider, ack_id))
        (only,) = self.arrived(provider, ack_id)
        return only


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town_in(tmp_path_factory.mktemp("mattermost"), "--token-updates", "1000") as made:
        for platform, channel in (("apple*", "ios.demo"), ("android_rn", "android.demo")):
            made.does("push", "mattermost", "add", SERVER_ID, "--platform", platform,
                      "--customer", "acme", "--channel", channel)  # fmt: skip
        yield made


@pytest.fixture
def server(town: Town) -> Iterator[Server]:
    yield Server(town)
    town.providers.ask("forget", {})


def test_a_message_reaches_an_iphone(server: Server) -> None:
    assert server.sends("apple_rn-v2", IPHONE, ack_id="of-an-iphone") == {"status": "OK"}
    arrival = server.arrives("apns", "of-an-iphone")
    said = json.loads(arrival["body"])
    assert (said["kind"], said["message"], said["badge"]) == ("mattermost", "@bob: lunch?", "1")
    assert said["aps"]["mutable-content"] == 1


def test_a_phone_that_loads_posts_is_told_no_words(server: Server) -> None:
    told = {"ack_id": "ids-alone", "is_id_loaded": True, "message": "You have a new message."}
    assert server.sends("android_rn", ANDROID, **told) == {"status": "OK"}
    arrival = server.arrives("fcm", "ids-alone")
    data = json.loads(arrival["body"])["message"]["data"]
    assert (data["post_id"], data["is_id_loaded"]) == ("p1", "true")
    assert not {"message", "sender_name", "channel_name"} & data.keys()


def test_a_cleared_channel_disturbs_nobody(server: Server) -> None:
    assert server.asks("send_push", {**PUSH, **CLEAR, "ack_id": "clear"}) == {"status": "OK"}
    arrival = server.arrives("fcm", "clear")
    told = json.loads(arrival["body"])["message"]
    assert (told["data"]["type"], told["android"]["priority"]) == ("clear", "normal")


def test_a_phone_that_is_gone_is_to_be_removed(server: Server) -> None:
    gone = "fade" * 16
    for provider in ("apns", "apns_sandbox"):
        server.town.providers.ask("devices", {"provider": provider, "token": gone, "gone": True})
    # A provider that has not answered after two seconds is not waited for: the next push tells.
    server.town.daemons.until(lambda: server.sends("apple_rn", gone) == {"status": "REMOVE"})
    asked = len(server.town.providers.pushes("apns"))
    assert server.sends("apple_rn", gone) == {"status": "REMOVE"}
    assert len(server.town.providers.pushes("apns")) == asked, "known by now"


def test_what_is_accepted_outlives_the_daemon(server: Server) -> None:
    """The server will not try again."""
    server.town.providers.ask("script", {"provider": "fcm", "silence": True, "token": ANDROID})
    assert server.sends("android_rn", ANDROID, ack_id="outlives") == {"status": "OK"}
    server.town.kill()
    server.town.providers.ask("forget", {})
    server.town.daemons.start_daemon()
    server.town.daemons.until(lambda: server.arrived("fcm", "outlives"))


@pytest.mark.parametrize(
    ("platform", "members", "why"),
    [
        ("apple_rn", {"server_id": "another"}, "takes no pushes for this server_id"),
        ("android", {}, "takes no pushes for this server_id and platform"),
        ("apple_rn", {"device_id": "no token of Apple's"}, "has no such devices"),
        ("apple_rn", {"device_id": ""}, "`device_id` is missing"),
    ],
)
def test_what_is_not_taken_fails_and_says_why(
    server: Server, platform: str, members: dict[str, str], why: str
) -> None:
    said = server.sends(platform, IPHONE, **members)
    assert said["status"] == "FAIL"
    assert why in said["error"]
    assert server.town.providers.pushes("apns") == []


def test_an_acknowledgement_is_thanked_for_and_counted(server: Server) -> None:
    assert server.asks("ack", ACK) == {"status": "OK"}
    assert server.town.daemons.facts("status")["counters"]["push acknowledged: message"] == 1

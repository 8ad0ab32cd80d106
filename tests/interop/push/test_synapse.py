"""A real homeserver hands its pushes in, and forgets the devices that are gone.

Synapse and the daemon speak over TLS, the daemon and the simulators of Apple and Google too.
"""

import base64
import json
import ssl
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from attrs import define

from tests.daemon import PATIENCE
from tests.interop.push.homeserver import PYTHON, Homeserver, User, homeserver_in
from tests.interop.push.town import ANDROID, IPHONE, Town, town_in

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(not PYTHON.exists(), reason="Synapse is not installed (make interop)"),
]

IOS_APP, ANDROID_APP = "im.example.app.ios", "im.example.app.android"
UNIFIED_APP = "im.example.app.unified"
PUSHKEY = base64.b64encode(bytes.fromhex(IPHONE)).decode()
"""Applications of Apple's write their tokens so."""

APPS = {IOS_APP: "ios.demo", ANDROID_APP: "android.demo", UNIFIED_APP: "unified.demo"}

ONLY_IDS = {"format": "event_id_only"}


@define
class Scene:
    """Alice, who has the phones, bob, who writes, and their room."""

    town: Town
    homeserver: Homeserver
    alice: User
    bob: User
    room: str

    @property
    def gateway(self) -> str:
        return f"https://localhost:{self.town.daemons.tls}"

    def told(self, provider: str, event: str) -> list[dict[str, Any]]:
        """What arrived at a provider about an event."""
        pushes = self.town.providers.pushes(provider)
        return [each for each in pushes if event in json.dumps(each)]

    def waits_for(self, provider: str, event: str) -> dict[str, Any]:
        """Wait for a push about an event, and return what the provider was told."""
        self.homeserver.until(lambda: self.told(provider, event))
        return self.told(provider, event)[0]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("matrix")
    # The push service of UnifiedPush is on this machine, too.
    inside = 'endpoints_inside = ["127.0.0.1"]\n'
    with town_in(folder, "--token-updates", "1000", more=inside) as town:
        key = str(folder / "vapid.pem")
        town.does("push", "app", "key", key)
        town.does("push", "app", "add", "unified.demo", "--provider", "webpush",
                  "--credential-file", key, "--subject", "mailto:push@example.com")  # fmt: skip
        for app_id, channel in APPS.items():
            town.does("push", "matrix", "add", app_id, "--customer", "acme", "--channel", channel)
        with homeserver_in(folder / "homeserver", folder / "ca.pem") as homeserver:
            alice, bob = homeserver.register("alice"), homeserver.register("bob")
            room = bob.opens_room_with(alice)
            yield Scene(town, homeserver, alice, bob, room)


@pytest.fixture
def scene(stage: Scene) -> Iterator[Scene]:
    yield stage
    stage.alice.drops_pushers()
    stage.town.providers.ask("forget", {})


def test_a_message_reaches_an_iphone_with_its_ids_alone(scene: Scene) -> None:
    scene.alice.sets_pusher(scene.gateway, IOS_APP, PUSHKEY, **ONLY_IDS)
    event = scene.bob.sends(scene.room)
    said = json.loads(scene.waits_for("apns", event)["body"])
    assert (said["kind"], said["event_id"], said["room_id"]) == (
        "matrix.event", event, scene.room,
    )  # fmt: skip
    assert said["unread"] == "1"
    assert said["aps"]["mutable-content"] == 1
    assert "bob" not in json.dumps(said)
    assert "lunch" not in json.dumps(said)


def test_a_device_that_asks_for_all_is_told_all(scene: Scene) -> None:
    scene.alice.sets_pusher(scene.gateway, ANDROID_APP, ANDROID, default_payload={"of": "alice"})
    event = scene.bob.sends(scene.room)
    data = json.loads(scene.waits_for("fcm", event)["body"])["message"]["data"]
    assert (data["sender"], data["of"]) == (scene.bob.name, "alice")
    assert json.loads(data["content"])["body"] == "lunch?"


def test_a_call_rings(scene: Scene) -> None:
    """Push rules give calls the sound of ringing."""
    scene.alice.sets_pusher(scene.gateway, ANDROID_APP, ANDROID)
    event = scene.bob.sends(
        scene.room, "m.call.invite", call_id="1", party_id="1", version="1", lifetime=45_000,
        offer={"type": "offer", "sdp": "v=0"},
    )  # fmt: skip
    told = json.loads(scene.waits_for("fcm", event)["body"])["message"]
    assert told["data"]["kind"] == "matrix.call"
    assert told["android"]["priority"] == "high"
    assert 40 <= int(told["android"]["ttl"].removesuffix("s")) <= 45


def test_an_application_of_unified_push_gets_the_notification_itself(scene: Scene) -> None:
    """UnifiedPush, "Matrix": it has asked the place whether it is a gateway, and its pushkey is
    its endpoint."""
    place = f"{scene.gateway}/_matrix/push/v1/notify"
    trusts = ssl.create_default_context(cafile=str(scene.town.daemons.folder / "ca.pem"))
    with urllib.request.urlopen(place, timeout=PATIENCE, context=trusts) as answer:
        assert json.load(answer) == {"unifiedpush": {"gateway": "matrix"}}
    endpoint = scene.town.providers.ask("subscriptions", {"plain": True})["endpoint"]
    scene.alice.sets_pusher(scene.gateway, UNIFIED_APP, endpoint, **ONLY_IDS)
    event = scene.bob.sends(scene.room)
    told = json.loads(scene.waits_for("web_push", event)["body"])["notification"]
    assert (told["event_id"], told["room_id"], told["prio"]) == (event, scene.room, "high")
    assert told["counts"]["unread"] >= 1


def test_a_device_that_is_gone_is_forgotten_by_the_homeserver(scene: Scene) -> None:
    gone = "dead" * 16
    pushkey = base64.b64encode(bytes.fromhex(gone)).decode()
    for provider in ("apns", "apns_sandbox"):
        scene.town.providers.ask("devices", {"provider": provider, "token": gone, "gone": True})
    scene.alice.sets_pusher(scene.gateway, IOS_APP, pushkey)
    scene.alice.sets_pusher(scene.gateway, IOS_APP, PUSHKEY)
    event = scene.bob.sends(scene.room)
    scene.waits_for("apns", event)
    # The homeserver is told with the next push if Apple took too long to say it with this one.
    scene.town.daemons.until(lambda: scene.town.asks("GET", "feedback")[1]["feedback"])
    scene.bob.sends(scene.room)
    scene.homeserver.until(lambda: pushkey not in scene.alice.pushkeys())
    assert scene.alice.pushkeys() == [PUSHKEY]


def test_a_homeserver_whose_application_nobody_knows_tries_until_somebody_does(
    scene: Scene,
) -> None:
    """Its pushes are not taken, and no device is forgotten for that."""
    scene.alice.sets_pusher(scene.gateway, "im.example.new", ANDROID)
    event = scene.bob.sends(scene.room)
    log = scene.town.daemons.folder / "access.log"
    scene.homeserver.until(lambda: "unknown-sender" in log.read_text())
    assert scene.told("fcm", event) == []
    scene.town.does("push", "matrix", "add", "im.example.n*", "--customer", "acme",
                    "--channel", "android.demo")  # fmt: skip
    scene.waits_for("fcm", event)
    assert scene.alice.pushkeys() == [ANDROID]


def test_a_daemon_that_was_away_gets_each_push_once(scene: Scene) -> None:
    scene.alice.sets_pusher(scene.gateway, ANDROID_APP, ANDROID, **ONLY_IDS)
    scene.town.kill()
    events = [scene.bob.sends(scene.room) for _ in range(3)]
    scene.town.daemons.start_daemon()
    for event in events:
        scene.waits_for("fcm", event)
        assert len(scene.told("fcm", event)) == 1


def test_nothing_of_a_push_is_in_the_logs_or_readable_in_the_files(scene: Scene) -> None:
    """Searched octet for octet: pushkeys, tokens, what was written, and who wrote."""
    secrets = [IPHONE, PUSHKEY, ANDROID, "lunch?", scene.bob.name, scene.room]
    for file in scene.town.daemons.folder.iterdir():
        if file.is_file():
            octets = file.read_bytes()
            for secret in secrets:
                assert secret.encode() not in octets, (file.name, secret)

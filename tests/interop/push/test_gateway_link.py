"""Presence first, and the customer's link as a way in: a real daemon with a real link and real
WebSockets of devices, and the simulators of the providers, which see only what is for them.
"""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from procall_mobility.protocols.rose.form import Form
from tests.daemon import PATIENCE
from tests.interop.push.link_server import LinkServer
from tests.interop.push.town import ANDROID, IPHONE, PASSWORD, Town, message, town_in
from tests.smoke.strict_client import StrictClient

pytestmark = pytest.mark.interop


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town_in(tmp_path_factory.mktemp("push"), "--token-updates", "1") as made:
        yield made


@pytest.fixture
def server(town: Town) -> Iterator[LinkServer]:
    town.providers.ask("forget", {})
    with LinkServer(town.daemons.link, PASSWORD) as made:
        yield made


class Phone(StrictClient):
    """A device in its own session."""

    def arrives(self) -> dict[str, Any]:
        """Wait for a push, and confirm it."""
        invoke = self.pushed()
        result = {"result": {}, "resultValue": 0}
        self.send({"result": {"invokeID": invoke["invokeID"], "result": result}})
        argument: dict[str, Any] = invoke["argument"]
        return argument

    def pushed(self) -> dict[str, Any]:
        """Wait for a push, and leave it at that."""
        invoke: dict[str, Any] = self.receive()["invoke"]
        assert invoke["operationName"] == "mobilityPushArrived"
        return invoke

    def names(self, channel: str, token: str) -> None:
        tokens = [{"channel": channel, "token": token}]
        answer = self.call("mobilityPushPresent", {"tokens": tokens})
        assert answer["result"]["result"]["result"] == {"tokens": 1}


def phone(town: Town, channel: str = "ios.demo", token: str = IPHONE) -> Phone:
    made = Phone(town.daemons.http)
    assert made.log_on("alice", "alice", "acme") == 200
    made.upgrade()
    made.names(channel, token)
    return made


def orders(server: LinkServer, *messages: dict[str, Any], wait: int = 2) -> list[dict[str, Any]]:
    """Order pushes; what is returned is how each has ended, unless it is not to wait for that."""
    told = server.call("mobilityPushMessages", {"messages": messages, "wait": wait})
    results: list[dict[str, Any]] = told["results"]
    return [ended(server, each) for each in results] if wait else results


def ended(server: LinkServer, result: dict[str, Any]) -> dict[str, Any]:
    """Ask until it has: on a busy machine it has not when the daemon waits no longer."""
    until = time.monotonic() + PATIENCE
    while result["status"] == "queued":
        assert time.monotonic() < until, result
        time.sleep(0.05)
        result = server.call("mobilityPushBecame", {"id": result["id"]})
    return result


@pytest.mark.parametrize("form", list(Form))
def test_a_push_over_the_link_rings(town: Town, form: Form) -> None:
    """In each of the three forms a server may speak."""
    town.providers.ask("forget", {})
    with LinkServer(town.daemons.link, PASSWORD, form) as server:
        call = message("ios.demo", IPHONE, "avnewcall", voip=True)
        assert orders(server, call) == [{"id": call["id"], "status": "sent"}]
        assert town.arrived("apns") == [call["id"]]
        assert server.call("mobilityPushBecame", {"id": call["id"]})["status"] == "sent"
        unknown = server.call("mobilityPushBecame", {"id": message("x", "y")["id"]})
        assert unknown["iErrorDetail"] == 404


def test_a_device_that_is_connected_gets_it_there_and_the_provider_sees_nothing(
    town: Town, server: LinkServer
) -> None:
    alice = phone(town)
    chat = message("ios.demo", IPHONE)
    with ThreadPoolExecutor() as beside:
        # She confirms it at once: after five seconds its provider would get it, too.
        arriving = beside.submit(alice.arrives)
        posted = town.posts(chat, wait=0)
        arrived = arriving.result()
    assert posted == (202, [{"id": chat["id"], "status": "queued"}])
    assert arrived == {
        "id": chat["id"],
        "channel": "ios.demo",
        "kind": "chat",
        "payload": chat["payload"],
    }
    town.daemons.until(lambda: town.became(chat) == "sent")
    assert town.arrived("apns") == []
    assert server.others == [], "its server was not disturbed"
    alice.close()


def test_a_session_that_is_killed_leaves_its_push_to_the_provider(
    town: Town, server: LinkServer
) -> None:
    alice = phone(town)
    chat = message("ios.demo", IPHONE)
    town.posts(chat, wait=0)
    alice.pushed()
    alice.close()
    town.daemons.until(lambda: town.became(chat) == "sent")
    assert town.arrived("apns") == [chat["id"]]


def test_a_phone_that_sleeps_rings_a_second_later(town: Town, server: LinkServer) -> None:
    """Its session looks alive, and is not: nobody waits for a connection to time out."""
    alice = phone(town)
    call = message("ios.demo", IPHONE, "avnewcall", voip=True)
    assert orders(server, call) == [{"id": call["id"], "status": "sent"}]
    assert town.arrived("apns") == [call["id"]]
    again = phone(town)
    server.call("mobilityPushAnswered", {"id": call["id"]})
    trace = json.loads(town.does("push", "trace", call["id"], "--json"))
    stages = [each["step"] for each in trace["steps"]]
    assert stages[:2] == ["accepted", "offered_to_session"]
    assert stages[-2:] == ["session_back", "call_answered"]
    assert "handed_over" in stages
    again.close()
    alice.close()


def test_what_waits_goes_to_the_session_when_the_device_is_back(
    town: Town, server: LinkServer
) -> None:
    """Also after the daemon was killed in between: nothing is lost."""
    town.providers.ask(
        "script", {"provider": "fcm", "answer": "503 UNAVAILABLE", "token": ANDROID}
    )
    chat = message("android.demo", ANDROID)
    assert orders(server, chat, wait=0)[0]["status"] == "queued"
    town.daemons.until(lambda: town.providers.pushes("fcm"))
    town.kill()
    town.daemons.start_daemon()
    with LinkServer(town.daemons.link, PASSWORD):
        assert town.became(chat) == "queued"
        bob = phone(town, "android.demo", ANDROID)
        assert bob.arrives()["id"] == chat["id"]
        town.daemons.until(lambda: town.became(chat) == "sent")
        bob.close()
    attempts = {each["done"] for each in town.providers.pushes("fcm")}
    assert attempts == {"503"}, "its provider never took it"


def test_a_daemon_that_dies_while_a_session_has_a_push_sends_it_by_the_provider(
    town: Town, server: LinkServer
) -> None:
    """A session's silence is no confirmation: what it was given is in the queue all the time."""
    alice = phone(town)
    chat = message("ios.demo", IPHONE)
    town.posts(chat, wait=0)
    alice.pushed()
    town.kill()
    town.daemons.start_daemon()
    town.daemons.until(lambda: town.became(chat) == "sent")
    assert town.arrived("apns") == [chat["id"]]


def test_dead_tokens_are_told_over_the_link_until_they_are_acknowledged(
    town: Town, server: LinkServer
) -> None:
    gone = ["dead" * 16, "beef" * 16]
    for token in gone:
        for provider in ("apns", "apns_sandbox"):
            told = {"provider": provider, "token": token, "gone": True}
            town.providers.ask("devices", told)
    last = server.call("mobilityPushFeedback", {})["last"]
    server.forgetful = True
    orders(server, message("ios.demo", gone[0]))
    told = server.gone.get(timeout=PATIENCE)
    assert [each["token"] for each in told["feedback"]] == [gone[0]]
    server.close()
    with LinkServer(town.daemons.link, PASSWORD) as again:
        missed = again.call("mobilityPushFeedback", {"after": last})
        assert [each["token"] for each in missed["feedback"]] == [gone[0]]
        orders(again, message("ios.demo", gone[1]))
        told = again.gone.get(timeout=PATIENCE)
        assert [each["token"] for each in told["feedback"]] == [gone[1]]


def test_nothing_of_all_this_is_in_the_logs(town: Town) -> None:
    for file in town.daemons.folder.iterdir():
        if file.is_file() and file.name != "password":
            octets = file.read_bytes()
            for secret in (IPHONE, ANDROID, "c2VhbGVk"):
                assert secret.encode() not in octets, (file.name, secret)

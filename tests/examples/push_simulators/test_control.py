"""The control interface, over HTTP in memory, and the page that uses it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field
from twisted.internet.testing import MemoryReactorClock

from examples.push_simulators.composition import NAMES, PushSimulators, compose
from examples.push_simulators.control import Control
from examples.push_simulators.control_site import PAGE, TYPES, control_site
from examples.push_simulators.events import MOST_LISTENERS, Events
from examples.push_simulators.exchange import Request, Visit
from examples.push_simulators.waking import Waker
from tests.examples.push_simulators.developer import NOW
from tests.examples.push_simulators.http2_client import Meeting, Wire


@define
class Desk:
    """The interface, and who plays the devices."""

    town: PushSimulators
    woken: list[tuple[str, dict[str, str]]] = field(factory=list)
    events: Any = field(init=False)
    site: Any = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.events = Events(self.town.arrivals)
        control = Control(self.town, lambda: NOW, self.wake, "http://localhost:1/app/")
        self.site = control_site(control, self.events)

    def wake(self, url: str, about: Any) -> None:
        self.woken.append((url, dict(about)))

    def connects(self) -> tuple[Any, Wire]:
        channel: Any = self.site.buildProtocol(None)
        wire = Wire()
        wire.protocol = channel
        channel.makeConnection(wire)
        return channel, wire

    def raw(self, method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
        said = {"host": "127.0.0.1:1", "content-type": "application/json", **headers}
        lines = [f"{method} /{path} HTTP/1.1", f"content-length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in said.items()]
        channel, wire = self.connects()
        channel.dataReceived("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        return wire.said()

    def asks(self, path: str, said: Any = None, **headers: str) -> tuple[int, Any]:
        if said is None:
            answer = self.raw("GET", path, **headers)
        else:
            answer = self.raw("POST", path, json.dumps(said).encode(), **headers)
        head, _, body = answer.partition(b"\r\n\r\n")
        return int(head.split(b" ")[1]), json.loads(body)

    def push(self, token: str = "a") -> None:
        """Have a push arrive that nobody judges."""
        simulator = self.town.simulators["apns"]
        request = Request(method="POST", path=f"/3/device/{token}", headers=(), body=b"\xff")
        plan = simulator.hears(request, Visit(1), 1)
        simulator.did(plan.arrival, "403")


@pytest.fixture
def desk(tmp_path: Path, credentials_folder: Path) -> Iterator[Desk]:
    (tmp_path / "credentials").symlink_to(credentials_folder)
    town = compose(MemoryReactorClock(), lambda: NOW, tmp_path, {})
    yield Desk(town)
    town.close()


def test_the_state_names_every_simulator(desk: Desk) -> None:
    status, state = desk.asks("state")
    assert status == 200
    assert set(state["addresses"]) == set(NAMES)
    assert state["conduct"]["apns"]["first_limit"] == 1
    assert state["conduct"]["fcm"]["stream_limit"] == 100
    assert state["app"] == "http://localhost:1/app/"


def test_a_rule_is_taken_into_the_script_of_its_provider(desk: Desk) -> None:
    assert desk.asks("script", {"provider": "fcm", "answer": "404 UNREGISTERED"})[0] == 200
    assert [len(each.script.rules) for each in desk.town.simulators.values()] == [0, 0, 1, 0, 0, 0]
    status, said = desk.asks("script", {"provider": "gcm", "silence": True})
    assert (status, said["error"]) == (400, f"provider: expected one of {', '.join(NAMES)}")
    assert desk.asks("forget", {})[0] == 200
    assert desk.asks("state")[1]["rules"]["fcm"] == 0


def test_conduct_changes_while_it_runs(desk: Desk) -> None:
    changed = {"stream_limit": 1, "first_limit": None, "window": 1, "latency": 0.5}
    assert desk.asks("conduct", {"provider": "apns", **changed})[0] == 200
    conduct = desk.asks("state")[1]["conduct"]["apns"]
    assert {name: conduct[name] for name in changed} == changed


def test_a_wrong_conduct_changes_nothing(desk: Desk) -> None:
    for wrong in ({"window": -1}, {"reception": "rude"}, {"goaway": 1}, {"speed": 1}):
        said = {"provider": "apns", "latency": 9.0, **wrong}
        assert desk.asks("conduct", said)[0] == 400
    assert desk.asks("state")[1]["conduct"]["apns"]["latency"] == 0.0


def test_connections_are_refused_cut_and_told_goodbye(desk: Desk) -> None:
    meeting = Meeting(desk.town.simulators["fcm"].conduct)
    meeting.exchange()
    said = {"reception": "refuse", "goaway": {"reason": "x", "closes": False}, "cut": True}
    assert desk.asks("conduct", {"provider": "fcm", **said})[0] == 200
    assert b'{"reason": "x"}' in meeting.wire.value()
    assert meeting.wire.aborted
    assert not desk.town.doorsteps["fcm"].is_open


def test_arrivals_are_told_with_octets_that_are_no_text_as_digits(desk: Desk) -> None:
    desk.push("a")
    desk.push("b")
    _, found = desk.asks("arrivals?after=1&provider=apns")
    assert [(each["number"], each["body"], each["refusal"]) for each in found] == [
        (2, "ff", "MissingProviderToken")
    ]
    assert desk.asks("arrivals?token=a")[1][0]["number"] == 1
    assert desk.asks("arrivals?most=1")[1][0]["number"] == 1
    assert desk.asks("arrivals?after=x")[0] == 400


def test_a_subscription_is_made_and_ended(desk: Desk) -> None:
    _, made = desk.asks("subscriptions", {})
    name = made["endpoint"].rsplit("/", 1)[1]
    assert made["keys"].keys() == {"p256dh", "auth"}
    desk.asks("devices", {"provider": "web_push", "token": name, "gone": True})
    assert desk.town.web_push.subscriptions.by_name[name].gone == NOW


def test_keys_are_revoked_and_renewed_more_often(desk: Desk) -> None:
    assert desk.asks("keys", {"token_updates": 5, "revoke": True})[0] == 200
    assert desk.asks("state")[1]["token_updates"] == 5


def test_a_device_is_woken_at_its_own_address_or_the_usual_one(desk: Desk) -> None:
    desk.push("a")
    desk.push("b")
    desk.asks("devices", {"provider": "apns", "token": "b", "wake": "http://127.0.0.1:9/b"})
    assert desk.asks("wake", {"number": 1})[0] == 200
    assert desk.asks("wake", {"number": 2})[0] == 200
    assert [(url, about["token"]) for url, about in desk.woken] == [
        ("", "a"),
        ("http://127.0.0.1:9/b", "b"),
    ]
    assert desk.asks("wake", {"number": 3})[0] == 400


def test_nobody_elsewhere_is_asked_to_wake_a_device() -> None:
    told: list[dict[str, str]] = []
    waker = Waker(MemoryReactorClock(), None, told.append)
    for url in ("http://example.com/", "https://127.0.0.1/", "ftp://127.0.0.1/"):
        with pytest.raises(ValueError, match="this machine"):
            waker.wake(url, {})
    waker.wake("", {"token": "a"})
    assert told == [{"token": "a"}]


def test_pages_hear_of_arrivals_as_they_come(desk: Desk) -> None:
    channel, wire = desk.connects()
    channel.dataReceived(b"GET /events HTTP/1.1\r\nhost: localhost:1\r\n\r\n")
    assert b"text/event-stream" in wire.said()
    desk.push()
    desk.events.woken({"token": "a"})
    kinds = re.findall(rb"event: (\w+)", wire.said())
    assert kinds == [b"arrival", b"arrival", b"wake"]
    desk.events.close()
    desk.push()
    assert b"event" not in wire.said()


def test_pages_have_a_bound(desk: Desk) -> None:
    said = [desk.raw("GET", "events") for _ in range(MOST_LISTENERS + 1)]
    assert [b" 503 " in each for each in said] == [False] * MOST_LISTENERS + [True]


def test_pages_of_others_get_nothing_and_change_nothing(desk: Desk) -> None:
    """By another name of this machine, or by a form, which asks nobody first."""
    assert desk.asks("state", host="evil.example.com")[0] == 403
    assert desk.asks("forget", {}, **{"content-type": "text/plain"})[0] == 415
    for body in (b"[]", b"{", b"x" * 70_000):
        assert b" 400 " in desk.raw("POST", "script", body)
    assert b" 405 " in desk.raw("DELETE", "state")
    assert desk.asks("nowhere")[0] == 404


@pytest.mark.parametrize("name", ["", *TYPES])
def test_the_page_is_served_with_a_strict_policy(desk: Desk, name: str) -> None:
    answer = desk.raw("GET", name)
    assert b" 200 " in answer
    assert b"default-src 'none'; script-src 'self'" in answer
    assert (PAGE / (name or "index.html")).read_bytes() in answer


def test_the_page_loads_nothing_from_elsewhere() -> None:
    for name in TYPES:
        text = (PAGE / name).read_text().replace("http://www.w3.org/2000/svg", "")
        assert "//" not in re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE)

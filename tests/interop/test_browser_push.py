"""The demo's phones in Debian's Chromium: close a window, call it, answer on the phone."""

import json
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from tests.interop.browser.stage import perform, running_demo

pytestmark = pytest.mark.interop

PATIENCE = 60.0
PUSHES_BEFORE = 5
"""A message, a call, its end, another call, and a message to another phone."""


@frozen
class Phones:
    """Apple, as far as phones can tell."""

    url: str

    def arrived(self) -> list[dict[str, Any]]:
        with urllib.request.urlopen(f"{self.url}arrivals?provider=apns") as answer:
            found: list[dict[str, Any]] = json.load(answer)
        return found

    def lose_the_last(self, wanted: str) -> None:
        """Forget the phone that got the last push, as when its application is removed."""
        assert wanted == "phone gone"
        deadline = time.monotonic() + PATIENCE
        while len(arrived := self.arrived()) < PUSHES_BEFORE:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        gone = {"provider": "apns", "token": arrived[-1]["token"], "gone": True}
        request = urllib.request.Request(
            f"{self.url}devices", json.dumps(gone).encode(), {"content-type": "application/json"}
        )
        urllib.request.urlopen(request).close()


def test_a_call_reaches_alice_although_her_window_is_closed(tmp_path: Path) -> None:
    """From the caller through the gateway to the phone's provider, back, and to media."""
    with running_demo(tmp_path) as demo:
        phones = Phones(f"http://127.0.0.1:{demo.environment['PHONES_PORT']}/")
        address = f"http://localhost:{demo.environment['HTTP_PORT']}/demo/"
        steps = perform(address, "wake.mjs", phones.lose_the_last, URL_PHONES=phones.url)
        arrived = phones.arrived()
        (call,) = [each for each in arrived if "avnewcall" in each["body"]][1:]
        trace = demo.asks("push", "trace", call["id"])
    assert steps == [
        "whoever closes the window can still be called",
        "a message is an alert, and a tap opens its conversation",
        "a caller that gives up is a call that was missed",
        "a call rings on the phone",
        "one tap brings her session back, and the call is offered to it",
        "she answers, and both receive frames",
        "who wants no pushes cannot be called when the window is closed",
        "a phone that its provider no longer knows is forgotten",
        "a push that nobody has sealed for this browser wakes nobody",
        "done",
    ]
    kinds = [dict(each["headers"])["apns-push-type"] for each in arrived]
    assert kinds == ["alert", "voip", "background", "voip", "alert", "alert"]
    assert [each["remarks"] for each in arrived] == [[]] * len(arrived)
    assert [each["done"] for each in arrived] == ["200"] * 5 + ["410"]
    stages = [each["step"] for each in trace["steps"]]
    whole = ["accepted", "handed_over", "provider_answer", "session_back", "call_answered"]
    assert [each for each in stages if each in whole] == whole
    # None of them can be in base64 by chance.
    for word in ("sip:", "demo.example", '"Bob"', "Are you"):
        assert word not in json.dumps(arrived), "the provider and whoever reads along know nobody"

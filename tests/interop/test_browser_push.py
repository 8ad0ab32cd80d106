"""The demo's phones in Debian's Chromium: close a window, call it, answer on the phone."""

import json
import urllib.request
from pathlib import Path

import pytest

from tests.interop.browser.stage import perform, running_demo

pytestmark = pytest.mark.interop


def test_a_call_reaches_alice_although_her_window_is_closed(tmp_path: Path) -> None:
    """From the caller through the gateway to the phone's provider, back, and to media."""
    with running_demo(tmp_path) as demo:
        phones = f"http://127.0.0.1:{demo.environment['PHONES_PORT']}/"
        address = f"http://localhost:{demo.environment['HTTP_PORT']}/demo/"
        steps = perform(address, "wake.mjs", URL_PHONES=phones)
        with urllib.request.urlopen(f"{phones}arrivals?provider=apns") as answer:
            arrived = json.load(answer)
        trace = demo.asks("push", "trace", arrived[-1]["id"])
    assert steps == [
        "whoever closes the window can still be called",
        "a message is an alert, and a tap opens its conversation",
        "a caller that gives up is a call that was missed",
        "a call rings on the phone",
        "one tap brings her session back, and the call is offered to it",
        "she answers, and both receive frames",
        "who wants no pushes cannot be called when the window is closed",
        "a push that nobody has sealed for this browser wakes nobody",
        "done",
    ]
    kinds = [dict(each["headers"])["apns-push-type"] for each in arrived]
    assert kinds == ["alert", "voip", "background", "voip"]
    assert [each["remarks"] for each in arrived] == [[]] * 4
    stages = [each["step"] for each in trace["steps"]]
    whole = ["accepted", "handed_over", "provider_answer", "session_back", "call_answered"]
    assert [each for each in stages if each in whole] == whole
    # None of them can be in base64 by chance.
    for word in ("sip:", "demo.example", '"Bob"', "Are you"):
        assert word not in json.dumps(arrived), "the provider and whoever reads along know nobody"

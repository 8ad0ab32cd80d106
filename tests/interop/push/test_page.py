"""The simulators' page in Debian's Chromium, and who is asked to wake a device."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.interop.browser.stage import perform
from tests.interop.push.our_client import Sender
from tests.interop.push.running import running_simulators

pytestmark = pytest.mark.interop


@pytest.fixture
def wakes() -> Iterator[tuple[str, list[Any]]]:
    """Somebody who plays all devices: the address, and what was asked there."""
    asked: list[Any] = []

    class Device(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Device) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/wake", asked
        server.shutdown()


def test_a_push_appears_and_its_device_is_woken_by_a_key(
    tmp_path: Path, wakes: tuple[str, list[Any]]
) -> None:
    address, asked = wakes
    with running_simulators(tmp_path, "--wake", address) as simulators:
        sender = Sender(simulators).opened()

        def act(wanted: str) -> None:
            assert wanted == "push"
            sender.outcome()

        steps = perform(simulators.addresses["control"], "pushes.mjs", act)
        simulators.until(lambda: asked)
        sender.stop()
    assert steps == [
        "a push appears by itself, with what it says and what was answered",
        "a key wakes its device, and the focus stays",
        "details have all but the secret",
        "what was there before is there again",
        "light and dark are readable",
        "a phone has no need to scroll sideways",
        "nothing was loaded from elsewhere",
        "done",
    ]
    (about,) = asked
    assert about["provider"] == "apns"
    assert about["token"] == "ef" * 32
    assert about["id"] in sender.results

"""What Node's world sends pushes with, against the simulators (node/package.json)."""

import json
import os
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.interop.push.running import PATIENCE, Running

pytestmark = pytest.mark.interop

NODE = Path(__file__).parent / "node"
DEVICE = "cd" * 32
FCM_DEVICE = "d" * 22 + ":" + "APA91b" + "y" * 134


def perform(program: str, simulators: Running, **said: Any) -> list[Any]:
    """Run a program, which is told everything by its standard input."""
    node = shutil.which("node")
    assert node is not None, "node is needed: apt install nodejs"
    done = subprocess.run(
        [node, program],
        cwd=NODE,
        env={**os.environ, "NODE_EXTRA_CA_CERTS": simulators.facts["ca"]},
        input=json.dumps({**simulators.facts, **said}),
        capture_output=True,
        text=True,
        timeout=3 * PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told: list[Any] = json.loads(done.stdout)
    return told


def no_faults(simulators: Running) -> bool:
    return all(not each["faults"] for each in simulators.ask("state")["conduct"].values())


def test_apns2_is_understood(simulators: Running) -> None:
    assert set(perform("apns2.cjs", simulators, device=DEVICE, count=50)) == {"200"}
    assert len(simulators.pushes("apns")) == 52


def test_apns2_reads_a_dead_token(simulators: Running) -> None:
    simulators.ask("devices", {"provider": "apns", "token": DEVICE, "gone": True})
    told = perform("apns2.cjs", simulators, device=DEVICE, count=0)
    assert told == ["410 Unregistered", "410 Unregistered"]


@pytest.mark.parametrize("certificate", [False, True])
def test_node_apn_is_understood(simulators: Running, certificate: bool) -> None:
    told = perform("node-apn.cjs", simulators, device=DEVICE, count=50, certificate=certificate)
    assert Counter(told) == {"200": 51}


def test_node_apn_reads_what_is_scripted(simulators: Running) -> None:
    simulators.ask("script", {"provider": "apns", "answer": "400 DeviceTokenNotForTopic"})
    told = perform("node-apn.cjs", simulators, device=DEVICE, count=1, certificate=False)
    assert told == ["400 DeviceTokenNotForTopic", "200"]


def test_firebase_admin_is_understood_over_both_versions_of_http(simulators: Running) -> None:
    assert perform("firebase-admin.cjs", simulators, device=FCM_DEVICE) == ["200"] * 4
    streams = [each["stream"] > 0 for each in simulators.pushes("fcm")]
    assert streams == [True, True, True, False]


def test_firebase_admin_reads_fcms_own_codes(simulators: Running) -> None:
    for row in ("404 UNREGISTERED", "403 SENDER_ID_MISMATCH", "400 INVALID_ARGUMENT token"):
        simulators.ask("script", {"provider": "fcm", "answer": row})
    told = perform("firebase-admin.cjs", simulators, device=FCM_DEVICE)
    assert Counter(told) == {
        "messaging/registration-token-not-registered": 1,
        "messaging/mismatched-credential": 1,
        "messaging/invalid-argument": 1,
        "200": 1,
    }


def test_web_push_is_taken_and_read(simulators: Running) -> None:
    """What shows no VAPID is unauthorised."""
    subscription = simulators.ask("subscriptions", {})
    assert perform("web-push.cjs", simulators, subscription=subscription) == [201, 201, 401]
    assert [each["clear"] for each in simulators.pushes("web_push")[:2]] == ['{"id":"8"}'] * 2
    assert no_faults(simulators)

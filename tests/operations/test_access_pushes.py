"""What the access book tells of pushes."""

import re
from typing import Any

import pytest

from procall_mobility.gateway.access import Device, Event
from procall_mobility.operations.rendering import took
from tests.operations.access_lines import NAMES, facts, line

PUSHED: dict[str, Any] = {
    "event": Event.PUSH_SENT,
    "customer": "acme",
    "duration": 0.0382,
    "urgency": "call",
    "lane": "apns:TEAM.KEY",
    "device": Device(b"digest of a token"),
    "push": "5f0c2f6e-9a3b-4d1e-8f00-1234567890ab",
}


def test_a_push_is_told_by_its_class_lane_and_a_stand_in_for_the_device() -> None:
    device = NAMES.of_device("acme", Device(b"digest of a token"))
    assert re.fullmatch(r"device#[0-9a-f]{6}", device)
    assert line(**PUSHED) == (
        "2026-11-22T09:14:03+01:00 acme push handed over after 38 ms  "
        f"call lane=apns:TEAM.KEY {device} push=5f0c2f6e-9a3b-4d1e-8f00-1234567890ab"
    )
    assert facts(**PUSHED) == {
        "time": "2026-11-22T09:14:03.250+01:00",
        "event": "push handed over",
        "customer": "acme",
        "seconds": 0.038,
        "class": "call",
        "lane": "apns:TEAM.KEY",
        "device": device,
        "push": "5f0c2f6e-9a3b-4d1e-8f00-1234567890ab",
    }


def test_a_device_has_another_stand_in_at_another_customer() -> None:
    device = Device(b"digest of a token")
    assert NAMES.of_device("acme", device) != NAMES.of_device("globex", device)
    assert NAMES.of_device(None, device) == NAMES.of_device("", device)
    assert "digest" not in repr(device)


def test_why_a_push_was_not_accepted_is_all_there_is_to_tell() -> None:
    refused = {"event": Event.PUSH_NOT_ACCEPTED, "customer": "acme", "why": "too-fast"}
    assert line(**refused) == ("2026-11-22T09:14:03+01:00 acme push not accepted  reason=too-fast")
    assert facts(**refused)["reason"] == "too-fast"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-0.1, "0 ms"), (0.0382, "38 ms"), (0.9994, "999 ms"), (2.14, "2.1 s"), (9.9, "9.9 s"),
        (41.9, "41 s"), (3600, "1 h 0 min"),
    ],
)  # fmt: skip
def test_of_a_push_the_first_second_counts(seconds: float, said: str) -> None:
    assert took(seconds) == said

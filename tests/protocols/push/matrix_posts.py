"""What a homeserver posts, as the specification shows it."""

import json
from typing import Any

from procall_mobility.protocols.push.matrix import Device, Notify, read

# The example of the specification, with what it leaves to homeservers.
DEVICE: dict[str, Any] = {
    "app_id": "org.matrix.matrixConsole.ios",
    "pushkey": "V2h5IG9uIGVhcnRoIGRpZCB5b3UgZGVjb2RlIHRoaXM/",
    "pushkey_ts": 12345678,
    "data": {},
    "tweaks": {"sound": "bing"},
}
TOLD: dict[str, Any] = {
    "content": {"body": "I'm floating in a most peculiar way.", "msgtype": "m.text"},
    "counts": {"missed_calls": 1, "unread": 2},
    "devices": [DEVICE],
    "event_id": "$3957tyerfgewrf384",
    "prio": "high",
    "room_alias": "#exampleroom:matrix.org",
    "room_id": "!slw48wfj34rtnrf:example.com",
    "room_name": "Mission Control",
    "sender": "@exampleuser:matrix.org",
    "sender_display_name": "Major Tom",
    "type": "m.room.message",
}


def notify(**members: Any) -> Notify:
    return read(json.dumps({"notification": {**TOLD, **members}}).encode())


def device(**members: Any) -> Device:
    (only,) = notify(devices=[{**DEVICE, **members}]).devices
    return only

"""Phones that want to be woken: what their applications have registered (Wire 7.1)."""

import base64
from collections.abc import Callable
from typing import Any

from attrs import field, frozen

from examples.uc_demo.server.replies import RefusedError
from examples.uc_demo.server.sessions import Session, Sessions

CALLS, CHATS = 1, 2
"""iRegisterType, a bit mask; 0 takes the device away."""
AES_128 = 16
"""Octets of a key."""
MOST_DEVICES = 1000
LONGEST_ID = 256
"""Characters of a device's id."""


@frozen(kw_only=True)
class Device:
    """One installation of an application."""

    id: str
    contact_id: str
    """Whose it is."""
    kinds: int
    channel: str
    token: str = field(repr=False)
    call_channel: str
    call_token: str = field(repr=False)
    """Empty without a token for calls: then they go where everything goes."""
    key: bytes = field(repr=False)
    """Only the application has it, too; empty where it asked for none."""
    since: float
    """Unix seconds of its registration."""


class Devices:
    """All of them."""

    def __init__(
        self,
        sessions: Sessions,
        entropy: Callable[[int], bytes],
        wall_clock: Callable[[], float],
        changed: Callable[[str], None],
    ) -> None:
        """Tell `changed` the contact that can be woken, or no longer can."""
        self._sessions = sessions
        self._entropy = entropy
        self._wall_clock = wall_clock
        self._changed = changed
        self._devices: dict[str, Device] = {}

    def __len__(self) -> int:
        return len(self._devices)

    def register(self, session: Session, argument: dict[str, Any]) -> dict[str, Any]:
        """Answer asnAppsRegisterPush; a device has one registration, the latest."""
        assert session.person is not None
        name = _text(argument, "u8sDeviceID")[:LONGEST_ID]
        kinds = int(argument.get("iRegisterType") or 0)
        key = self._entropy(AES_128) if kinds and argument.get("iEncryption") else b""
        before = self._devices.get(name)
        if kinds:
            self._devices[name] = self._device(name, session.person.contact_id, argument, key)
        elif before is not None:
            del self._devices[name]
        session.device = name if kinds else ""
        contacts = {session.person.contact_id, before.contact_id if before else ""} - {""}
        for contact in sorted(contacts):
            self._changed(contact)
        return {"key": base64.b64encode(key).decode()} if key else {}

    def of(self, contact_id: str, kind: int) -> list[Device]:
        """Return somebody's devices that want this kind of pushes, and have no session now."""
        awake = {session.device for session in self._sessions.of(contact_id)}
        return [
            each
            for each in self._devices.values()
            if each.contact_id == contact_id and each.kinds & kind and each.id not in awake
        ]

    def can_wake(self, contact_id: str) -> bool:
        """Whether somebody who has no session can be called nevertheless."""
        return bool(self.of(contact_id, CALLS))

    def token_gone(self, token: str, at: float) -> None:
        """Forget who had a token that was found dead, unless it has registered since."""
        for device in list(self._devices.values()):
            if token in (device.token, device.call_token) and device.since <= at:
                del self._devices[device.id]
                self._changed(device.contact_id)

    def _device(self, name: str, contact: str, argument: dict[str, Any], key: bytes) -> Device:
        if not name:
            raise RefusedError(0, "u8sDeviceID is mandatory")
        if name not in self._devices and len(self._devices) >= MOST_DEVICES:
            raise RefusedError(0, "too many devices")
        token, channel = _text(argument, "u8sPushID"), _text(argument, "u8sPushChannelID")
        if not token or not channel:
            raise RefusedError(0, "u8sPushID and u8sPushChannelID are mandatory")
        return Device(
            id=name,
            contact_id=contact,
            kinds=int(argument["iRegisterType"]),
            channel=channel,
            token=token,
            call_channel=_text(argument, "u8sPushChannelIDVoIP") or channel,
            call_token=_text(argument, "u8sPushIDVoIP"),
            key=key,
            since=self._wall_clock(),
        )


def _text(argument: dict[str, Any], name: str) -> str:
    return str(argument.get(name) or "")

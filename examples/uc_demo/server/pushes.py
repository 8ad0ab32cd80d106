"""What is pushed to sleeping phones: calls that ring, that they ring no more, and messages."""

import uuid
from collections.abc import Callable
from typing import Any

from examples.uc_demo.server.devices import CALLS, CHATS, Device, Devices
from examples.uc_demo.server.directory import CONTACTS
from examples.uc_demo.server.sealing import seal

RINGS_FOR = 30
"""Seconds a phone has to wake up; a push about a call is worth nothing later."""
CHAT_KEPT = 86_400
"""Seconds."""
LONGEST_TEXT = 300
"""Characters of a message that are shown: a push of Apple's has 4 KiB, and the text may double."""

Message = dict[str, Any]
"""As the push interface takes it (Wire 7.3)."""

Post = Callable[[list[Message]], None]


class Pushes:
    """Wakes devices; the way there learns of no user, no caller and no text."""

    def __init__(
        self,
        devices: Devices,
        post: Post,
        entropy: Callable[[int], bytes],
        wall_clock: Callable[[], float],
    ) -> None:
        self._devices = devices
        self._post = post
        self._entropy = entropy
        self._wall_clock = wall_clock
        self._rung: dict[str, dict[str, Device]] = {}
        """Call to the devices that were told of it."""

    def ring(self, call: str, caller: str, callee: str) -> bool:
        """Have a call ring at the callee's sleeping devices, once at each; whether any does."""
        rung = self._rung.setdefault(call, {})
        fresh = [each for each in self._devices.of(callee, CALLS) if each.id not in rung]
        rung.update((each.id, each) for each in fresh)
        until = int(self._wall_clock()) + RINGS_FOR
        content = {"call": call, **_sender(caller), "until": until}
        self._push(fresh, "avnewcall", content, f"call-{call}", RINGS_FOR)
        if not rung:
            del self._rung[call]
        return bool(rung)

    def silence(self, call: str, answered_by: str = "") -> None:
        """Tell devices that a call rings no more; the one that has answered it knows."""
        rung = self._rung.pop(call, {})
        others = [each for each in rung.values() if each.id != answered_by]
        self._push(others, "avdropcall", {"call": call}, f"call-{call}", RINGS_FOR)

    def chat(self, conversation: str, sender: str, recipient: str, text: str) -> None:
        """Show a message to somebody who is not there."""
        content = {**_sender(sender), "text": text[:LONGEST_TEXT]}
        phones = self._devices.of(recipient, CHATS)
        self._push(phones, "chat", content, conversation, CHAT_KEPT)

    def _push(
        self, devices: list[Device], kind: str, content: dict[str, Any], collapse: str, ttl: int
    ) -> None:
        messages = [self._message(each, kind, content, collapse, ttl) for each in devices]
        if messages:
            self._post(messages)

    def _message(
        self, device: Device, kind: str, content: dict[str, Any], collapse: str, ttl: int
    ) -> Message:
        push = str(uuid.UUID(bytes=self._entropy(16), version=4))
        # A token for calls may be used for calls alone: a phone has to show one each time.
        is_call = kind == "avnewcall" and bool(device.call_token)
        # Who has no key is told nothing, and asks when it is awake.
        payload = seal(content, device.key, push, kind, self._entropy) if device.key else {}
        return {
            "id": push,
            "channel": device.call_channel if is_call else device.channel,
            "token": device.call_token if is_call else device.token,
            "voip": is_call,
            "kind": kind,
            "ttl": ttl,
            "collapse": collapse,
            "payload": payload,
        }


def _sender(contact_id: str) -> dict[str, str]:
    return {"from": contact_id, "name": CONTACTS[contact_id].name}

"""What application servers post to push services (RFC 8030 section 5), read."""

import re
from collections.abc import Callable
from typing import Final

from attrs import field, frozen

from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.push import aes128gcm
from procall_mobility.protocols.push.json_web_tokens import base64url
from procall_mobility.protocols.push.notification import Notification, Urgency
from procall_mobility.protocols.push.web_push_encryption import LARGEST, PUBLIC_KEY

KIND: Final = "webpush"
"""The kind applications are told: what it is about only they can read."""

SHORTEST_TTL: Final = 10
"""Seconds.  0 asks for one attempt now (section 5.2), which takes its time."""

LONGEST_TTL: Final = 2_419_200
"""Seconds: four weeks, as Google has it."""

CODING: Final = "aes128gcm"

URGENCIES: Final = {
    "very-low": Urgency.BACKGROUND,
    "low": Urgency.BACKGROUND,
    "normal": Urgency.ALERT,
    "high": Urgency.ALERT,
}
"""Of section 5.3; a call is what its URL is for."""

_TTL = re.compile(r"\d{1,10}", re.ASCII)
_TOPIC = re.compile(r"[A-Za-z0-9_-]{1,32}", re.ASCII)
"""Section 5.4."""


class WebPushError(PeerError):
    """A message that is none; `status` is what HTTP calls that."""

    def __init__(self, reason: str, text: str, *, status: int = 400) -> None:
        """Say why."""
        super().__init__(reason, text)
        self.status = status


@frozen(kw_only=True)
class WebPushMessage:
    """One message, which nobody but the application can read."""

    ttl: int
    """Seconds it is kept; less than was asked for where that was too long."""
    urgency: Urgency
    topic: str | None
    body: bytes = field(repr=False)

    def notification(self, *, name: str, token: str, is_voip: bool, unix: float) -> Notification:
        """Return it as a push to a device."""
        data = {"enc": CODING, "data": base64url(self.body)} if self.body else {}
        return Notification(
            id=name,
            kind=KIND,
            token=token,
            is_voip=is_voip,
            urgency=Urgency.CALL if is_voip else self.urgency,
            expires=unix + max(self.ttl, SHORTEST_TTL),
            collapse=self.topic,
            content=data,
        )


def read(header: Callable[[str], str | None], body: bytes) -> WebPushMessage:
    """Read a request; `header` gives a field by its name in lower case, None where there is none.

    Raises:
        WebPushError: it is no message, or one in clear.
    """
    ttl = header("ttl")
    if ttl is None or not _TTL.fullmatch(ttl):
        raise WebPushError("bad-ttl", "TTL is no number of seconds (RFC 8030 section 5.2)")
    urgency = URGENCIES.get(header("urgency") or "normal")
    if urgency is None:
        text = f"Urgency is none of {', '.join(URGENCIES)} (RFC 8030 section 5.3)"
        raise WebPushError("bad-urgency", text)
    topic = header("topic")
    if topic is not None and not _TOPIC.fullmatch(topic):
        text = "Topic has 1 to 32 letters, digits, - and _ (RFC 8030 section 5.4)"
        raise WebPushError("bad-topic", text)
    if len(body) > LARGEST:
        text = f"a message has {LARGEST} octets at most"
        raise WebPushError("too-large", text, status=413)
    if body:
        _check_coding((header("content-encoding") or "").lower(), body)
    return WebPushMessage(ttl=min(int(ttl), LONGEST_TTL), urgency=urgency, topic=topic, body=body)


def _check_coding(coding: str, body: bytes) -> None:
    """See that a body is enciphered as RFC 8291 section 4 has it, as far as that shows."""
    if coding != CODING:
        text = f"Content-Encoding is not {CODING}: messages in clear are not taken (RFC 8291)"
        raise WebPushError("not-encrypted", text, status=415)
    coded = aes128gcm.parse(body)
    if len(coded.key_id) != PUBLIC_KEY or len(coded.records) < aes128gcm.SMALLEST_RECORD - 1:
        raise WebPushError("bad-encryption", "the content is not what RFC 8291 makes")

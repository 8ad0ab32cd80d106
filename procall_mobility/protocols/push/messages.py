"""What a customer's server posts to have pushes sent (Wire 7.3), read from JSON.

A message that is wrong does not spoil the others of its batch; a body that is none spoils all.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from attrs import define, field, frozen

from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.push.notification import Notification, Urgency

MOST_MESSAGES: Final = 1000
"""Of one request."""

LONGEST_WORD: Final = 128
"""Characters of a channel, a kind and a collapse key."""

LONGEST_TOKEN: Final = 4096
"""Characters; a Web Push subscription is a whole JSON object."""

MOST_MEMBERS: Final = 64
"""Of a payload."""

LARGEST_PAYLOAD: Final = 8192
"""Octets; every provider takes less, and says how much less."""

CALL: Final = 30.0
DAY: Final = 86_400.0

MARK: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII)
"""A UUID in lower case, as providers know ids."""

_NUMBERS: Final = frozenset({int, float})
"""What JSON calls a number.  To Python a boolean is one as well."""

_TEXT_ALONE: Final = frozenset({str})

_read_first = json.JSONDecoder().raw_decode


@frozen
class Kind:
    """How urgent a kind of message is, and how long it is worth something if nobody says."""

    urgency: Urgency
    ttl: float
    """Seconds."""


KINDS: Final[Mapping[str, Kind]] = {
    "avnewcall": Kind(Urgency.CALL, CALL),
    "avdropcall": Kind(Urgency.CALL, CALL),
    "chat": Kind(Urgency.ALERT, 7 * DAY),
    "journal": Kind(Urgency.ALERT, 7 * DAY),
    "check": Kind(Urgency.ALERT, 60.0),
}
OTHER: Final = Kind(Urgency.BACKGROUND, DAY)
"""Of words we do not know: such a push is delivered, and disturbs nobody."""


class MessageError(PeerError):
    """A message, or a whole body, that is none; `reason` is for programs."""

    def __init__(self, reason: str, text: str, limit: int | None = None) -> None:
        """Say why; `limit` is how large it may be at most, where that is the reason."""
        super().__init__(reason, text)
        self.limit = limit


@define(kw_only=True)  # For each push that comes: not frozen, as notifications are not.
class Message:
    """One message that was understood."""

    channel: str
    """Which application: the name it has been registered by."""
    notification: Notification


@frozen(kw_only=True)
class Misunderstood:
    """One that was not."""

    id: str | None
    """What it called itself, where that can be said back."""
    reason: str
    text: str
    limit: int | None = None
    """Octets, where there were too many."""


Item = Message | Misunderstood


@define(kw_only=True)
class Order:
    """A whole request."""

    ucsid: str | None
    """The customer that is named in the body; the credentials say who it is."""
    items: tuple[Item, ...] = field(repr=False)
    ids: list[str]
    """Of those that were understood; no two are the same."""


def read(body: bytes, unix: float, new_id: Callable[[], str]) -> Order:
    """Read the body of a request; a message without an id is given a new one.

    Raises:
        MessageError: it is no such body.
    """
    try:
        told = _read_json(body)
    except (ValueError, RecursionError):
        raise MessageError("bad-body", "the body is no JSON") from None
    if not isinstance(told, dict):
        raise MessageError("bad-body", "the body is no JSON object")
    listed = told.get("messages")
    if not isinstance(listed, list) or not listed:
        raise MessageError("bad-body", "`messages` is no list, or an empty one")
    if len(listed) > MOST_MESSAGES:
        raise MessageError("too-many-messages", f"a request has at most {MOST_MESSAGES} messages")
    ucsid = told.get("ucsid")
    if ucsid is not None and not isinstance(ucsid, str):
        raise MessageError("bad-body", "`ucsid` is no text")
    items, ids = [], []
    for each in listed:
        item = _item(each, unix, new_id)
        items.append(item)
        if isinstance(item, Message):
            ids.append(item.notification.id)
    if len(ids) > 1 and len(set(ids)) != len(ids):
        raise MessageError("bad-id", "two messages have one id")
    return Order(ucsid=ucsid, items=tuple(items), ids=ids)


def _read_json(body: bytes) -> Any:
    if body[:2] != b'{"':
        return json.loads(body)
    # What begins so is UTF-8; to find that out, `json` takes as long as to read it.
    text = body.decode("utf-8", "surrogatepass")
    told, end = _read_first(text)
    # It has to say what is wrong with whatever follows.
    return told if end == len(text) else json.loads(text)


def _item(told: Any, unix: float, new_id: Callable[[], str]) -> Item:
    if not isinstance(told, dict):
        return Misunderstood(id=None, reason="bad-message", text="a message is no JSON object")
    named = told.get("id")
    name = named.lower() if isinstance(named, str) else None
    try:
        if named is not None and (name is None or not MARK.fullmatch(name)):
            name = None
            raise MessageError("bad-id", "`id` is no UUID")
        return _message(told, name or new_id(), unix)
    except MessageError as error:
        return Misunderstood(id=name, reason=error.reason, text=error.text, limit=error.limit)


def _message(told: dict[str, Any], name: str, unix: float) -> Message:
    kind = _word(told, "kind")
    known = KINDS.get(kind, OTHER)
    ttl = told.get("ttl", known.ttl)
    if type(ttl) not in _NUMBERS or not 0 < ttl < 1e9:
        raise MessageError("bad-ttl", "`ttl` is no number of seconds above 0")
    is_voip = told.get("voip", False)
    if not isinstance(is_voip, bool):
        raise MessageError("bad-message", "`voip` is neither true nor false")
    token = told.get("token")
    if not isinstance(token, str) or not 0 < len(token) <= LONGEST_TOKEN:
        raise MessageError("token-malformed", f"`token` has 1 to {LONGEST_TOKEN} characters")
    return Message(
        channel=_word(told, "channel"),
        notification=Notification(
            id=name,
            kind=kind,
            token=token,
            is_voip=is_voip,
            urgency=known.urgency,
            expires=unix + ttl,
            collapse=_word(told, "collapse") if told.get("collapse") is not None else None,
            content=_content(told.get("payload")),
        ),
    )


def _word(told: dict[str, Any], member: str) -> str:
    word = told.get(member)
    if not isinstance(word, str) or not 0 < len(word) <= LONGEST_WORD or not word.isprintable():
        text = f"`{member}` has 1 to {LONGEST_WORD} printable characters"
        raise MessageError("bad-message", text)
    return word


def _content(payload: Any) -> dict[str, str]:
    """Return the payload flat: some providers carry text only."""
    if payload is None:
        return {}
    if not isinstance(payload, dict) or len(payload) > MOST_MEMBERS:
        text = f"`payload` is a JSON object of at most {MOST_MEMBERS} members"
        raise MessageError("bad-payload", text)
    content = payload
    if not _TEXT_ALONE.issuperset(map(type, payload.values())):
        content = {
            name: value if isinstance(value, str) else _flat(value)
            for name, value in payload.items()
            if value is not None
        }
    text = "".join([*content, *content.values()])
    size = len(text) if text.isascii() else len(text.encode("utf-8", "replace"))
    if size > LARGEST_PAYLOAD:
        text = f"`payload` has {size} octets, and no provider takes more than {LARGEST_PAYLOAD}"
        raise MessageError("too-large", text, LARGEST_PAYLOAD)
    return content


def _flat(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    except RecursionError:
        raise MessageError("bad-payload", "`payload` is nested too deeply") from None

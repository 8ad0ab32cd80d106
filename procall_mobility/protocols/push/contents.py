"""What an application is told, in the members that are the same whoever carries them."""

import hashlib
import json
import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from json.encoder import encode_basestring as _quoted

from procall_mobility.protocols.push.notification import Notification
from procall_mobility.protocols.push.unsayable import NoText, ReservedName

OURS = frozenset({"id", "kind"})
"""The id lets an application drop a push it has seen: delivery is at least once."""

LONGEST_KEY = 64
"""Octets of a collapse key; APNs takes no more."""

_KEY = re.compile(rf"[\x21-\x7e]{{1,{LONGEST_KEY}}}", re.ASCII)

_PLAIN = bytes(octet for octet in range(0x20, 0x100) if octet not in b'"\\')
"""Octets of UTF-8 that stand for themselves in JSON's strings."""

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def application_data(
    notification: Notification, reserved: AbstractSet[str] = frozenset()
) -> dict[str, str]:
    """Return the members for the application; `reserved` are names the provider keeps for itself.

    Raises:
        ReservedName: the content has a member of such a name.
    """
    content = notification.content
    if not (OURS.isdisjoint(content) and reserved.isdisjoint(content)):
        raise ReservedName("the content has a member with a reserved name")
    return {"id": notification.id, "kind": notification.kind, **content}


def short_key(key: str) -> str:
    """Return a collapse key that any header can carry; for one that none can, its digest."""
    if _KEY.fullmatch(key):
        return key
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def flat_json(members: Mapping[str, str]) -> bytes:
    """Write an object of strings, at a fraction of the cost of `json_octets`.

    Raises:
        NoText: there are lone surrogates in it.
    """
    plain = '","'.join(map('":"'.join, members.items()))
    octets = _utf_8(f'{{"{plain}"}}')
    # In nearly all there is nothing to be escaped: then these quotes are ours, and all there are.
    if octets.translate(None, _PLAIN) == b'"' * (4 * len(members)):
        return octets
    said = [f"{_quoted(name)}:{_quoted(value)}" for name, value in members.items()]
    return _utf_8(f"{{{','.join(said)}}}")


def most_octets(members: Mapping[str, str]) -> int | None:
    """Return a bound of what `flat_json` writes, at a fraction of its cost.

    None where it has to be written to know, as it is not ASCII alone: there, no character takes
    more than the six octets of an escape.
    """
    text = "".join([*members, *members.values()])
    return 6 * (len(text) + len(members)) + 2 if text.isascii() else None


def json_octets(value: object) -> bytes:
    """Write JSON in as few octets as it takes.

    Raises:
        NoText: there are lone surrogates in it.
    """
    return _utf_8(_encode(value))


def _utf_8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        pass  # That error holds the whole text; ours is not to have it for its context.
    raise NoText("the content has half of a surrogate pair in it")

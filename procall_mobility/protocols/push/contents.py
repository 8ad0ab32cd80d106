"""What an application is told, in the members that are the same whoever carries them."""

import json
from collections.abc import Container

from procall_mobility.protocols.push.notification import Notification
from procall_mobility.protocols.push.unsayable import NoText, ReservedName

OURS = ("id", "kind")
"""The id lets an application drop a push it has seen: delivery is at least once."""

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def application_data(notification: Notification, reserved: Container[str] = ()) -> dict[str, str]:
    """Return the members for the application; `reserved` are names the provider keeps for itself.

    Raises:
        ReservedName: the content has a member of such a name.
    """
    content = notification.content
    for name in content:
        if name in OURS or name in reserved:
            raise ReservedName("the content has a member with a reserved name")
    return {"id": notification.id, "kind": notification.kind, **content}


def json_octets(value: object) -> bytes:
    """Write JSON in as few octets as it takes.

    Raises:
        NoText: there are lone surrogates in it.
    """
    try:
        return _encode(value).encode()
    except UnicodeEncodeError:
        pass  # That error holds the whole text; ours is not to have it for its context.
    raise NoText("the content has half of a surrogate pair in it")

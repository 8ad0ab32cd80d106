"""Accepted pushes as rows of the database, and back."""

import struct
from typing import Any

from procall_mobility.gateway.push.ports import QueuedPush
from procall_mobility.protocols.push.notification import Notification, Urgency
from procall_mobility.storage.push_seal import Seal, Unreadable, packed, unpacked

COLUMNS = (
    "id", "customer", "app", "token", "collapse", "urgency", "accepted", "expires",
    "not_before", "attempts", "sandbox", "sealed",
)  # fmt: skip

Row = tuple[Any, ...]
"""Values in the order of `COLUMNS`."""

URGENCIES = {int(urgency): urgency for urgency in Urgency}

_FIXED = struct.Struct(">Bdd")


def row_of(push: QueuedPush, seal: Seal) -> Row:
    """Return the row of a push.  Its token, collapse key and content are sealed."""
    about = push.notification
    content = about.content
    text = packed(
        (
            about.token,
            about.kind,
            "v" if about.is_voip else "",
            # None is not the empty key.
            "" if about.collapse is None else "=" + about.collapse,
            *content,
            *content.values(),
        )
    )
    urgency, expires = int(about.urgency), float(about.expires)
    fixed = _fixed(about.id, push.customer, push.app, urgency, push.accepted, expires)
    whose = (push.customer, push.app, about.token)
    return (
        about.id,
        push.customer,
        push.app,
        seal.hash(*whose),
        None if about.collapse is None else seal.hash(*whose, about.collapse),
        urgency,
        push.accepted,
        expires,
        push.not_before,
        push.attempts,
        push.sandbox,
        seal.seal(text, fixed),
    )


def push_of(row: Row, seal: Seal) -> QueuedPush:
    """Return the push of a row.

    Raises:
        Unreadable: the row is damaged, or was sealed with another key.
    """
    push, customer, app, _, _, urgency, accepted, expires, *changing, sealed = row
    try:
        fixed = _fixed(push, customer, app, urgency, accepted, expires)
        not_before, attempts, sandbox = float(changing[0]), int(changing[1]), changing[2]
        known_urgency = URGENCIES[urgency]
    except (TypeError, ValueError, KeyError, struct.error):
        raise Unreadable("a column is damaged") from None
    token, kind, voip, collapse, *content = unpacked(seal.opened(sealed, fixed))
    names = len(content) // 2
    return QueuedPush(
        customer=customer,
        app=app,
        notification=Notification(
            id=push,
            kind=kind,
            token=token,
            is_voip=bool(voip),
            urgency=known_urgency,
            expires=expires,
            collapse=collapse[1:] if collapse else None,
            content=dict(zip(content[:names], content[names:], strict=True)),
        ),
        accepted=accepted,
        not_before=not_before,
        attempts=attempts,
        sandbox=None if sandbox is None else bool(sandbox),
    )


def _fixed(
    push: str, customer: str, app: str, urgency: int, accepted: float, expires: float
) -> bytes:
    """Return all that never changes of a row, for the seal to hold together."""
    names = f"{push}\0{customer}\0{app}".encode("utf-8", "surrogateescape")
    return _FIXED.pack(urgency, accepted, expires) + names

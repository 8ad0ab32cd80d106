"""ROSE authentication as JSON (Wire 4.1, AuthRequest and AuthResult)."""

import base64
import binascii
from typing import Any

from procall_mobility.protocols.rose.json_envelope import unicode_of
from procall_mobility.protocols.rose.messages import (
    AuthenticationItem,
    AuthenticationRequest,
    AuthenticationResult,
    JsonValue,
)

MOST_AUTHENTICATIONS = 20
"""Methods in one offer; six are known (Wire 2.4)."""

Object = dict[str, Any]


def read_request(value: object) -> AuthenticationRequest | None:
    """Read what accompanies an invoke; None when it cannot be read."""
    item = _item(value.get("auth")) if isinstance(value, dict) else None
    if item is None or not isinstance(value, dict):
        return None
    return AuthenticationRequest(item, _context(value))


def read_offer(value: object) -> AuthenticationResult | None:
    """Read what a reject offers, leaving out what cannot be read."""
    entries = value.get("authList") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(entries, list):
        return None
    items = (_item(entry) for entry in entries[:MOST_AUTHENTICATIONS])
    return AuthenticationResult(tuple(i for i in items if i is not None), _context(value))


def _item(value: object) -> AuthenticationItem | None:
    if not isinstance(value, dict) or not isinstance(value.get("method"), str):
        return None
    data = value.get("authdata") or ""
    try:
        # TypeScript peers leave the padding out (Wire 4.3).
        octets = base64.b64decode(data + "=" * (-len(data) % 4), validate=True)
    except (TypeError, ValueError, binascii.Error):
        return None
    return AuthenticationItem(unicode_of(value["method"]), octets)


def _context(value: Object) -> str | None:
    context = value.get("context")
    return unicode_of(context) if isinstance(context, str) else None


def written_request(request: AuthenticationRequest) -> JsonValue:
    """Write what accompanies an invoke."""
    return _written({"auth": _item_value(request.item)}, request.context)


def written_offer(offer: AuthenticationResult) -> JsonValue:
    """Write what a reject offers."""
    return _written({"authList": [_item_value(item) for item in offer.items]}, offer.context)


def _written(value: Object, context: str | None) -> JsonValue:
    return JsonValue.of(value if context is None else {**value, "context": context})


def _item_value(item: AuthenticationItem) -> Object:
    return {"authdata": base64.b64encode(item.data).decode(), "method": item.method}

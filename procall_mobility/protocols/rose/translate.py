"""What has to change in a JSON value on its way between a client and a server (Wire 4.3).

The two sides disagree on nulls, NULL, times and optional parameters.  Values are relayed as the
text they came as; only where a quick look at that text shows something of the kind, it is parsed
and rewritten by schema.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TypeVar, cast

from attrs import evolve

from procall_mobility.protocols.rose import value_mending
from procall_mobility.protocols.rose.json_envelope import members_at
from procall_mobility.protocols.rose.messages import (
    Error,
    Invoke,
    JsonValue,
    Message,
    Payload,
    Result,
)
from procall_mobility.protocols.rose.operations import OPERATIONS
from procall_mobility.protocols.rose.schema import SCHEMA, TIME, Choice, ListOf, Sequence, Type

MOST_PATTERNS = 2048
"""One for each argument and result of the published interface."""

_NULL = re.compile(r"(?<![\w\"])null\b")
_PARAMETER_LIST = re.compile(r'"(?:string|integer|binary)data"\s*:')
_OPERATION = re.compile("asn([A-Za-z0-9_]{1,96})")
"""What may become part of a `_type`: a peer has chosen the name."""

MessageT = TypeVar("MessageT", bound=Message)
Mend = Callable[[JsonValue, str | None], JsonValue]


def towards_server(message: MessageT, operation: str | None) -> MessageT:
    """Return the message as a C++ server can read it: never a null, parameters as a map.

    Of operations the schema does not know, the nulls are left out all the same.
    """
    return _replaced(message, operation, _for_server)


def towards_client(message: MessageT, operation: str | None) -> MessageT:
    """Return the message as web pages read it: times as ISO text, NULL as null, `_type` on top.

    Of operations the schema does not know, only `_type` is written, by the naming convention.
    """
    return _replaced(message, operation, _for_client)


def _for_server(value: JsonValue, type_name: str | None) -> JsonValue:
    text = value.text
    # Plain searches first: they are many times faster, and nearly always find nothing.
    has_null = "null" in text and _NULL.search(text) is not None
    has_list = 'data"' in text and '"key"' in text and _PARAMETER_LIST.search(text) is not None
    if not has_null and not has_list:
        return value
    kind = value_mending.UNKNOWN if type_name is None else type_name
    return JsonValue.of(value_mending.for_server(kind, value.value()))


def _for_client(value: JsonValue, type_name: str | None) -> JsonValue:
    if type_name is None:
        return value
    suspicious = _suspicious(type_name)
    if suspicious is not None and suspicious.search(value.text) is not None:
        value = JsonValue.of(value_mending.for_client(type_name, value.value()))
    return _typed(value, type_name)


def _typed(value: JsonValue, type_name: str) -> JsonValue:
    text = value.text
    if not text.startswith("{") or text.startswith('{"_type"'):
        return value
    if '"_type"' in text and "_type" in members_at(text, 0, {})[0]:
        return value
    rest = text[1:]
    comma = "" if rest.lstrip().startswith("}") else ","
    return JsonValue(f'{{"_type":"{type_name}"{comma}{rest}')


def _replaced(message: MessageT, operation: str | None, mend: Mend) -> MessageT:
    payload, type_name = _payload_of(message, operation)
    if not isinstance(payload, JsonValue):
        return message
    mended = mend(payload, type_name)
    if mended is payload:
        return message
    changed: Message
    match message:
        case Invoke():
            changed = evolve(message, argument=mended)
        case Result():
            changed = evolve(message, result=mended)
        case _:
            changed = evolve(cast("Error", message), error=mended)
    return cast("MessageT", changed)


def _payload_of(message: Message, operation: str | None) -> tuple[Payload | None, str | None]:
    """Return what a message carries and its type, by the schema or by the naming convention."""
    name = operation or ""
    convention = _OPERATION.fullmatch(name)
    stem = convention and f"Asn{convention[1]}"
    match message:
        case Invoke():
            return message.argument, OPERATIONS.types_of(name)[0] or (stem and f"{stem}Argument")
        case Result():
            return message.result, OPERATIONS.types_of(name)[1] or (stem and f"{stem}Result")
        case Error():
            return message.error, OPERATIONS.error_of(name)
        case _:
            return None, None


@lru_cache(MOST_PATTERNS)
def _suspicious(type_name: str) -> re.Pattern[str] | None:
    """Return what betrays a numeric or empty time, or a NULL, anywhere in a value of a type."""
    names = sorted(set(_delicate(type_name, set())))
    if not names:
        return None
    return re.compile(rf'"(?:{"|".join(map(re.escape, names))})"\s*:\s*(?:[-0-9]|"")')


def _delicate(kind: Type, seen: set[str]) -> Iterator[str]:
    """Name the members whose type is a time or NULL."""
    if isinstance(kind, str):
        if kind in seen:
            return
        seen.add(kind)
    match SCHEMA.definition(kind):
        case ListOf(of):
            yield from _delicate(of, seen)
        case Sequence(members) | Choice(members):
            for member in members:
                if SCHEMA.definition(member.type) in (TIME, "NULL"):
                    yield member.name
                else:
                    yield from _delicate(member.type, seen)

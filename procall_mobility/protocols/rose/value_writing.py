"""Writes what JSON says as the BER element of a type of the schema."""

import base64
import binascii
from typing import Any

from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.rose import ber
from procall_mobility.protocols.rose.integers import integer_of
from procall_mobility.protocols.rose.real import days_of, write_real
from procall_mobility.protocols.rose.schema import (
    OPTIONAL_PARAMETERS,
    SCHEMA,
    Choice,
    Enumeration,
    ListOf,
    Member,
    Sequence,
    Type,
)
from procall_mobility.protocols.rose.value_reading import DEEPEST


def write(kind: Type, value: Any, *, marker: bool = False, depth: int = 0) -> bytes:
    """Return the element of `value`.

    Raises:
        PeerError: unknown type, a member missing, or a value of another shape.
    """
    if depth > DEEPEST:
        raise PeerError("protocol-error", "a value is nested too deeply")
    definition = SCHEMA.definition(kind)
    match definition:
        case str():
            return _write_primitive(definition, value)
        case Enumeration():
            return ber.integer(_integer(value), ber.ENUMERATED)
        case ListOf(of):
            items = _items(value) if kind == OPTIONAL_PARAMETERS else value
            if not isinstance(items, list):
                raise _mistyped("a list")
            contents = [write(of, item, marker=marker, depth=depth + 1) for item in items]
            return ber.element(ber.SEQUENCE, b"".join(contents))
        case Choice(members):
            return _write_choice(members, value, marker, depth)
        case Sequence(members):
            return _write_sequence(members, value, marker, depth)
    raise PeerError("protocol-error", "the schema does not know a type")


def _write_primitive(name: str, value: Any) -> bytes:
    match name:
        case "UTF8String":
            return ber.text(_text(value))
        case "INTEGER":
            return ber.integer(_integer(value))
        case "BOOLEAN":
            return ber.element(ber.BOOLEAN, b"\xff" if value else b"\0")
        case "OCTETS":
            return ber.element(ber.OCTETS, _octets(value))
        case "AsnSystemTime":
            days = days_of(value) if isinstance(value, str) else _number(value)
            return ber.element(ber.REAL, write_real(days))
    return ber.element(ber.NULL, b"")


def _write_sequence(members: tuple[Member, ...], value: Any, marker: bool, depth: int) -> bytes:
    if not isinstance(value, dict):
        raise _mistyped("an object")
    contents = [
        _write_member(member, value[member.name], marker, depth)
        for member in members
        if _is_given(member, value)
    ]
    if marker:
        contents.append(ber.EXTENSION_MARKER)
    return ber.element(ber.SEQUENCE, b"".join(contents))


def _write_choice(members: tuple[Member, ...], value: Any, marker: bool, depth: int) -> bytes:
    if not isinstance(value, dict):
        raise _mistyped("an object")
    chosen = [member for member in members if value.get(member.name) is not None]
    if len(chosen) != 1:
        raise PeerError("protocol-error", "a choice has not exactly one known member")
    return _write_member(chosen[0], value[chosen[0].name], marker, depth)


def _write_member(member: Member, value: Any, marker: bool, depth: int) -> bytes:
    written = write(member.type, value, marker=marker, depth=depth + 1)
    if member.tag is None:
        return written
    if isinstance(SCHEMA.definition(member.type), Choice):
        return ber.element(ber.context(member.tag, constructed=True), written)  # Always explicit.
    return ber.retagged(written, member.tag)


def _is_given(member: Member, value: dict[str, Any]) -> bool:
    if value.get(member.name) is not None or (
        SCHEMA.definition(member.type) == "NULL" and member.name in value
    ):
        return True
    if not member.optional:
        raise PeerError("protocol-error", f"{member.name} is missing")
    return False


def _items(value: Any) -> Any:
    """Return optional parameters as the list the schema has; both forms are taken (Wire 4.3)."""
    if not isinstance(value, dict):
        return value
    given = ((key, inner) for key, inner in value.items() if inner is not None)
    return [{"key": key, "value": _choice_of(inner)} for key, inner in given]


def _choice_of(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    if isinstance(value, int):
        return {"integerdata": int(value)}
    return {"stringdata": value}


def _integer(value: Any) -> int:
    number = integer_of(value)
    if number is None:
        raise _mistyped("a number")
    return number


def _number(value: Any) -> float:
    if isinstance(value, int | float):
        try:
            return float(value)
        except OverflowError:
            pass
    raise _mistyped("a number")


def _text(value: Any) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise _mistyped("a text")
    return value


def _octets(value: Any) -> bytes:
    text = _text(value)
    try:
        # TypeScript peers leave the padding out (Wire 4.3).
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (ValueError, binascii.Error) as error:
        raise _mistyped("base64") from error


def _mistyped(expected: str) -> PeerError:
    return PeerError("protocol-error", f"a value is not {expected}")

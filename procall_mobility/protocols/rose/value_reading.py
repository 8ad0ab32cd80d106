"""Reads a BER element of a type of the schema into what JSON can say."""

import base64
from typing import Any

from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.rose import ber
from procall_mobility.protocols.rose.ber import Element
from procall_mobility.protocols.rose.real import iso_of, read_real
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

DEEPEST = 50
"""Nesting of values; the schema's own types reach 12 where they do not recur."""

UNIVERSAL = {
    "UTF8String": ber.UTF8,
    "INTEGER": ber.INTEGER,
    "BOOLEAN": ber.BOOLEAN,
    "NULL": ber.NULL,
    "OCTETS": ber.OCTETS,
    "AsnSystemTime": ber.REAL,
}


def read(kind: Type, element: Element, depth: int = 0) -> Any:
    """Return the value of `element`, whatever its tag: the tag has been looked at before.

    Raises:
        PeerError: unknown type, or a value of another shape.
    """
    if depth > DEEPEST:
        raise PeerError("protocol-error", "a value is nested too deeply")
    definition = SCHEMA.definition(kind)
    match definition:
        case str():
            return _read_primitive(definition, element.contents)
        case Enumeration():
            return ber.read_integer(element.contents)
        case ListOf(of):
            items = [read(of, item, depth + 1) for item in ber.elements(element.contents)]
            return _as_map(items) if kind == OPTIONAL_PARAMETERS else items
        case Choice(members):
            return _read_choice(members, element, depth)
        case Sequence():
            return _read_sequence(definition, element, depth)
    raise PeerError("protocol-error", "the schema does not know a type")


def _read_primitive(name: str, contents: bytes) -> Any:
    match name:
        case "UTF8String":
            return ber.read_text(contents)
        case "INTEGER":
            return ber.read_integer(contents)
        case "BOOLEAN":
            return contents != b"\0"
        case "OCTETS":
            return base64.b64encode(contents).decode()
        case "AsnSystemTime":
            return iso_of(read_real(contents))
    return 0  # NULL, as C++ writes it (Wire 4.3).


def _read_sequence(sequence: Sequence, element: Element, depth: int) -> dict[str, Any]:
    values: dict[str, Any] = {}
    rest = list(ber.elements(element.contents))
    at = 0
    for member in sequence.members:
        if at < len(rest) and _fits(member, rest[at], lenient=sequence.private):
            values[member.name] = _read_member(member, rest[at], depth)
            at += 1
        elif not member.optional:
            raise PeerError("protocol-error", f"{member.name} is missing")
    return values  # What follows is an extension: the marker, or members of a later version.


def _read_choice(members: tuple[Member, ...], element: Element, depth: int) -> dict[str, Any]:
    for member in members:
        if _fits(member, element, lenient=False):
            return {member.name: _read_member(member, element, depth)}
    raise PeerError("protocol-error", "a choice has none of its alternatives")


def _read_member(member: Member, element: Element, depth: int) -> Any:
    is_choice = isinstance(SCHEMA.definition(member.type), Choice)
    if is_choice and _has_tag(member, element):
        element = ber.single(element.contents)  # A tag on a choice is always explicit.
    return read(member.type, element, depth + 1)


def _fits(member: Member, element: Element, *, lenient: bool) -> bool:
    """Whether `element` is this member; private types may leave their tags out (A-26)."""
    if member.tag is not None and _has_tag(member, element):
        return True
    if member.tag is not None and not lenient:
        return False
    return element.tag in _universal_tags(member.type)


def _has_tag(member: Member, element: Element) -> bool:
    return member.tag is not None and element.tag & ~0x20 == 0x80 | member.tag


def _universal_tags(kind: Type) -> frozenset[int]:
    match definition := SCHEMA.definition(kind):
        case str():
            return frozenset({UNIVERSAL[definition]})
        case Enumeration():
            # Some peers write an enumeration as the integer it is.
            return frozenset({ber.ENUMERATED, ber.INTEGER})
        case Choice(members):
            tags: set[int] = set()
            for member in members:
                if member.tag is None:
                    tags |= _universal_tags(member.type)
                else:
                    tags |= {0x80 | member.tag, 0xA0 | member.tag}
            return frozenset(tags)
    return frozenset({ber.SEQUENCE})


def _as_map(items: list[Any]) -> dict[str, Any]:
    """Return optional parameters as the map C++ writes (Wire 4.3)."""
    return {item["key"]: _map_value(item["value"]) for item in items}


def _map_value(value: dict[str, Any]) -> Any:
    ((name, inner),) = value.items()
    return {"binarydata": inner} if name == "binarydata" else inner

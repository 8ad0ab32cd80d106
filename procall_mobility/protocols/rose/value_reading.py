"""Reads a BER element of a type of the schema into what JSON can say."""

import base64
from typing import Any

from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.rose import ber
from procall_mobility.protocols.rose.ber import Element
from procall_mobility.protocols.rose.layout import (
    DOCUMENTED_AS_STRING,
    is_documented_as_string,
    is_tagged,
    layout_of,
)
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

MOST_ELEMENTS = 500_000
"""Elements of one value, half a second's work; a contact with everything in it has some 60."""


def read(kind: Type, element: Element) -> Any:
    """Return the value of `element`, a `kind` whatever its tag.

    Raises:
        PeerError: unknown type, or a value of another shape.
    """
    return _Reading().read(kind, element, 0)


class _Reading:
    """Reads one value, and counts its elements."""

    def __init__(self) -> None:
        self._left = MOST_ELEMENTS

    def read(self, kind: Type, element: Element, depth: int) -> Any:
        self._left -= 1
        if depth > DEEPEST or self._left < 0:
            raise PeerError("protocol-error", "a value is nested too deeply or has no end")
        definition = SCHEMA.definition(kind)
        match definition:
            case str():
                return _read_primitive(definition, element.contents)
            case Enumeration():
                return ber.read_integer(element.contents)
            case ListOf(of):
                items = [self.read(of, item, depth + 1) for item in element.inside()]
                return _as_map(items) if kind == OPTIONAL_PARAMETERS else items
            case Choice():
                return self._choice(definition, element, depth)
            case Sequence():
                return self._sequence(definition, element, depth)
        raise PeerError("protocol-error", "the schema does not know a type")

    def _sequence(self, sequence: Sequence, element: Element, depth: int) -> dict[str, Any]:
        layout = layout_of(sequence)
        values: dict[str, Any] = {}
        at = 0
        for inner in element.inside():
            index = layout.find(at, inner.tag)
            if index is None:
                break  # An extension: the marker, or members of a later version.
            member = sequence.members[index]
            values[member.name] = self._member(member, inner, depth, lenient=sequence.private)
            at = index + 1
        # What is documented of private types may be wrong: then its beginning has to do, as of
        # asnCreateUserSession's result, of which only the first member is needed (Wire 5.6).
        if at < layout.needed and not (sequence.private and values):
            missing = next(m.name for m in sequence.members[at:] if not m.optional)
            raise PeerError("protocol-error", f"{missing} is missing")
        return values

    def _choice(self, choice: Choice, element: Element, depth: int) -> dict[str, Any]:
        member = layout_of(choice).choose(element.tag)
        if member is None:
            raise PeerError("protocol-error", "a choice has none of its alternatives")
        return {member.name: self._member(member, element, depth, lenient=choice.private)}

    def _member(self, member: Member, element: Element, depth: int, *, lenient: bool) -> Any:
        kind = member.type
        if is_tagged(member, element.tag):
            if isinstance(SCHEMA.definition(kind), Choice):
                element = element.only()  # A tag on a choice is always explicit.
        elif lenient and is_documented_as_string(member):
            kind = DOCUMENTED_AS_STRING.get(element.tag, kind)
        return self.read(kind, element, depth + 1)


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


def _as_map(items: list[Any]) -> dict[str, Any]:
    """Return optional parameters as the map C++ writes (Wire 4.3)."""
    return {item["key"]: _map_value(item["value"]) for item in items}


def _map_value(value: dict[str, Any]) -> Any:
    ((name, inner),) = value.items()
    return {"binarydata": inner} if name == "binarydata" else inner

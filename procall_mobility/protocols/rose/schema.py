"""The schema of the published interface: which members, in which order, of which types.

Read from `data/ucconnect.json`, which `tools/make_schema.py` makes and describes.
"""

import json
from functools import cached_property
from importlib import resources
from typing import Any

from attrs import frozen

PRIMITIVE_TYPES = frozenset(
    {"UTF8String", "INTEGER", "BOOLEAN", "NULL", "OCTETS", "AsnSystemTime"}
)
TIME = "AsnSystemTime"
OPTIONAL_PARAMETERS = "AsnOptionalParameters"


@frozen
class Member:
    """One member of a sequence or choice; `tag` is its context tag."""

    name: str
    type: "Type"
    tag: int | None
    optional: bool


@frozen(eq=False)
class Sequence:
    """Members in ASN.1 order; all published sequences are extensible."""

    members: tuple[Member, ...]
    private: bool
    """Only documented: its tags are assumed (A-26)."""


@frozen(eq=False)
class Choice:
    """Exactly one of its members."""

    members: tuple[Member, ...]
    private: bool


@frozen
class ListOf:
    """Any number of values of one type."""

    of: "Type"


@frozen
class Enumeration:
    """An integer."""


Type = str | Sequence | Choice | ListOf | Enumeration
"""A definition, or a name: of a primitive type, or of another definition."""


class Schema:
    """Definitions are built when they are first asked for."""

    def __init__(self, table: dict[str, Any]) -> None:
        self._raw: dict[str, Any] = table["types"]
        self._built: dict[str, Type | None] = {}
        self.operations = [tuple(entry) for entry in table["operations"]]

    def definition(self, name: Type) -> Type | None:
        """Return what `name` stands for, through all aliases; None when nothing does."""
        if not isinstance(name, str) or name in PRIMITIVE_TYPES:
            return name
        if name not in self._built:
            raw = self._raw.get(name)
            self._built[name] = None if raw is None else self.definition(_build(raw))
        return self._built[name]

    @cached_property
    def names(self) -> frozenset[str]:
        """Return all names that are defined."""
        return frozenset(self._raw)


def _build(raw: Any) -> Type:
    match raw:
        case str():
            return raw
        case ["enum"]:
            return Enumeration()
        case ["list", of]:
            return ListOf(_build(of))
        case ["choice", private, members]:
            return Choice(_members(members), bool(private))
        case [_, private, members]:
            return Sequence(_members(members), bool(private))
    raise ValueError("the schema table is damaged")


def _members(raw: list[list[Any]]) -> tuple[Member, ...]:
    return tuple(Member(name, _build(kind), tag, bool(opt)) for name, kind, tag, opt in raw)


def _read() -> Schema:
    data = resources.files("procall_mobility.protocols.rose").joinpath("data/ucconnect.json")
    return Schema(json.loads(data.read_bytes()))


SCHEMA = _read()

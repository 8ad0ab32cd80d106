"""Rewrites parsed values by schema for the other side of the relay (Wire 4.3)."""

from typing import Any

from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.rose.real import iso_of
from procall_mobility.protocols.rose.schema import (
    OPTIONAL_PARAMETERS,
    SCHEMA,
    TIME,
    Choice,
    ListOf,
    Member,
    Sequence,
    Type,
)

UNKNOWN = "unknown"
"""No type of the schema has this name."""


def for_server(kind: Type, value: Any) -> Any:
    """Drop nulls, write NULL as 0, and optional parameters as a map.

    A type the schema does not know loses its nulls all the same: one of them makes the C++ runtime
    throw the whole message away.
    """
    if kind == OPTIONAL_PARAMETERS:
        return _without_nulls(_as_map(value))
    match SCHEMA.definition(kind):
        case ListOf(of) if isinstance(value, list):
            return [for_server(of, item) for item in value if item is not None]
        case Sequence(members) | Choice(members) if isinstance(value, dict):
            by_name = {member.name: member for member in members}
            mended = {}
            for name, inner in value.items():
                member = by_name.get(name)
                if member is not None and SCHEMA.definition(member.type) == "NULL":
                    mended[name] = 0
                elif inner is not None:
                    kind = member.type if member is not None else UNKNOWN
                    mended[name] = for_server(kind, inner)
            return mended
    return _without_nulls(value)


def for_client(kind: Type, value: Any) -> Any:
    """Write times as ISO text and NULL as null; drop optional times that are not set."""
    match SCHEMA.definition(kind):
        case "AsnSystemTime":
            return _time(value)
        case "NULL":
            return None
        case ListOf(of) if isinstance(value, list):
            return [for_client(of, item) for item in value]
        case Sequence(members) | Choice(members) if isinstance(value, dict):
            by_name = {member.name: member for member in members}
            return {
                name: for_client(by_name[name].type, inner) if name in by_name else inner
                for name, inner in value.items()
                if not (name in by_name and _is_unset_time(by_name[name], inner))
            }
    return value


def _is_unset_time(member: Member, value: Any) -> bool:
    return member.optional and SCHEMA.definition(member.type) == TIME and value in ("", 0, None)


def _time(value: Any) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return iso_of(float(value))
        except (PeerError, OverflowError):
            return ""
    return value


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value if item is not None]
    return value


def _as_map(value: Any) -> Any:
    """Return optional parameters of either form as a map; what is no entry is left out."""
    if not isinstance(value, list):
        return value
    entries: dict[str, Any] = {}
    for item in value:
        if isinstance(item, dict) and isinstance(item.get("key"), str):
            entries[item["key"]] = _parameter(item.get("value"))
    return entries


def _parameter(value: Any) -> Any:
    if isinstance(value, dict):
        for name in ("stringdata", "integerdata"):
            if value.get(name) is not None:
                return value[name]
        if value.get("binarydata") is not None:
            return {"binarydata": value["binarydata"]}
    return value

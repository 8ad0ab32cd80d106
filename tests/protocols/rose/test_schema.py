"""Wire 10: the table of the published interface."""

from typing import Any

import pytest

from procall_mobility.protocols.rose.schema import SCHEMA, ListOf, Schema


def test_every_type_of_the_schema_can_be_built() -> None:
    """There are 1,656; those that cannot are named."""
    broken = {}
    for name in sorted(SCHEMA.names):
        try:
            assert SCHEMA.definition(name) is not None
            _walk(name, set())
        except Exception as error:  # noqa: BLE001  # Whatever it is, with its name.
            broken[name] = error
    assert broken == {}


def _walk(name: Any, seen: set[str]) -> None:
    if isinstance(name, str):
        if name in seen:
            return
        seen.add(name)
    definition = SCHEMA.definition(name)
    if isinstance(definition, ListOf):
        _walk(definition.of, seen)
    for member in getattr(definition, "members", ()):
        _walk(member.type, seen)


def test_a_damaged_table_is_noticed() -> None:
    with pytest.raises(ValueError, match="damaged"):
        Schema({"operations": [], "types": {"X": 7}}).definition("X")

"""How switches are stored: as JSON, and only those an operator has set."""

import json
from typing import Any

import attrs

from procall_mobility.gateway.customers import LogonStyle, Switches

NAMES = frozenset(field.name for field in attrs.fields(Switches))


def read_switches(stored: str) -> Switches:
    """Read stored switches; names and words that only another version knows are left out."""
    values = {name: value for name, value in json.loads(stored).items() if name in NAMES}
    style = values.pop("logon_style", None)
    if style in set(LogonStyle):
        values["logon_style"] = LogonStyle(style)
    for name in ("cors_origins", "push_without"):
        if name in values:
            values[name] = tuple(values[name])
    return Switches(**values)


def merged_switches(stored: str, changed: dict[str, Any]) -> str:
    """Return stored switches with changes; None returns one to its default."""
    merged = {**json.loads(stored), **changed}
    return json.dumps({name: value for name, value in merged.items() if value is not None})

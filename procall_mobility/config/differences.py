"""Compares settings, leaf by leaf, and mixes them.

Settings hold no secrets, only the paths of files that do: whatever differs may be shown.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import attrs
from attrs import frozen

from procall_mobility.config.commented_file import toml
from procall_mobility.config.settings import Settings


@frozen
class Difference:
    """A setting that has another value now."""

    path: str
    """As in `turn.limits.channels`; tables, as those of `ice.servers`, are one setting."""
    before: Any
    after: Any

    def __str__(self) -> str:
        return f"{shown(self.before)} -> {shown(self.after)}"


def paths(kind: type = Settings, where: str = "") -> Iterator[str]:
    """Yield the path of every setting, in the order of the commented file."""
    for field in attrs.fields(kind):
        path = f"{where}.{field.name}" if where else field.name
        inner = field.metadata.get("section")
        if inner is None:
            yield path
        else:
            yield from paths(inner, path)


def value_of(settings: Settings, path: str) -> Any:
    """Return what a setting is."""
    value: Any = settings
    for name in path.split("."):
        value = getattr(value, name)
    return value


def differences(before: Settings, after: Settings) -> tuple[Difference, ...]:
    """Return each setting that differs."""
    pairs = ((path, value_of(before, path), value_of(after, path)) for path in paths())
    return tuple(Difference(path, old, new) for path, old, new in pairs if old != new)


def with_values(settings: Settings, values: Mapping[str, Any]) -> Settings:
    """Return the settings with other values at some paths."""
    changed: Any = settings
    for path, value in values.items():
        changed = _with(changed, path.split("."), value)
    mixed: Settings = changed
    return mixed


def shown(value: Any) -> str:
    """Write a value as the settings file would have it; of tables only what they say."""
    if isinstance(value, tuple) and value and attrs.has(type(value[0])):
        told = [attrs.asdict(each, filter=lambda _, item: item not in ("", ())) for each in value]
        return toml(tuple(told))
    return toml(value)


def _with(section: Any, names: list[str], value: Any) -> Any:
    first, *rest = names
    return attrs.evolve(
        section, **{first: _with(getattr(section, first), rest, value) if rest else value}
    )

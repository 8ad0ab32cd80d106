"""Every setting is used: one that nobody reads would be a promise nobody keeps."""

import ast
from collections.abc import Iterator
from pathlib import Path

import attrs

import procall_mobility
from procall_mobility.config.settings import Settings

PACKAGE = Path(procall_mobility.__file__).parent
READERS = tuple(
    f"{name}.py"
    for name in (
        "service",
        "composition/terms",
        "composition/entrances",
        "composition/turn/assembly",
        "composition/turn/relay",
        "composition/turn/terms",
        "composition/push/assembly",
        "composition/push/terms",
        "reload/parts",
        "admin/monitoring",
        "admin/watching",
        "tap",
    )
)


def leaves(kind: type, where: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Paths of all settings."""
    for field in attrs.fields(kind):
        deeper = field.metadata.get("section") or field.metadata.get("tables")
        if deeper is not None:
            yield from leaves(deeper, (*where, field.name))
        else:
            yield (*where, field.name)


def trees() -> Iterator[ast.AST]:
    """What those are made of who are handed the settings."""
    for file in READERS:
        yield from ast.walk(ast.parse((PACKAGE / file).read_text("utf-8")))


def test_every_setting_is_read_by_somebody() -> None:
    nodes = list(trees())
    read = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    # Sections that are handed on whole: `attrs.asdict(turn.limits)`.
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    whole = {
        call.args[0].attr
        for call in calls
        if ast.unparse(call.func) == "attrs.asdict" and isinstance(call.args[0], ast.Attribute)
    }
    unread = [
        ".".join(path) for path in leaves(Settings) if not (set(path) <= read or set(path) & whole)
    ]
    assert unread == []

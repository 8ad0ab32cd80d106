"""As much of PromQL as it takes to see which metrics and labels an expression uses."""

import re
from collections.abc import Iterator

from attrs import frozen

WORDS = {"and", "or", "unless", "by", "without", "on", "ignoring", "bool", "time"}
AGGREGATED = re.compile(r"\b(?:by|without|on|ignoring)\s*\(([^)]*)\)")
SELECTOR = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)\b(?:\{([^}]*)\})?(?!\s*\()")
MATCHER = re.compile(r'([a-z_]+)\s*(=~|!~|!=|=)\s*"([^"]*)"')


@frozen
class Matcher:
    label: str
    operator: str
    value: str


@frozen
class Selector:
    metric: str
    matchers: tuple[Matcher, ...]


def grouped(expression: str) -> set[str]:
    """Return the labels that are aggregated by."""
    lists = AGGREGATED.findall(expression)
    return {label.strip() for each in lists for label in each.split(",") if label.strip()}


def selectors(expression: str) -> Iterator[Selector]:
    """Yield each metric with what is asked of its labels."""
    bare = re.sub(r"\[[^]]*\]", "", AGGREGATED.sub("", expression))
    assert bare.count("(") == bare.count(")"), expression
    for match in SELECTOR.finditer(bare):
        name, inside = match[1], match[2] or ""
        if name in WORDS:
            continue
        found = tuple(Matcher(*each) for each in MATCHER.findall(inside))
        assert ",".join(f'{each.label}{each.operator}"{each.value}"' for each in found) == inside
        yield Selector(name, found)

"""What the daemon answers, as far as it may be shown, for people to read."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final

LINK_TEXTS: Final = frozenset({"customer", "name", "server", "peer", "form"})
LANE_TEXTS: Final = frozenset({"lane", "class", "customer", "trouble"})
DATAPATH_TEXTS: Final = frozenset({"path", "setting", "why", "switch"})
REFUSAL_TEXTS: Final = frozenset({"customer", "client", "reason"})
STATUS_TEXTS: Final = frozenset({"version", "node", "datapath"})


def row(told: Mapping[str, Any], texts: Collection[str]) -> str:
    """Return a line of all numbers, and of those texts that may be shown."""
    kept = {
        name: value
        for name, value in told.items()
        if (isinstance(value, int | float) or name in texts) and not isinstance(value, dict | list)
    }
    return "  ".join(f"{name}={_shown(value)}" for name, value in kept.items())


def rows(told: Iterable[Mapping[str, Any]], texts: Collection[str]) -> Iterator[str]:
    """Yield a line for each."""
    for each in told:
        yield row(each, texts)


def status_lines(status: Mapping[str, Any], customer: str | None) -> Iterator[str]:
    """Yield what the daemon says of itself; of links, those of one customer where one is named."""
    yield row(status, STATUS_TEXTS)
    yield f"listening: {', '.join(status['listening'])}"
    for name in ("relay", "counters"):
        if status[name]:
            yield f"{name}:"
            yield from (f"  {key} = {count}" for key, count in sorted(status[name].items()))
    links = [each for each in status["links"] if customer in (None, each["customer"])]
    yield f"links: {len(links)}"
    yield from (f"  {each}" for each in rows(links, LINK_TEXTS))


def of_customer(
    told: Iterable[Mapping[str, Any]], customer: str | None
) -> list[Mapping[str, Any]]:
    """Return the rows of one customer, and those of nobody; all where none is named."""
    return [each for each in told if customer is None or each["customer"] in (None, customer)]


def _shown(value: Any) -> str:
    text = str(value)
    return f'"{text}"' if " " in text else text

"""What the daemon answers, as far as it may be shown, for people to read."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any, Final

from procall_mobility.operations.admin_answer import Answer

LINK_TEXTS: Final = frozenset({"customer", "name", "server", "peer", "form"})
LANE_TEXTS: Final = frozenset({"lane", "class", "customer", "trouble"})
DATAPATH_TEXTS: Final = frozenset({"path", "setting", "why", "switch"})
REFUSAL_TEXTS: Final = frozenset({"customer", "client", "reason"})
STATUS_TEXTS: Final = frozenset({"version", "node", "datapath"})


def row(told: Answer, texts: Collection[str]) -> str:
    """Return a line of all numbers, and of those texts that may be shown."""
    kept = {
        name: value
        for name, value in told.members().items()
        if (isinstance(value, int | float) or name in texts) and not isinstance(value, dict | list)
    }
    return "  ".join(f"{name}={_shown(value)}" for name, value in kept.items())


def rows(told: Iterable[Answer], texts: Collection[str]) -> Iterator[str]:
    """Yield a line for each."""
    for each in told:
        yield row(each, texts)


def status_lines(status: Answer, customer: str | None) -> Iterator[str]:
    """Yield what the daemon says of itself; of links, those of one customer where one is named."""
    yield row(status, STATUS_TEXTS)
    yield f"listening: {status['listening']}"
    for name in ("relay", "counters"):
        if status[name]:
            yield f"{name}:"
            yield from (f"  {key} = {count}" for key, count in status[name].counts())
    links = [each for each in status["links"] if customer in (None, each["customer"].said)]
    yield f"links: {len(links)}"
    yield from (f"  {each}" for each in rows(links, LINK_TEXTS))


def of_customer(told: Iterable[Answer], customer: str | None) -> list[Answer]:
    """Return the rows of one customer, and those of nobody; all where none is named."""
    return [each for each in told if customer is None or each["customer"].said in (None, customer)]


def _shown(value: Any) -> str:
    text = str(value)
    return f'"{text}"' if " " in text else text

"""Twisted's epoll reactor without a log context around each read and write.

Twisted notes for everything that is logged meanwhile which connection it was about: it copies two
dictionaries and makes five calls for each event, whether something is logged or not.  The service
log says nothing of it, as an event's own fields tell what is worth knowing.  This needs private
names of Twisted, and stands aside where one is missing.
"""

from collections.abc import Callable
from typing import Any, Final

from twisted.logger import Logger

NEEDED: Final = ("_poller", "_selectables", "_doReadOrWrite", "doIteration")
"""Private names; other reactors have some of them at most."""

log = Logger()


def lean_polling(reactor: Any) -> Callable[[float | None], None] | None:
    """Return what waits for events once and has them dealt with; None of an unknown reactor."""
    if not all(hasattr(reactor, name) for name in NEEDED):
        return None
    wait, selectables, deal_with = (
        reactor._poller.poll,
        reactor._selectables,
        reactor._doReadOrWrite,
    )

    def poll(timeout: float | None) -> None:
        for number, event in wait(-1 if timeout is None else timeout, len(selectables)):
            selectable = selectables.get(number)
            if selectable is None:
                continue  # One that was dealt with before has taken it away.
            try:
                deal_with(selectable, number, event)
            except Exception:  # noqa: BLE001  # What a protocol raises, it has dealt with itself.
                log.failure("fault in the reactor")

    return poll


def poll_leanly(reactor: Any) -> None:
    """Have a reactor do so from its next turn on."""
    polling = lean_polling(reactor)
    if polling is not None:
        reactor.doIteration = polling

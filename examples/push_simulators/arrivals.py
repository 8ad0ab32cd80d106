"""The book of what arrived, bounded, and who wants to hear of it."""

from collections import Counter, deque
from collections.abc import Callable, Iterator
from itertools import islice

from attrs import define, field

from examples.push_simulators.exchange import Headers

MOST_KEPT = 10_000
"""Whole arrivals; a page shows some hundreds of them, and a test asks for a few."""
MOST_OCTETS = 32 * 2**20
"""Of their bodies."""
MOST_IDS = 2_000_000
"""Ids that are told from duplicates; 200 MB at the worst, in a bench only."""


@define(eq=False, kw_only=True)
class Arrival:
    """One request, as it came, and what was done about it."""

    number: int
    provider: str
    visit: int
    """Which connection, counted from 1."""
    stream: int
    """Of HTTP/2; 0 with HTTP/1.1."""
    at: float
    """Unix seconds of when the request was whole."""
    method: str
    path: str
    headers: Headers
    body: bytes
    is_push: bool
    token: str
    id: str
    clear: bytes | None
    refusal: str
    remarks: tuple[str, ...]
    nth: int
    """How often this id has arrived, with this time."""
    done: str = ""
    """What was done: a status, or a word of the script."""
    done_at: float | None = None
    """Unix seconds."""


@define(eq=False)
class Arrivals:
    """The book of all simulators of one process."""

    kept: deque[Arrival] = field(factory=lambda: deque(maxlen=MOST_KEPT))
    octets: int = 0
    number: int = 0
    """Of the latest arrival."""
    counts: Counter[str] = field(factory=Counter)
    """Totals by provider and what was done, as `apns 200`."""
    ids: dict[str, int] = field(factory=dict)
    """How often each push arrived, by provider and id, or as many of them as are remembered."""
    duplicates: int = 0
    _listeners: list[Callable[[Arrival], None]] = field(factory=list)

    def listen(self, listener: Callable[[Arrival], None]) -> Callable[[], None]:
        """Call back for each arrival, and again when something was done; returns how to stop."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def count_of(self, provider: str, identity: str) -> int:
        """Count one more arrival of a push, and return how many there were."""
        if not identity:
            return 1
        key = f"{provider} {identity}"
        nth = self.ids.get(key, 0) + 1
        if nth > 1:
            self.duplicates += 1
        elif len(self.ids) >= MOST_IDS:
            return 1
        self.ids[key] = nth
        return nth

    def uncount(self, arrival: Arrival) -> None:
        """Take back the counting of an arrival that was not processed: it may come again."""
        key = f"{arrival.provider} {arrival.id}"
        if self.ids.get(key, 0) > 1:
            self.duplicates -= 1
            self.ids[key] -= 1
        else:
            self.ids.pop(key, None)

    def add(self, arrival: Arrival) -> None:
        """Take an arrival in."""
        if len(self.kept) == MOST_KEPT:
            self._forget_oldest()
        self.kept.append(arrival)
        self.octets += len(arrival.body)
        while self.octets > MOST_OCTETS:
            self._forget_oldest()
        self._tell(arrival)

    def done(self, arrival: Arrival, what: str, at: float) -> None:
        """Note what was done about an arrival."""
        arrival.done, arrival.done_at = what, at
        self.counts[f"{arrival.provider} {what}"] += 1
        self._tell(arrival)

    def after(self, number: int, provider: str | None = None) -> Iterator[Arrival]:
        """Return what is kept and came later than an arrival's number."""
        first = self.number - len(self.kept) + 1
        later = islice(self.kept, max(0, number + 1 - first), None)
        return (each for each in later if provider is None or each.provider == provider)

    def clear(self) -> None:
        """Forget everything but the numbers given so far."""
        self.kept.clear()
        self.counts.clear()
        self.ids.clear()
        self.octets = self.duplicates = 0

    def _forget_oldest(self) -> None:
        self.octets -= len(self.kept.popleft().body)

    def _tell(self, arrival: Arrival) -> None:
        for listener in tuple(self._listeners):
            listener(arrival)

"""Whose lanes on demand there are: which have a place, and which wait for one.

There are only so many places.  While they suffice nobody asks whose they are; when they do not,
whoever has more than another one that wants some gives of them, until all have equally many.
"""

from collections import Counter, OrderedDict

from attrs import define, field


@define(eq=False)
class Guest:
    """A lane on demand that has a place."""

    customer: str
    since: float
    used_at: float


@define(eq=False)
class Guests:
    """By the lane's name."""

    _most: int
    seated: OrderedDict[str, Guest] = field(factory=OrderedDict, init=False)
    """Those with a place; those not used for long come first."""
    waiting: OrderedDict[str, str] = field(factory=OrderedDict, init=False)
    """Of those without, whose they are; who has waited longest comes first."""
    _seats: Counter[str] = field(factory=Counter, init=False)
    _all: Counter[str] = field(factory=Counter, init=False)

    @property
    def is_full(self) -> bool:
        """Whether every place is taken."""
        return len(self.seated) >= self._most

    def of(self, customer: str) -> int:
        """Return how many lanes a customer has, with a place or without."""
        return self._all[customer]

    def giver(self, customer: str) -> str | None:
        """Return who has the most places, if it is fair that one of them becomes a customer's.

        It is if the giver has no fewer left than the taker has then.  So whoever wants as many as
        an equal share gets them: as long as it has fewer, somebody has two more than it.
        """
        greediest = max(self._seats, key=self._seats.__getitem__)
        return greediest if self._seats[greediest] - self._seats[customer] > 1 else None

    def seats_of(self, customer: str) -> list[tuple[str, Guest]]:
        """Return a customer's lanes that have a place."""
        return [each for each in self.seated.items() if each[1].customer == customer]

    def seat(self, name: str, customer: str, now: float) -> None:
        """Give a lane a place."""
        self.leave(name)
        self.seated[name] = Guest(customer, now, now)
        self._seats[customer] += 1
        self._all[customer] += 1

    def unseat(self, name: str) -> None:
        """Have a lane wait for a place."""
        customer = self.seated[name].customer
        self.leave(name)
        self.wait(name, customer)

    def wait(self, name: str, customer: str) -> None:
        """Let a lane in that has no place yet."""
        self.waiting[name] = customer
        self._all[customer] += 1

    def used(self, name: str, now: float) -> None:
        """Note that a lane is in use."""
        guest = self.seated.get(name)
        if guest is not None:
            guest.used_at = now
            self.seated.move_to_end(name)

    def leave(self, name: str) -> None:
        """Forget a lane, if it is known."""
        guest = self.seated.pop(name, None)
        if guest is not None:
            _less(self._seats, guest.customer)
            _less(self._all, guest.customer)
        elif name in self.waiting:
            _less(self._all, self.waiting.pop(name))


def _less(counter: Counter[str], customer: str) -> None:
    counter[customer] -= 1
    if not counter[customer]:
        del counter[customer]

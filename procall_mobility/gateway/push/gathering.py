"""Does once what follows from many inputs: those that come in one turn of the reactor.

Answers of a provider come by the dozen, and so do pushes that are durable.
"""

from collections.abc import Callable

Act = Callable[[], None]

Soon = Callable[[Act], None]
"""Has a function called once what is being told now has been told; at once will do."""


def at_once(act: Act) -> None:
    """Gather nothing."""
    act()


class Gathering:
    """Something to be done soon, however often that is noted meanwhile."""

    def __init__(self, soon: Soon, act: Act) -> None:
        self._soon = soon
        self._act = act
        self.is_due = False
        """Whether it will be done: then there is no need to note it again."""

    def note(self) -> None:
        """Have it done soon."""
        if not self.is_due:
            self.is_due = True
            self._soon(self._do)

    def _do(self) -> None:
        self.is_due = False
        self._act()

"""Compares passwords off the reactor, a bounded number at a time; with a store, the port
`Customers`.
"""

from collections.abc import Callable

from procall_mobility.storage.customers import CustomerStore

RunInThread = Callable[[Callable[[], bool], Callable[[bool], None]], None]
"""Runs the first elsewhere, then the second with its result where the caller lives."""

MOST_WAITING = 64
"""Comparisons under way; 64 of them take some 3 s on one core."""


class CheckedCustomers:
    """A store whose password comparisons do not hold up anybody else."""

    def __init__(self, store: CustomerStore, run: RunInThread) -> None:
        """Compare by means of `run`."""
        self._store = store
        self._run = run
        self._waiting = 0
        self.find = store.find
        """Returns the customer with this UCSID or alias."""

    def check_password(
        self, ucsid: str, password: str, answer: Callable[[bool | None], None]
    ) -> None:
        """Compare and call `answer` later; at once and with None when too many are under way."""
        if self._waiting >= MOST_WAITING:
            answer(None)
            return
        self._waiting += 1

        def done(matches: bool) -> None:
            self._waiting -= 1
            answer(matches)

        stored = self._store.password_hash(ucsid)
        self._run(lambda: stored.matches(password), done)

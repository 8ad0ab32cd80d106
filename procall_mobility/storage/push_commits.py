"""Commits to the disk in groups, and what can be read of them before (group commit)."""

from collections import deque
from collections.abc import Callable, Iterator
from typing import TypeVar

from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger

from procall_mobility.storage.push_groups import LARGEST, Addition, Group
from procall_mobility.storage.push_thread import Elsewhere
from procall_mobility.storage.push_writer import PushWriter, Written

ENOUGH = 256
"""Pushes that wait for no more company."""
COMPANY = 0.002
"""Seconds a push waits for company, so that they wait for the disk together."""
NOTES = 0.01
"""Seconds other things wait: a crash meanwhile makes a duplicate, never a loss."""
SPACING = 0.02
"""Seconds from a group that had company to the next: a commit costs as much as some pushes, and
where hundreds come in a second, 50 commits are enough.  Those that wait for no company come before
it."""
AGAIN = 1.0
"""Seconds until what could not be written is tried again."""

Found = TypeVar("Found")


class Commits:
    """Groups that are told but not written.  The first may be under way; it changes no more."""

    _log = Logger()

    def __init__(self, writer: PushWriter, clock: IReactorTime, elsewhere: Elsewhere) -> None:
        """Let the writer write elsewhere."""
        self._writer = writer
        self._clock = clock
        self._elsewhere = elsewhere
        self.groups: deque[Group] = deque()
        """The oldest first.  Whoever looks at them changes none."""
        self._under_way = False
        self._timer: IDelayedCall | None = None
        self._spaced_until = 0.0
        self._problem: str | None = None
        self.unwritten = 0
        """Pushes."""
        self.noted: Callable[[Group], None] = lambda _: None
        """Is called with every group whose notes are written."""
        self.is_closed = False

    def close(self) -> None:
        """Write all there is and say so; what is told later is lost."""
        self.is_closed = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._elsewhere.close()
        while self.groups:
            self._written(self._writer.write(self.groups[0]))
        self._writer.close()

    # Telling ------------------------------------------------------------------------------

    def add(self, addition: Addition, *, urgent: bool) -> None:
        """Take pushes in."""
        group = self._open_group()
        group.add(addition)
        self.unwritten += len(addition.pushes)
        # Not now even so: what else is told in this turn of the reactor is written with it.
        is_due = urgent or len(group.pushes) >= ENOUGH
        self._write_in(group, 0.0 if is_due else COMPANY, patiently=not is_due)

    def notes(self) -> Group:
        """Return the group that takes what nobody waits for; it is written soon."""
        group = self._open_group()
        self._write_in(group, NOTES, patiently=True)
        return group

    # Asking -------------------------------------------------------------------------------

    def names(self) -> Iterator[str]:
        """Return the ids of all pushes that were told and not written."""
        for group in self.groups:
            yield from group.pushes
            yield from group.endings

    def newest(self, find: Callable[[Group], Found | None]) -> Found | None:
        """Return what is found in the newest group that has any."""
        for group in reversed(self.groups):
            found = find(group)
            if found is not None:
                return found
        return None

    # Writing ------------------------------------------------------------------------------

    def _open_group(self) -> Group:
        if self.is_closed:
            return Group()
        if len(self.groups) <= self._under_way or self.groups[-1].size >= LARGEST:
            self.groups.append(Group())
        return self.groups[-1]

    def _write_in(self, group: Group, seconds: float, *, patiently: bool) -> None:
        """Have a group written soon; patiently, where nobody is in a hurry."""
        now = self._clock.seconds()
        due = now + seconds
        if patiently and due < self._spaced_until:
            # The reactor's clock is wall time: set back, it must not stop us.
            due = min(now + SPACING, self._spaced_until)
        if due < group.due:
            group.due = due
            self._set_timer()

    def _set_timer(self) -> None:
        if self._under_way or self.is_closed or not self.groups:
            return
        due = min(group.due for group in self.groups)
        delay = max(0.0, due - self._clock.seconds())
        if self._timer is None:
            self._timer = self._clock.callLater(delay, self._write)
        else:
            self._timer.reset(delay)

    def _write(self) -> None:
        self._timer = None
        self._under_way = True
        group = self.groups[0]
        if len(group.additions) > 1:
            self._spaced_until = self._clock.seconds() + SPACING
        self._elsewhere.run(lambda: self._writer.write(group), self._written)

    def _written(self, written: Written | None) -> None:
        self._under_way = False
        group = self.groups.popleft()
        self.unwritten -= len(group.pushes)
        if written is None:
            # A bug.  Its notes are given up: they would hold up all that follow.
            written = Written([False] * len(group.additions), notes=True, problem="a bug")
        if not written.notes and not self.is_closed:
            self._try_again(group)
        self._watch(written.problem)
        self._set_timer()
        for addition, kept in zip(group.additions, written.additions, strict=True):
            try:
                addition.durable(kept)
            except Exception:  # noqa: BLE001  # The guard: the next one wants to know, too.
                self._log.failure("bug in who waited for a push")
        if written.notes:
            self.noted(group)

    def _try_again(self, group: Group) -> None:
        """Let the next group take over what there was to note."""
        following = self.groups[0] if self.groups else self._open_group()
        following.take_over(group)
        following.due = min(following.due, self._clock.seconds() + AGAIN)

    def _watch(self, problem: str | None) -> None:
        """Tell once when something goes wrong, and once when it does no more."""
        if problem is not None and self._problem is None:
            self._log.error("pushes not written", why=problem)
        elif problem is None and self._problem is not None:
            self._log.info("pushes written again")
        self._problem = problem

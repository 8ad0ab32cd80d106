"""Which interfaces the program sees, also when they come and go."""

from collections.abc import Callable, Sequence
from typing import Protocol

from procall_mobility.datapath.errors import CannotCarry
from procall_mobility.datapath.interfaces import Interface


class Attaches(Protocol):
    """A program that can be attached."""

    def attach(self, ifindex: int, name: str) -> int:
        """See every packet that comes in by an interface; returns the link.

        Raises:
            CannotCarry: the kernel does not want it.
        """

    def detach(self, link: int) -> None:
        """See nothing more of an interface, which may be gone."""


class Attachments:
    """The interfaces."""

    def __init__(
        self,
        program: Attaches,
        wanted: Callable[[], Sequence[Interface]],
        exists: Callable[[int], bool],
    ) -> None:
        """Attach to all that are wanted.

        Args:
            program: what is attached.
            wanted: returns those whose packets matter now, or raises `CannotCarry`.
            exists: tells by its index whether an interface is there.

        Raises:
            CannotCarry: there are none, or the kernel does not want it.
        """
        self._program = program
        self._wanted = wanted
        self._exists = exists
        self._attached: dict[int, tuple[str, int]] = {}
        """By index: the name, and the link."""
        self._refused: set[int] = set()
        for each in wanted():
            self._attach(each)

    @property
    def names(self) -> tuple[str, ...]:
        """Return what it is attached to."""
        return tuple(name for name, _ in self._attached.values())

    def look_around(self) -> list[str]:
        """Attach to what has come since; returns a line for each change, and each is told once."""
        try:
            wanted = {each.index: each for each in self._wanted()}
        except CannotCarry:
            wanted = {}
        told = []
        # One that is down or has lost its address may come back, and is attached to still.
        for index in [each for each in self._attached if not self._exists(each)]:
            name, link = self._attached.pop(index)
            self._program.detach(link)
            told.append(f"the kernel relays nothing by {name} any more")
        self._refused &= wanted.keys()
        for index in sorted(wanted.keys() - self._attached.keys() - self._refused):
            try:
                self._attach(wanted[index])
                told.append(f"the kernel relays what comes in by {wanted[index].name} as well")
            except CannotCarry as error:
                self._refused.add(index)
                told.append(f"Python relays what comes in by {wanted[index].name}: {error}")
        return told

    def _attach(self, interface: Interface) -> None:
        link = self._program.attach(interface.index, interface.name)
        self._attached[interface.index] = interface.name, link

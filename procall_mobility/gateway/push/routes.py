"""Where pushes go: what the pipeline asks about applications and about devices' own sessions."""

from collections.abc import Callable, Collection
from typing import Protocol

from procall_mobility.gateway.push.ports import QueuedPush


class Routes(Protocol):
    """Knows the applications and their credentials."""

    def lane(self, push: QueuedPush) -> str | None:
        """Return the name of a push's lane.

        None where its customer has no such application, may not use its provider, or where
        `sandbox` asks for an environment that the application is not in.
        """

    def standing(self) -> Collection[str]:
        """Return the lanes that are there all the time, whether there are pushes or not."""

    def serves(self, lane: str) -> bool:
        """Tell whether pushes may go by a lane, standing or on demand; or may wait in it."""

    def knows(self, customer: str) -> bool:
        """Tell whether there is such a customer; it may have been removed before the start."""

    def is_off(self, customer: str) -> bool:
        """Tell whether nothing of a customer goes out; what waits has another lane, or none."""

    def is_rest(self, lane: str) -> bool:
        """Tell whether a lane leads nowhere, and has what waits until its customer is on again."""


class Presence(Protocol):
    """Knows the sessions of devices that are connected to us; devices by their keyed digests."""

    def knows(self, device: bytes) -> bool:
        """Tell whether a device has a session, and that takes pushes."""

    def offer(
        self, device: bytes, push: QueuedPush, taken: Callable[[bool], None], now: float
    ) -> bool:
        """Give a push to the device's own session; False when there is none.

        Otherwise `taken` is called later, once at most: True when the device has confirmed,
        False when its session has gone.
        """


class Nobody:
    """The presence of a house without sessions."""

    def knows(self, device: bytes) -> bool:
        """Know no session."""
        return False

    def offer(
        self, device: bytes, push: QueuedPush, taken: Callable[[bool], None], now: float
    ) -> bool:
        """Have no session."""
        return False

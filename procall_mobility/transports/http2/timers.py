"""Things to be done once, later."""

from collections.abc import Callable

from twisted.internet.interfaces import IDelayedCall, IReactorTime

Act = Callable[[], None]


class Timers:
    """One timer for each thing to be done."""

    def __init__(self, reactor: IReactorTime) -> None:
        self._reactor = reactor
        self._running: dict[Act, IDelayedCall] = {}

    def __contains__(self, act: Act) -> bool:
        return act in self._running

    def set(self, seconds: float, act: Act) -> None:
        """Do something once, later, unless it is already going to be done."""

        def ring() -> None:
            del self._running[act]
            act()

        if act not in self._running:
            self._running[act] = self._reactor.callLater(seconds, ring)

    def hurry(self, act: Act) -> None:
        """Do now what is going to be done, if it is."""
        timer = self._running.pop(act, None)
        if timer is not None:
            timer.cancel()
            act()

    def stop(self) -> None:
        """Do none of it."""
        for timer in self._running.values():
            timer.cancel()
        self._running.clear()

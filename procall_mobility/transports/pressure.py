"""Turns a transport's back-pressure into two calls."""

from collections.abc import Callable

from attrs import frozen
from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer


@implementer(IPushProducer)
@frozen(eq=False)
class Pressure:
    """Registered as the producer of a transport, it hears when the transport's buffer is full."""

    paused: Callable[[], None]
    resumed: Callable[[], None]

    def pauseProducing(self) -> None:
        """Pass on that nothing more should be written for now."""
        self.paused()

    def resumeProducing(self) -> None:
        """Pass on that the buffer has drained."""
        self.resumed()

    def stopProducing(self) -> None:
        """Do nothing: the loss of the connection is told by `connectionLost`."""

"""A plain connection after its language is known: nothing but a count and the client's address."""

# mypy: allow-untyped-calls
# Twisted's wrappers are typed in part only.

from collections.abc import Callable
from functools import partial
from typing import Any, cast

from twisted.internet.interfaces import IAddress, IProtocol, ITransport
from twisted.internet.protocol import Protocol, connectionDone
from twisted.internet.tcp import Connection
from twisted.protocols.policies import ProtocolWrapper
from twisted.python.failure import Failure
from zope.interface import directlyProvides, providedBy


class Gate(ProtocolWrapper):
    """Stands between a TCP transport and the protocol that speaks on it.

    A `ProtocolWrapper` because autobahn puts its WebSocket in place of the HTTP protocol there.
    """

    def __init__(
        self, inner: IProtocol, left: Callable[[], None], client: IAddress | None
    ) -> None:
        """Pass `inner` the connection.

        Args:
            inner: speaks the connection's language.
            left: called once, when the connection has gone.
            client: the client behind a proxy; None when the transport knows it.
        """
        self.wrappedProtocol = inner
        self.left = left
        self.client = client
        self.send: Callable[[bytes], None]
        """Writes octets that are a whole answer, at once if nothing is waiting to be written."""

    def makeConnection(self, transport: ITransport) -> None:
        """Connect `inner`; it can ask for every interface the transport provides."""
        directlyProvides(self, providedBy(transport))
        self.send = partial(send_at_once, transport)
        Protocol.makeConnection(self, transport)
        self.wrappedProtocol.makeConnection(cast(ITransport, self))

    def getPeer(self) -> IAddress:
        """Return the address of the client, which a proxy may have told."""
        return self.client or cast(ITransport, self.transport).getPeer()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Tell `inner`, then give the connection's place back."""
        try:
            self.wrappedProtocol.connectionLost(reason)
        finally:
            self.step_aside()
            self.left()

    def step_aside(self) -> None:
        """Let go of the protocol inside, which has another transport now, or none."""
        self.wrappedProtocol = cast(IProtocol, None)  # As ProtocolWrapper does: no cycle stays.


def send_at_once(transport: Any, data: bytes) -> None:
    """Write octets to a transport, at once if nothing is waiting to be written.

    There is nearly always room for them.  To be told so by the reactor takes it two calls to the
    system, and its next turn.
    """
    if (
        isinstance(transport, Connection)
        and transport.connected
        and not (transport.TLS or transport.dataBuffer or transport._tempDataBuffer)
        and not (transport.disconnecting or transport._writeDisconnecting)
    ):
        # They are the first to be sent.
        sent = transport.writeSomeData(data)
        if sent == len(data):
            return
        if isinstance(sent, int):
            data = data[sent:]
    # Also where the connection is lost: the reactor will find that out, and tell.
    transport.write(data)

"""Where the gateway meets the rooms that do things: what it needs, and nobody's name."""

from collections.abc import Callable, Iterable
from typing import Protocol

from procall_mobility.gateway.access import AccessEntry
from procall_mobility.gateway.customers import Customer
from procall_mobility.gateway.reasons import Reason
from procall_mobility.gateway.turn_keys import TurnKeys
from procall_mobility.protocols.rose.messages import Error, Invoke, Message, Reject, Result
from procall_mobility.protocols.ucserver.calls import Caller
from procall_mobility.protocols.ucserver.registration import Capability, Refusal


class Customers(Protocol):
    """The customers we know (`storage`)."""

    def find(self, key: str) -> Customer | None:
        """Return the customer whose UCSID or alias is `key`; blanks and case do not matter."""

    def check_password(
        self, ucsid: str, password: str, answer: Callable[[bool | None], None]
    ) -> None:
        """Compare a server password in constant time and call `answer` later, on the reactor.

        An unknown `ucsid` takes as long as a wrong password.  None is the answer when too many
        comparisons are under way already.
        """


class TurnSecrets(Protocol):
    """What customers' TURN users are judged by (`storage`)."""

    def customers(self) -> Iterable[str]:
        """Return the UCSIDs of all customers."""

    def keys(self, ucsid: str) -> TurnKeys:
        """Return a customer's secrets and all that goes with them.

        A secret is made when there is none; there is none still when that is not possible.
        """

    def revoke(self, ucsid: str, subject: str | None) -> None:
        """Note that whatever a user has to show is good for nothing; None is for all users."""


class AccessBook(Protocol):
    """The access log (`operations`)."""

    def write(self, entry: AccessEntry) -> None:
        """Add one line; never raises, never blocks for long."""


class LinkWire(Protocol):
    """The connection a customer's server has opened to us (`transports`)."""

    @property
    def speaks_ber(self) -> bool:
        """Whether only operations of the published schema can be said on it (Wire 5.6)."""

    @property
    def heard(self) -> float:
        """When the server was last heard, on the clock of `now`."""

    def accept(self, capabilities: tuple[Capability, ...]) -> bool:
        """Let the server in; False when its connection is gone."""

    def redirect(self, addresses: tuple[str, ...]) -> None:
        """Send the server to other nodes and close."""

    def refuse(self, refusal: Refusal, text: str, reason: str) -> None:
        """Turn the server away and close."""

    def call(self, invoke: Invoke, caller: Caller) -> bool:
        """Call the server; False when this cannot be said on the link or its table is full.

        `invoke.invoke_id` is replaced by one of the link's own.
        """

    def tell(self, invoke: Invoke) -> bool:
        """Send the server an event; False when this cannot be said on the link."""

    def answer(self, answer: Result | Error | Reject, operation: str | None) -> None:
        """Answer a call of the server, which knows it by its own invoke id."""

    def probe(self) -> None:
        """Ask for a sign of life; `heard` moves when it comes."""

    def close(self, reason: Reason) -> None:
        """Flush what was sent, then close; the loss is reported later."""

    def abort(self) -> None:
        """Cut the connection at once."""


class ClientWire(Protocol):
    """A client's WebSocket (`transports`)."""

    def send(self, message: Message, operation: str | None) -> None:
        """Send a message about `operation` in the client's form; after `close` it is dropped."""

    def close(self, code: int, reason: str) -> None:
        """Close with an RFC 6455 section 7.4 code; `reason` is at most 123 octets of UTF-8."""

    def hold(self) -> None:
        """Read nothing more from the client until `release`; its ping deadline stands still."""

    def release(self) -> None:
        """Read again."""

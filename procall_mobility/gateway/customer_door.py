"""Lets programs of a customer in that show its UCSID and password over HTTP (RFC 7617), or a
token that its server has signed (RFC 6750).

Comparing a password with its hash is slow on purpose.  What was right a moment ago is known again
by a keyed digest, so that a server may ask us a thousand times a second.
"""

import hashlib
import hmac
from collections.abc import Callable
from typing import Final

from attrs import define, field

from procall_mobility.gateway.access import AccessEntry, Event
from procall_mobility.gateway.back_off import BackOff
from procall_mobility.gateway.customer_tokens import CustomerTokens
from procall_mobility.gateway.customers import Customer
from procall_mobility.gateway.json_answers import misunderstood, refusal
from procall_mobility.gateway.password_guesses import TOKENS, PasswordGuesses
from procall_mobility.gateway.ports import AccessBook, Customers
from procall_mobility.gateway.reasons import Reason
from procall_mobility.protocols.stun.addresses import vicinity
from procall_mobility.protocols.ucclient.bad_request import BadRequest
from procall_mobility.protocols.ucclient.credentials import Basic, Token, credentials_of
from procall_mobility.protocols.ucclient.http_answer import HttpAnswer
from procall_mobility.protocols.ucclient.intentions import HttpRequest

BUSY_FOR: Final = "5"
"""Seconds until the comparisons under way are done, with some to spare."""

CHALLENGE: Final = ("WWW-Authenticate", 'Basic realm="customer", charset="UTF-8"')
TOKEN_CHALLENGE: Final = ("WWW-Authenticate", 'Bearer realm="customer", error="invalid_token"')

MOST_READ: Final = 1000
"""Fields Authorization that need not be read again; the oldest is forgotten first."""

Welcome = Callable[[Customer], None]
Reply = Callable[[HttpAnswer], None]


@define(eq=False, kw_only=True)
class CustomerDoor:
    """Asks for the password; wrong ones slow down the address they come from."""

    customers: Customers
    book: AccessBook
    back_off: BackOff
    key: bytes = field(repr=False)
    """Of this process, from chance: what is remembered is worth nothing anywhere else."""
    clock: Callable[[], float] = field(repr=False)
    """Monotonic seconds, for answers that come later."""
    tokens: CustomerTokens | None = None
    """Judges signed ones; without, there are none."""
    _proven: dict[str, bytes] = field(factory=dict, init=False, repr=False)
    """By UCSID, of which there is a bounded number: the digest of the right password."""
    _read: dict[bytes, tuple[str, bytes]] = field(factory=dict, init=False, repr=False)
    """By the digest of a field Authorization that let somebody in: the user in it, and the digest
    of the password.  Whether that is right is asked each time."""
    _changes: int = field(default=0, init=False)
    _guesses: PasswordGuesses = field(init=False)
    _begun: "hashlib.blake2b" = field(init=False, repr=False)
    """A digest that has the key in it; with an octet behind it, that is worked in already."""

    def __attrs_post_init__(self) -> None:
        self._guesses = PasswordGuesses(self.back_off)
        self._begun = hashlib.blake2b(b"\0", key=self.key, digest_size=32)

    def open(self, request: HttpRequest, welcome: Welcome, reply: Reply) -> None:
        """Call `welcome` with the customer that asks, or `reply` with the refusal."""
        said = self._digest(request.header("authorization") or "")
        read = self._read.get(said)
        if read is not None:
            customer, source = self.customers.find(read[0]), vicinity(request.client_address)
            if customer is not None and self._passes(customer, source, said, read[1]):
                self._admit(customer, request, welcome, reply)
                return
        self._judge(said, request, welcome, reply)

    def forget(self, ucsid: str) -> None:
        """Judge what a customer shows anew: its password or its keys may be others."""
        self._changes += 1
        self._proven.pop(ucsid, None)
        if self.tokens is not None:
            self.tokens.forget(ucsid)

    def _judge(self, said: bytes, request: HttpRequest, welcome: Welcome, reply: Reply) -> None:
        try:
            shown = credentials_of(request.header("authorization"), None, ())
        except BadRequest as error:
            reply(misunderstood(error))
            return
        source = vicinity(request.client_address)
        wait = self._guesses.wait(source, said, self.clock())
        if isinstance(shown, Token) and self.tokens is not None:
            if wait <= 0 or self._guesses.trusts(TOKENS, source, self.clock()):
                self._judge_token(self.tokens.prove(shown.token), said, request, welcome, reply)
            else:
                self._hold_up(wait, request, reply)
            return
        if not isinstance(shown, Basic):
            # Judged like a wrong password, so that there is one way to be refused.
            shown = Basic("", "")
        customer, digest = self.customers.find(shown.user), self._digest(shown.password)
        if customer is not None and self._passes(customer, source, said, digest):
            self._remember(said, shown.user, digest)
            self._admit(customer, request, welcome, reply)
        elif wait > 0 and not self._may_be_new(customer, source, said):
            self._hold_up(wait, request, reply)
        else:
            self._compare(shown, said, request, welcome, reply)

    def _compare(
        self, shown: Basic, said: bytes, request: HttpRequest, welcome: Welcome, reply: Reply
    ) -> None:
        source, digest = vicinity(request.client_address), self._digest(shown.password)
        before = self._changes

        def judged(is_proven: bool | None) -> None:
            if is_proven is None:
                later = ("Retry-After", BUSY_FOR)
                self._refuse(request, None, 503, Reason.NODE_BUSY, reply, later)
                return
            # The store may have changed while the passwords were compared.
            known = self.customers.find(shown.user) if is_proven else None
            if known is None:
                self._guesses.failed(source, said, self.clock())
                self._refuse(request, None, 401, Reason.WRONG_PASSWORD, reply, CHALLENGE)
                return
            self._guesses.succeeded(known.ucsid, source, self.clock())
            if self._changes == before:
                self._proven[known.ucsid] = digest
            self._admit(known, request, welcome, reply)

        self.customers.check_password(shown.user, shown.password, judged)

    def _passes(self, customer: Customer, source: str, said: bytes, digest: bytes) -> bool:
        """Tell whether a password is known to be right, and may be looked at now.

        Of a customer that is trusted at its address it may be, whatever others try from there.
        """
        now, guesses = self.clock(), self._guesses
        is_trusted = guesses.trusts(customer.ucsid, source, now)
        if not is_trusted and guesses.wait(source, said, now) > 0:
            return False
        proven = self._proven.get(customer.ucsid, b"")
        if hmac.compare_digest(proven, digest):
            guesses.proved(customer.ucsid, source, now)
            return True
        if proven and is_trusted and guesses.wait(source, said, now) > 0:
            guesses.guessed(customer.ucsid, source, said, now)
        return False

    def _may_be_new(self, customer: Customer | None, source: str, said: bytes) -> bool:
        """Tell whether a trusted customer may show what has become its password meanwhile."""
        if customer is None or customer.ucsid in self._proven:
            return False
        return self._guesses.looks_at(customer.ucsid, source, said, self.clock())

    def _remember(self, said: bytes, user: str, digest: bytes) -> None:
        self._read[said] = user, digest
        if len(self._read) > MOST_READ:
            del self._read[next(iter(self._read))]

    def _judge_token(
        self,
        ucsid: str | None,
        said: bytes,
        request: HttpRequest,
        welcome: Welcome,
        reply: Reply,
    ) -> None:
        source, now = vicinity(request.client_address), self.clock()
        customer = None if ucsid is None else self.customers.find(ucsid)
        if customer is None or customer.ucsid != ucsid:
            # Those that are looked at although it has to wait are no guesses, and may be many.
            if self._guesses.wait(source, said, now) <= 0:
                self._guesses.failed(source, said, now)
            self._refuse(request, None, 401, Reason.WRONG_TOKEN, reply, TOKEN_CHALLENGE)
            return
        # Failures stay: whoever has a key might guess another customer's password in between.
        self._guesses.proved(TOKENS, source, now)
        self._admit(customer, request, welcome, reply)

    def _hold_up(self, wait: float, request: HttpRequest, reply: Reply) -> None:
        later = ("Retry-After", str(int(wait) + 1))
        self._refuse(request, None, 429, Reason.TOO_MANY_ATTEMPTS, reply, later)

    def note(self, request: HttpRequest, ucsid: str | None, reason: Reason) -> None:
        """Write down that a request was refused."""
        self.book.write(
            AccessEntry(
                event=Event.REQUEST_REFUSED,
                customer=ucsid,
                client=request.client_address,
                reason=reason,
            )
        )

    def _admit(
        self, customer: Customer, request: HttpRequest, welcome: Welcome, reply: Reply
    ) -> None:
        if customer.enabled:
            welcome(customer)
        else:
            self._refuse(request, customer.ucsid, 403, Reason.CUSTOMER_DISABLED, reply)

    def _refuse(
        self,
        request: HttpRequest,
        ucsid: str | None,
        status: int,
        reason: Reason,
        reply: Reply,
        *headers: tuple[str, str],
    ) -> None:
        self.note(request, ucsid, reason)
        reply(refusal(status, reason.value, reason.text, *headers))

    def _digest(self, secret: str) -> bytes:
        digest = self._begun.copy()
        digest.update(secret.encode("utf-8", "surrogatepass"))
        return digest.digest()

"""Who asks: the long-term credential mechanism (RFC 8489 section 9.2)."""

from collections.abc import Callable
from typing import Final

from procall_mobility.protocols.stun.addresses import TransportAddress, vicinity
from procall_mobility.protocols.stun.codes import Algorithm, Attribute, Code
from procall_mobility.protocols.stun.message import Message, Signature, md5_key, sha256_key
from procall_mobility.protocols.turn.allocation import Allocation
from procall_mobility.protocols.turn.buckets import BucketTable
from procall_mobility.protocols.turn.identity import Identity
from procall_mobility.protocols.turn.nonces import (
    PASSWORD_ALGORITHMS,
    USERNAME_ANONYMITY,
    Nonces,
    has_feature,
)
from procall_mobility.protocols.turn.ports import Authority, ClientPath
from procall_mobility.protocols.turn.refusal import Refusal, SilenceError
from procall_mobility.protocols.turn.rules import CREDENTIAL_GRACE, TurnRules
from procall_mobility.protocols.turn.tenants import Tenant

LONGEST_NAME: Final = 508
"""Octets of a user name (RFC 8489 section 14.3 has fewer than 509)."""

_ENTRIES: Final = {Algorithm.SHA_256: b"\x00\x02\x00\x00", Algorithm.MD5: b"\x00\x01\x00\x00"}
"""Their entries in PASSWORD-ALGORITHMS, the better first (RFC 8489 section 14.11)."""

ALL_FEATURES: Final = PASSWORD_ALGORITHMS | USERNAME_ANONYMITY

NOBODY: Final = (b"nobody",)
"""The passwords of a user that does not exist: finding out takes as long as being wrong."""


class Authenticator:
    """Asks for credentials and judges them; strangers leave no trace."""

    def __init__(
        self,
        realm: bytes,
        nonce_key: bytes,
        authority: Authority,
        rules: TurnRules,
        wrong_password: Callable[[Tenant, str, float], None],
    ) -> None:
        self._realm = realm
        self._nonces = Nonces(nonce_key)
        self._authority = authority
        self._wrong_password = wrong_password
        self._wrong = BucketTable(*rules.guessers)
        self.change(rules)

    def change(self, rules: TurnRules) -> None:
        """Go by other rules from now on."""
        self._md5 = rules.md5
        self._offer = b"".join(
            entry for algorithm, entry in _ENTRIES.items() if self._takes(algorithm)
        )
        self._wrong.change(*rules.guessers)

    def identify(
        self, message: Message, path: ClientPath, allocation: Allocation | None, now: float
    ) -> Identity:
        """Return who asks; the checks are those of RFC 8489 section 9.2.4, in its order.

        Raises:
            Refusal: 400, 401 or 438.
            SilenceError: a password was wrong too often from there.
        """
        client = path.client
        if not message.has_integrity:
            raise self._challenge(Code.UNAUTHENTICATED, client, now)
        realm, nonce = message.get(Attribute.REALM), message.get(Attribute.NONCE)
        if realm is None or nonce is None:
            raise Refusal(Code.BAD_REQUEST)
        negotiated = self._negotiated(message, nonce)
        username = self._name(message, client, now)
        if realm != self._realm:
            raise self._challenge(Code.UNAUTHENTICATED, client, now)
        identity = self._of_allocation(message, username, negotiated, allocation, now)
        if identity is None:
            identity = self._of_account(message, username, negotiated, client, now)
        if not self._nonces.is_fresh(nonce, client[0], now):
            raise self._challenge(Code.STALE_NONCE, client, now)
        return identity

    def _negotiated(self, message: Message, nonce: bytes) -> Algorithm | None:
        """Return the algorithm both sides have agreed on; None for the old way, which is MD5.

        Nobody in between may have taken the better choice away.
        """
        offered = message.get(Attribute.PASSWORD_ALGORITHMS)
        chosen = message.get(Attribute.PASSWORD_ALGORITHM)
        if offered is None and chosen is None:
            if not self._md5:
                raise Refusal(Code.BAD_REQUEST)
            return None
        if not has_feature(nonce, PASSWORD_ALGORITHMS):
            # Without the feature the attributes mean nothing, and this is no nonce of ours.
            return None
        for algorithm, entry in _ENTRIES.items():
            if chosen == entry and offered == self._offer and self._takes(algorithm):
                return algorithm
        raise Refusal(Code.BAD_REQUEST)

    def _takes(self, algorithm: Algorithm) -> bool:
        return self._md5 or algorithm is not Algorithm.MD5

    def _name(self, message: Message, client: TransportAddress, now: float) -> bytes:
        """Return the user name, which is said openly or by its hash."""
        username, hashed = message.get(Attribute.USERNAME), message.get(Attribute.USERHASH)
        if hashed is None:
            if username is None or not 0 < len(username) <= LONGEST_NAME:
                raise Refusal(Code.BAD_REQUEST)
            return username
        if username is not None:
            raise Refusal(Code.BAD_REQUEST)
        found = self._authority.name_of(hashed)
        if found is None:
            # From now on the client may say its name openly: others may have issued it.
            raise self._challenge(Code.UNAUTHENTICATED, client, now, PASSWORD_ALGORITHMS)
        return found

    def _of_allocation(
        self,
        message: Message,
        username: bytes,
        negotiated: Algorithm | None,
        allocation: Allocation | None,
        now: float,
    ) -> Identity | None:
        """Know the user of an allocation again, also a while after its credential expired."""
        if allocation is None:
            return None
        identity = allocation.identity
        if (
            username != identity.username
            or identity.signature.sha256 != (negotiated is not None)
            or (identity.until is not None and identity.until + CREDENTIAL_GRACE < now)
            or not message.is_made_with(identity.signature.key)
        ):
            return None
        return identity

    def _of_account(
        self,
        message: Message,
        username: bytes,
        negotiated: Algorithm | None,
        client: TransportAddress,
        now: float,
    ) -> Identity:
        source = vicinity(client[0])
        if self._wrong.is_empty(source, now):
            raise SilenceError("too-many-wrong-passwords")
        account = self._authority.find(username, now)
        make = sha256_key if negotiated is Algorithm.SHA_256 else md5_key
        for password in NOBODY if account is None else account.passwords:
            key = make(username, self._realm, password)
            if message.is_made_with(key) and account is not None:
                return Identity(
                    username=username,
                    tenant=account.tenant,
                    subject=account.subject,
                    # Whoever was offered algorithms is answered with SHA-256, whatever it chose.
                    signature=Signature(key, sha256=negotiated is not None),
                    until=account.until,
                )
        self._wrong.take(source, now)
        if account is not None:
            self._wrong_password(account.tenant, client[0], now)
        raise self._challenge(Code.UNAUTHENTICATED, client, now)

    def _challenge(
        self, code: Code, client: TransportAddress, now: float, features: int = ALL_FEATURES
    ) -> Refusal:
        attributes = (
            (Attribute.REALM, self._realm),
            (Attribute.NONCE, self._nonces.make(client, features, now)),
            (Attribute.PASSWORD_ALGORITHMS, self._offer),
        )
        return Refusal(code, attributes)

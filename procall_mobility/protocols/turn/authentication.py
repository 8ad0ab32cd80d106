"""Who asks: the long-term credential mechanism (RFC 8489 section 9.2)."""

from collections.abc import Callable
from typing import Final

from attrs import frozen

from procall_mobility.protocols.stun.codes import Algorithm, Attribute, Code
from procall_mobility.protocols.stun.message import Message, Signature, md5_key, sha256_key
from procall_mobility.protocols.turn.allocation import Allocation
from procall_mobility.protocols.turn.buckets import BucketTable
from procall_mobility.protocols.turn.nonces import (
    PASSWORD_ALGORITHMS,
    USERNAME_ANONYMITY,
    Nonces,
    has_feature,
)
from procall_mobility.protocols.turn.ports import Account, Authority, ClientPath
from procall_mobility.protocols.turn.refusal import Refusal, SilenceError
from procall_mobility.protocols.turn.rules import CREDENTIAL_GRACE, TurnRules
from procall_mobility.protocols.turn.tenants import Tenant

LONGEST_NAME: Final = 508
"""Octets of a user name (RFC 8489 section 14.3 has fewer than 509)."""

_ALGORITHMS = {
    False: b"\x00\x02\x00\x00\x00\x01\x00\x00",
    True: b"\x00\x02\x00\x00",
}
"""PASSWORD-ALGORITHMS, the better first; the second where MD5 is refused."""

NOBODY: Final = (b"nobody",)
"""The passwords of a user that does not exist: finding out takes as long as being wrong."""


@frozen(kw_only=True)
class Identity:
    """Somebody who has shown to know the password."""

    username: bytes
    tenant: Tenant
    subject: str
    signature: Signature
    until: float | None
    """When the credential expires."""

    def owns(self, allocation: Allocation) -> bool:
        """RFC 8656 section 5: requests need the credentials the allocation was made with.

        A REST name changes with every new credential; whom it is for does not.
        """
        owner = (allocation.tenant.name, allocation.subject)
        return (self.tenant.name, self.subject) == owner


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
        self._nonces = Nonces(nonce_key, PASSWORD_ALGORITHMS | USERNAME_ANONYMITY)
        self._authority = authority
        self._algorithms = _ALGORITHMS[not rules.md5]
        self._md5 = rules.md5
        self._wrong_password = wrong_password
        rate = rules.wrong_passwords_per_minute / 60
        self._wrong = BucketTable(rate, max(1.0, rules.wrong_passwords_per_minute))

    def identify(
        self, message: Message, path: ClientPath, allocation: Allocation | None, now: float
    ) -> Identity:
        """Return who asks.

        Raises:
            Refusal: 400, 401, 438.
            SilenceError: a password was wrong too often from there.
        """
        host = path.client[0]
        if not message.has_integrity:
            raise self._challenge(Code.UNAUTHENTICATED, host, now)
        username, hashed = message.get(Attribute.USERNAME), message.get(Attribute.USERHASH)
        nonce = message.get(Attribute.NONCE)
        if (username is None) == (hashed is None) or nonce is None:
            raise Refusal(Code.BAD_REQUEST)
        if message.get(Attribute.REALM) is None:
            raise Refusal(Code.BAD_REQUEST)
        algorithm = self._algorithm(message, nonce)
        if hashed is not None:
            username = self._authority.name_of(hashed)
        elif username is not None and not 0 < len(username) <= LONGEST_NAME:
            raise Refusal(Code.BAD_REQUEST)
        identity = self._of_allocation(message, username, algorithm, allocation, now)
        if identity is None:
            identity = self._of_account(message, username, algorithm, host, now)
        if not self._nonces.is_fresh(nonce, host, now):
            raise self._challenge(Code.STALE_NONCE, host, now)
        return identity

    def _algorithm(self, message: Message, nonce: bytes) -> Algorithm:
        """RFC 8489 section 9.2.4: nobody in between may have taken the better choice away."""
        offered = message.get(Attribute.PASSWORD_ALGORITHMS)
        chosen = message.get(Attribute.PASSWORD_ALGORITHM)
        if offered is None and chosen is None:
            if not self._md5:
                raise Refusal(Code.BAD_REQUEST)
            return Algorithm.MD5
        if not has_feature(nonce, PASSWORD_ALGORITHMS):
            # Without the feature the attributes mean nothing, and this is no nonce of ours.
            return Algorithm.MD5
        if offered != self._algorithms or chosen is None or len(chosen) < 4:
            raise Refusal(Code.BAD_REQUEST)
        number = int.from_bytes(chosen[:2])
        if number == Algorithm.SHA_256:
            return Algorithm.SHA_256
        if number == Algorithm.MD5 and self._md5:
            return Algorithm.MD5
        raise Refusal(Code.BAD_REQUEST)

    def _of_allocation(
        self,
        message: Message,
        username: bytes | None,
        algorithm: Algorithm,
        allocation: Allocation | None,
        now: float,
    ) -> Identity | None:
        """Know the user of an allocation again, also a while after its credential expired."""
        if (
            allocation is None
            or username != allocation.username
            or allocation.signature.sha256 != message.has_sha256
        ):
            return None
        until = allocation.credential_until
        if until is not None and until + CREDENTIAL_GRACE < now:
            return None
        if not message.is_made_with(allocation.signature.key):
            return None
        return Identity(
            username=allocation.username,
            tenant=allocation.tenant,
            subject=allocation.subject,
            signature=allocation.signature,
            until=until,
        )

    def _of_account(
        self, message: Message, username: bytes | None, algorithm: Algorithm, host: str, now: float
    ) -> Identity:
        if self._wrong.is_empty(host, now):
            raise SilenceError
        account: Account | None = None
        if username is not None:
            account = self._authority.find(username, now)
        make = sha256_key if algorithm is Algorithm.SHA_256 else md5_key
        for password in account.passwords if account is not None else NOBODY:
            key = make(username or b"", self._realm, password)
            if message.is_made_with(key) and account is not None and username is not None:
                return Identity(
                    username=username,
                    tenant=account.tenant,
                    subject=account.subject,
                    signature=Signature(key, message.has_sha256),
                    until=account.until,
                )
        self._wrong.take(host, now)
        if account is not None:
            self._wrong_password(account.tenant, host, now)
        raise self._challenge(Code.UNAUTHENTICATED, host, now)

    def _challenge(self, code: Code, host: str, now: float) -> Refusal:
        attributes = (
            (Attribute.REALM, self._realm),
            (Attribute.NONCE, self._nonces.make(host, now)),
            (Attribute.PASSWORD_ALGORITHMS, self._algorithms),
        )
        return Refusal(code, attributes)

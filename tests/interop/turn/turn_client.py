"""A TURN client without a socket: requests as bytes out, answers in, long-term credentials."""

import base64
import hashlib
import hmac
import os
import time
from typing import Any

from attrs import define, field, frozen

from tests.interop.turn.stun_codec import (
    MD5,
    SHA256,
    A,
    Message,
    Method,
    Part,
    is_signed_with,
    long_term_key,
    message,
    signed,
    signed_sha256,
    xor_address,
)


@frozen
class Identity:
    """Who asks: a user name as it stands on the wire, and its password."""

    user: bytes
    password: bytes

    @classmethod
    def of(cls, user: str, password: str) -> "Identity":
        return cls(user.encode(), password.encode())

    @classmethod
    def minted(
        cls, secret: str, customer: str, subject: str = "alice", *, expiry: object = None
    ) -> "Identity":
        """Mint a credential of draft-uberti-behave-turn-rest; good for an hour by default."""
        when = int(time.time()) + 3600 if expiry is None else expiry
        user = f"{when}:{customer}:{subject}".encode()
        return cls.signed_by(secret, user)

    @classmethod
    def signed_by(cls, secret: str, user: bytes) -> "Identity":
        digest = hmac.digest(secret.encode(), user, "sha1")
        return cls(user, base64.b64encode(digest))


@define
class TurnClient:
    """One client's half of the talk; it learns realm and nonce from challenges."""

    identity: Identity
    algorithm: bytes = MD5
    realm: bytes = b""
    nonce: bytes = b""
    ticket: bytes = b""
    algorithms: bytes = field(default=b"", kw_only=True)
    """The server's list, sent back with our choice (RFC 8489 section 9.2.3)."""
    userhash: bool = field(default=False, kw_only=True)

    @property
    def key(self) -> bytes:
        who = self.identity
        return long_term_key(who.user, self.realm, who.password, self.algorithm)

    def request(self, method: Method, *parts: Part, transaction: bytes | None = None) -> bytes:
        """Write a request, signed as soon as we know for whom."""
        transaction = transaction or os.urandom(12)
        if not self.nonce:
            return message(method, *parts, transaction=transaction)
        return self.sign(message(method, *parts, *self.credentials(), transaction=transaction))

    def credentials(self) -> list[Part]:
        parts: list[Part] = [(A.USERNAME, self.identity.user)]
        if self.userhash:
            text = self.identity.user + b":" + self.realm
            parts = [(A.USERHASH, hashlib.sha256(text).digest())]
        parts += [(A.REALM, self.realm), (A.NONCE, self.nonce)]
        if self.algorithms:
            parts += [(A.PASSWORD_ALGORITHMS, self.algorithms)]
            parts += [(A.PASSWORD_ALGORITHM, self.algorithm)]
        return parts

    def sign(self, unsigned: bytes) -> bytes:
        # Section 9.2.3: whoever was offered algorithms signs with SHA-256.
        sign = signed_sha256 if self.algorithms else signed
        return sign(unsigned, self.key)

    def challenged(self, answer: Message) -> bool:
        """Take realm and nonce from a 401 or 438; True when the request is worth another try."""
        nonce = answer.get(A.NONCE)
        if answer.error not in (401, 438) or nonce is None or (self.nonce and answer.error == 401):
            return False
        self.nonce = nonce
        self.realm = answer.get(A.REALM) or self.realm
        offered = answer.get(A.PASSWORD_ALGORITHMS)
        if self.algorithm == SHA256:
            assert offered is not None, "the server offers no SHA-256"
            self.algorithms = offered
        return True

    def trusts(self, answer: Message) -> bool:
        return is_signed_with(answer.raw, self.key)


def towards(who: Any, transaction: bytes) -> Part:
    """Name a peer, or the address of one, in a request."""
    address = who if isinstance(who, tuple) else who.address
    return A.XOR_PEER_ADDRESS, xor_address(address, transaction)


def lifetime(seconds: int) -> Part:
    return A.LIFETIME, seconds.to_bytes(4, "big")


def channel(number: int) -> Part:
    return A.CHANNEL_NUMBER, number.to_bytes(2, "big") + b"\0\0"

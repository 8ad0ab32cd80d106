"""Voluntary Application Server Identification (RFC 8292): who sends, said to each push service."""

import re

from cryptography.hazmat.primitives.asymmetric import ec

from procall_mobility.protocols.public_names import is_public_name
from procall_mobility.protocols.push.credentials import CredentialError, private_key
from procall_mobility.protocols.push.json_web_tokens import base64url, es256
from procall_mobility.protocols.push.self_signed import SelfSigned
from procall_mobility.protocols.push.web_push_encryption import (
    ORDER,
    base64_octets,
    public_octets,
)

REUSED = 12 * 3600.0
"""Seconds a token is used; push services may remember it, and save its verification."""

LIFETIME = 18 * 3600
"""Seconds a token is good for.  More than 24 hours are refused (section 2): this is as far from
that as the end of its use is from its own, so our clock may be wrong by six hours, either way."""

LONGEST_SUBJECT = 254
"""Characters; every request carries it."""

_MAILBOX = re.compile(r"mailto:[A-Za-z0-9!#$%&'*+/=^_`{|}~.-]{1,64}@(?P<host>[A-Za-z0-9.-]+)")
_WEB = re.compile(r"https://(?P<host>[A-Za-z0-9.-]+)(?::[0-9]{1,5})?(?:/[!-~]*)?")

_KEY_OCTETS = 32


def check_subject(text: str) -> None:
    """Find out whether push services can reach us there; Apple's refuses all others (403).

    Raises:
        CredentialError: it is no mailbox or web page of a public host.
    """
    found = _MAILBOX.fullmatch(text) or _WEB.fullmatch(text)
    if found is None or len(text) > LONGEST_SUBJECT:
        raise CredentialError("a VAPID subject is like mailto:push@example.com or https://...")
    if not is_public_name(found["host"]):
        raise CredentialError("the host of a VAPID subject is a name of the public DNS")


def is_subject(text: str) -> bool:
    """Tell whether push services can reach us there."""
    try:
        check_subject(text)
    except CredentialError:
        return False
    return True


def vapid_key(octets: bytes) -> ec.EllipticCurvePrivateKey:
    """Read a private key: PEM, or the base64 of its 32 octets that Web Push libraries print.

    Raises:
        CredentialError: it is none, or not on P-256.
    """
    number = base64_octets(octets.strip().decode("ascii", "replace"))
    if number is not None and len(number) == _KEY_OCTETS:
        scalar = int.from_bytes(number)
        # Not all versions of cryptography look at that.
        if not 0 < scalar < ORDER:
            raise CredentialError("the private key is no number of P-256")
        return ec.derive_private_key(scalar, ec.SECP256R1())
    key = private_key(octets)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise CredentialError("it is not an elliptic curve key on P-256")
    return key


class Vapid:
    """One application server's identity."""

    def __init__(self, key: ec.EllipticCurvePrivateKey, subject: str) -> None:
        """Take the key that subscriptions are bound to, and where its operator is reached.

        Raises:
            CredentialError: `check_subject` says so.
        """
        check_subject(subject)
        self._subject = subject
        self._signer = es256(key)
        self._fields = SelfSigned(self._sign, reused=REUSED)
        self.public_key = base64url(public_octets(key.public_key()))
        """What applications subscribe with (`applicationServerKey`)."""

    def authorization(self, origin: str, unix: float) -> str:
        """Return the field for requests to an origin (section 3)."""
        return self._fields.token(origin, unix)

    def refused(self, origin: str, authorization: str, unix: float) -> bool:
        """Take that a push service has not accepted this field.

        Returns whether the request may be made again, with what `authorization` says then; False:
        what is wrong is not the token's age.
        """
        return self._fields.refused(origin, authorization, unix)

    def _sign(self, origin: str, unix: float) -> str:
        claims: dict[str, str | int] = {
            "aud": origin,
            "exp": int(unix) + LIFETIME,
            "sub": self._subject,
        }
        token = self._signer.token(claims, {"typ": "JWT"})
        # Without a space behind the comma: there are parsers that know none.
        return f"vapid t={token},k={self.public_key}"

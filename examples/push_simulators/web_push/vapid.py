"""What a push service wants of a sender's identification (RFC 8292)."""

import re

from cryptography.hazmat.primitives.asymmetric import ec

from examples.push_simulators.json_web_tokens import NotAToken, is_signed, octets, parse

LONGEST = 86_400.0
"""Seconds `exp` may lie ahead."""
SKEW = 60.0
"""Seconds clocks may differ."""

_MAIL = re.compile(r"mailto:[^\s@]+@[^\s@.]+(\.[^\s@.]+)+\Z")
_SITE = re.compile(r"https://[^\s/.]+(\.[^\s/.]+)+(/\S*)?\Z")
_PARAMETER = re.compile(r'\s*([a-z]+)="?([A-Za-z0-9._-]+)"?\s*\Z')


class Untrusted(Exception):
    """The sender is not who it should be; the text says why."""


def check(authorization: str, origin: str, unix: float) -> str:
    """Return the sender's key as it was written.

    Raises:
        Untrusted: it is not shown in the right way.
    """
    scheme, _, rest = authorization.partition(" ")
    parameters: dict[str, str] = {}
    for each in rest.split(","):
        found = _PARAMETER.match(each)
        if found is not None:
            parameters[found[1]] = found[2]
    if scheme.lower() != "vapid" or not parameters.keys() >= {"t", "k"}:
        raise Untrusted("not vapid with t and k")
    try:
        token, key = parse(parameters["t"]), _key(parameters["k"])
    except ValueError as error:
        raise Untrusted(f"t or k cannot be read: {error}") from error
    if token.header.get("alg") != "ES256" or not is_signed(token, key):
        raise Untrusted("the signature is not k's by ES256")
    if token.claims.get("aud") != origin:
        raise Untrusted("aud is not our origin")
    expires = token.number("exp")
    if expires is None or expires < unix - SKEW:
        raise Untrusted("exp is missing or over")
    if expires > unix + LONGEST + SKEW:
        raise Untrusted("exp is more than 24 hours ahead")
    subject = token.text("sub")
    if not _MAIL.match(subject) and not _SITE.match(subject):
        raise Untrusted("sub is no mailto: or https: address somebody could reach")
    return parameters["k"]


def _key(text: str) -> ec.EllipticCurvePublicKey:
    point = octets(text)
    if len(point) != 65:
        raise NotAToken("k is no uncompressed point")
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)

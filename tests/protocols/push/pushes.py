"""Notifications, answers and keys for the tests of providers."""

import base64
import json
from functools import cache
from typing import Any

from attrs import evolve
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from hypothesis import strategies as st

from procall_mobility.protocols.push.exchange import Answer
from procall_mobility.protocols.push.notification import Notification, Urgency

UNIX = 1_800_000_000.0
ID = "0190f5fe-7b3c-7c1e-8a52-1f6a0c9d2b11"
APNS_TOKEN = "00fc13adff785122b4ad28809a3420982341241421348097878e577c991de8f0"
FCM_TOKEN = "dQw4w9WgXcQ:APA91bF5_8ldOZEm34ajCfNx7hZ9_LhjUBQFDwZbtSnCNEzb1b" + "x" * 80

CHAT = Notification(
    id=ID,
    kind="chat",
    token=APNS_TOKEN,
    urgency=Urgency.ALERT,
    expires=UNIX + 3600,
    collapse="talk-7",
    content={"enc": "aes128", "data": "c2VhbGVk"},
)
CALL = evolve(CHAT, kind="avnewcall", urgency=Urgency.CALL, expires=UNIX + 30, collapse="call-91")
VOIP = evolve(CALL, is_voip=True)


def answer(status: int, body: object = b"", **headers: str) -> Answer:
    """Return an answer; a body that is not octets is written as JSON, `_` in names as `-`."""
    octets = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status=status, headers=named, body=octets)


def pem(key: Any, **how: Any) -> bytes:
    """Return a private key as the files of providers have it."""
    encryption = how.get("encryption", NoEncryption())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


@cache
def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@cache
def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65_537, bits)


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any], bytes, bytes]:
    """Take a JSON Web Token apart: header, claims, signature, and what was signed."""
    header, claims, signature = (
        base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in token.split(".")
    )
    return json.loads(header), json.loads(claims), signature, token.rpartition(".")[0].encode()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)
"""Any JSON."""

RETRY_AFTER = st.one_of(
    st.text(max_size=60),
    st.integers(-(10**30), 10**30).map(str),
    st.datetimes().map(lambda date: date.strftime("%a, %d %b %Y %H:%M:%S GMT")),
    st.text("0123456789 :,-+()ADEFGJMNOPSTUVabceghilnoprtuvy", max_size=45),
)
"""What might stand in such a header."""


def answers(members: st.SearchStrategy[Any] = JSON) -> st.SearchStrategy[Answer]:
    """Return any answers, many of them with a body as a provider could write it."""
    return st.builds(
        Answer,
        status=st.sampled_from([200, 400, 401, 403, 404, 405, 410, 413, 429, 500, 502, 503])
        | st.integers(100, 599),
        headers=st.dictionaries(st.just("retry-after"), RETRY_AFTER),
        body=st.binary(max_size=200)
        | st.sampled_from([b"<html>502</html>", b"[" * 16_384, b'{"reason":' * 1600, b"1" * 9000])
        | (members | JSON).map(lambda value: json.dumps(value).encode()),
    )

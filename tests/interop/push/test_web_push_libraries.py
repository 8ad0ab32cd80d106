"""What we encipher and sign, others read and verify; and the other way round.

http_ece, pywebpush and py-vapid are of Mozilla's people, PyJWT of nobody's who sends pushes.
"""

import base64
import json
import os
import time

import pytest
from attrs import evolve
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from procall_mobility.protocols.push import aes128gcm
from procall_mobility.protocols.push.hms_accounts import AUDIENCE, hms_account
from procall_mobility.protocols.push.notification import Notification, Urgency
from procall_mobility.protocols.push.vapid import Vapid, vapid_key
from procall_mobility.protocols.push.web_push import request, subscription
from procall_mobility.protocols.push.web_push_encryption import (
    LARGEST_CLEAR,
    Ephemeral,
    UserAgentKeys,
    base64_octets,
    public_octets,
    seal,
    unseal,
)
from tests.protocols.push.pushes import pem

http_ece = pytest.importorskip("http_ece")
jwt = pytest.importorskip("jwt")
py_vapid = pytest.importorskip("py_vapid")
pywebpush = pytest.importorskip("pywebpush")

pytestmark = pytest.mark.interop

SIZES = [0, 1, 15, 16, 17, 1000, LARGEST_CLEAR]
ORIGIN = "https://push.example.net"
SUBJECT = "mailto:push@example.com"


class Browser:
    """Subscribes, and keeps what deciphers."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.secret = os.urandom(16)
        self.keys = UserAgentKeys(public_octets(self.key.public_key()), self.secret)
        self.token = json.dumps({
            "endpoint": f"{ORIGIN}/wpush/v2/abc",
            "expirationTime": None,
            "keys": {"p256dh": text(self.keys.public_key), "auth": text(self.secret)},
        })  # fmt: skip


def text(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def fresh() -> Ephemeral:
    return Ephemeral(ec.generate_private_key(ec.SECP256R1()), os.urandom(16))


@pytest.mark.parametrize("size", SIZES)
def test_http_ece_reads_what_we_seal(size: int) -> None:
    browser, clear = Browser(), os.urandom(size)
    sealed = seal(clear, browser.keys, fresh())
    read = http_ece.decrypt(
        sealed, private_key=browser.key, auth_secret=browser.secret, version="aes128gcm"
    )
    assert read == clear


@pytest.mark.parametrize("size", SIZES[1:])
def test_we_read_what_pywebpush_seals(size: int) -> None:
    browser, clear = Browser(), os.urandom(size)
    sealed = pywebpush.WebPusher(json.loads(browser.token)).encode(clear)["body"]
    assert unseal(sealed, browser.key, browser.secret) == clear


@pytest.mark.parametrize("record_size", [18, 25, 100, 4096])
@pytest.mark.parametrize("size", [1, 7, 16, 99, 300])
def test_records_are_the_same_as_http_eces(size: int, record_size: int) -> None:
    """RFC 8188 alone: with key and salt given, what is enciphered has one form."""
    key, salt, clear = os.urandom(16), os.urandom(16), os.urandom(size)
    theirs = http_ece.encrypt(clear, salt=salt, key=key, rs=record_size, version="aes128gcm")
    assert aes128gcm.encode(clear, key, salt=salt, record_size=record_size) == theirs
    assert aes128gcm.decode(aes128gcm.parse(theirs), key) == clear


def test_a_whole_request_is_read_and_verified() -> None:
    """By a browser with http_ece, and by its push service with py-vapid and PyJWT."""
    browser, unix = Browser(), time.time()
    notification = Notification(
        id="0190f5fe-7b3c-7c1e-8a52-1f6a0c9d2b11",
        kind="avnewcall",
        token=browser.token,
        urgency=Urgency.CALL,
        expires=unix + 30,
        content={"data": "sealed"},
    )
    vapid = Vapid(ec.generate_private_key(ec.SECP256R1()), SUBJECT)
    made = request(notification, subscription(browser.token), vapid, unix, ephemeral=fresh())
    read = http_ece.decrypt(
        made.body, private_key=browser.key, auth_secret=browser.secret, version="aes128gcm"
    )
    assert json.loads(read) == {"id": notification.id, "kind": "avnewcall", "data": "sealed"}
    field = dict(made.headers)["authorization"]
    assert py_vapid.Vapid02.verify(field)
    token = field.partition("t=")[2].partition(",")[0]
    key = ec.EllipticCurvePublicKey.from_encoded_point(
        ec.SECP256R1(), base64_octets(vapid.public_key) or b""
    )
    claims = jwt.decode(token, key, algorithms=["ES256"], audience=ORIGIN)
    assert claims["sub"] == SUBJECT
    with pytest.raises(jwt.InvalidAudienceError):
        jwt.decode(token, key, algorithms=["ES256"], audience="https://other.example.net")


def test_a_subscription_of_pywebpushs_tests_is_taken() -> None:
    """With padded keys, as libraries of before wrote them."""
    browser = Browser()
    said = json.loads(browser.token)
    said["keys"] = {
        "p256dh": base64.urlsafe_b64encode(browser.keys.public_key).decode(),
        "auth": base64.urlsafe_b64encode(browser.secret).decode(),
    }
    pywebpush.WebPusher(said)
    assert subscription(json.dumps(said)).keys == browser.keys


def test_keys_made_by_py_vapid_are_taken() -> None:
    theirs = py_vapid.Vapid02()
    theirs.generate_keys()
    number = theirs.private_key.private_numbers().private_value.to_bytes(32)
    for file in (theirs.private_pem(), text(number).encode()):
        ours = Vapid(vapid_key(file), SUBJECT)
        assert base64_octets(ours.public_key) == public_octets(theirs.public_key)
        assert py_vapid.Vapid02.verify(ours.authorization(ORIGIN, time.time()))


def test_what_py_vapid_signs_says_the_same() -> None:
    """Names and kinds of claims, and the field's form."""
    theirs = py_vapid.Vapid02()
    theirs.generate_keys()
    field = theirs.sign({"aud": ORIGIN, "sub": SUBJECT})["Authorization"]
    vapid = Vapid(vapid_key(theirs.private_pem()), SUBJECT)
    ours = vapid.authorization(ORIGIN, time.time())
    assert field.rpartition(",k=")[2] == ours.rpartition(",k=")[2]
    said = [
        jwt.decode(each.partition("t=")[2].partition(",")[0], options={"verify_signature": False})
        for each in (field, ours)
    ]
    assert said[0].keys() == said[1].keys()
    assert {name: type(value) for name, value in said[0].items()} == {
        name: type(value) for name, value in said[1].items()
    }


def test_a_harmony_token_is_verified_by_pyjwt() -> None:
    """PS256 (RFC 7518 section 3.5)."""
    key = rsa.generate_private_key(65_537, 3072)
    file = {
        "project_id": "388421841",
        "key_id": "a1b2c3",
        "sub_account": "1234567",
        "private_key": pem(key).decode(),
    }
    token = hms_account(json.dumps(file).encode()).tokens().token(time.time())
    claims = jwt.decode(token, key.public_key(), algorithms=["PS256"], audience=AUDIENCE)
    assert claims["iss"] == "1234567"
    assert jwt.get_unverified_header(token) == {"alg": "PS256", "kid": "a1b2c3", "typ": "JWT"}


def test_a_message_for_another_browser_is_read_by_nobody() -> None:
    """Neither by http_ece nor by us."""
    one, other = Browser(), Browser()
    sealed = seal(b"secret", evolve(one.keys, secret=other.secret), fresh())
    with pytest.raises(http_ece.ECEException):
        http_ece.decrypt(sealed, private_key=one.key, auth_secret=one.secret, version="aes128gcm")

"""A push service's rules, each broken once by a request that was right before (RFC 8030, 8292)."""

from typing import Any

import pytest
from attrs import evolve
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from examples.push_simulators.exchange import Request
from examples.push_simulators.json_web_tokens import octets
from examples.push_simulators.web_push.decryption import Unreadable, decrypt
from examples.push_simulators.web_push.subscriptions import Subscription
from procall_mobility.protocols.push.json_web_tokens import base64url, es256
from tests.examples.push_simulators.developer import NOW, Developer, origin

KEY = ec.generate_private_key(ec.SECP256R1())
PUBLIC = base64url(KEY.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def vapid(*, scheme: str = "vapid", key: Any = KEY, k: str = PUBLIC, **changed: Any) -> str:
    claims = {
        "aud": origin("web_push"),
        "exp": int(NOW) + 3600,
        "sub": "mailto:operator@example.com",
        **changed,
    }
    said = {name: value for name, value in claims.items() if value is not None}
    return f"{scheme} t={es256(key).token(said, {'typ': 'JWT'})}, k={k}"


def push(name: str, *without: str, body: bytes = b"", **headers: str) -> Request:
    said = {"ttl": "60", "urgency": "high", "topic": "chat-1", "authorization": vapid()}
    if body:
        said["content-encoding"] = "aes128gcm"
    said |= {key.replace("_", "-"): value for key, value in headers.items()}
    return Request(
        method="POST",
        path=f"/push/{name}",
        headers=tuple((key, value) for key, value in said.items() if key not in without),
        body=body,
    )


@pytest.fixture
def subscription(developer: Developer) -> Subscription:
    return developer.judges.web_push.subscriptions.add()


def status(developer: Developer, request: Request) -> int:
    return developer.sends("web_push", request).reply.status


def test_a_right_push_is_created_and_has_a_place(
    developer: Developer, subscription: Subscription
) -> None:
    """RFC 8030 section 5: 201 with Location; section 5.2: the TTL the service keeps to."""
    reply = developer.sends("web_push", push(subscription.name)).reply
    assert reply.status == 201
    assert dict(reply.headers)["ttl"] == "60"
    assert dict(reply.headers)["location"].startswith(origin("web_push"))


@pytest.mark.parametrize(
    ("without", "headers", "expected"),
    [
        (("ttl",), {}, 400),
        ((), {"ttl": "1m"}, 400),
        ((), {"ttl": "-1"}, 400),
        ((), {"urgency": "urgent"}, 400),
        ((), {"topic": "x" * 33}, 400),
        ((), {"topic": "call/1"}, 400),
        ((), {"topic": ""}, 400),
        (("authorization",), {}, 401),
        ((), {"authorization": "WebPush x"}, 403),
        ((), {"authorization": vapid(aud="https://push.example.com")}, 403),
        ((), {"authorization": vapid(exp=int(NOW) - 61)}, 403),
        ((), {"authorization": vapid(exp=int(NOW) + 86_400 + 61)}, 403),
        ((), {"authorization": vapid(exp=None)}, 403),
        ((), {"authorization": vapid(sub=None)}, 403),
        ((), {"authorization": vapid(sub="mailto:me@localhost")}, 403),
        ((), {"authorization": vapid(sub="operator@example.com")}, 403),
        ((), {"authorization": vapid(k=PUBLIC[:-4])}, 403),
        ((), {"authorization": vapid(key=ec.generate_private_key(ec.SECP256R1()))}, 403),
    ],
)
def test_a_wrong_header_is_refused(
    developer: Developer,
    subscription: Subscription,
    without: tuple[str, ...],
    headers: dict[str, str],
    expected: int,
) -> None:
    assert status(developer, push(subscription.name, *without, **headers)) == expected


def test_a_body_is_encrypted_and_not_too_large(
    developer: Developer, subscription: Subscription
) -> None:
    name = subscription.name
    assert status(developer, push(name, body=b"x" * 4096)) == 201
    assert status(developer, push(name, body=b"x" * 4097)) == 413
    assert status(developer, push(name, "content-encoding", body=b"x")) == 400
    assert status(developer, push(name, body=b"x", content_encoding="aesgcm")) == 400


def test_a_subscription_is_there_or_gone(developer: Developer, subscription: Subscription) -> None:
    assert status(developer, push("nobody")) == 404
    subscription.gone = NOW
    assert status(developer, push(subscription.name)) == 410


def test_a_subscription_may_be_for_one_sender(developer: Developer) -> None:
    """RFC 8292 section 4.2."""
    subscriptions = developer.judges.web_push.subscriptions
    assert status(developer, push(subscriptions.add(PUBLIC).name)) == 201
    assert status(developer, push(subscriptions.add("B" * 87).name)) == 403


def test_unifiedpush_asks_by_get(developer: Developer, subscription: Subscription) -> None:
    asked = evolve(push(subscription.name), method="GET")
    assert developer.sends("web_push", asked).reply.body == b'{"unifiedpush":{"version":1}}'
    assert status(developer, evolve(asked, method="PUT")) == 405


def test_what_cannot_be_read_is_taken_and_remarked(
    developer: Developer, subscription: Subscription
) -> None:
    """No push service could tell; a device would throw it away."""
    verdict = developer.sends("web_push", push(subscription.name, body=b"x" * 200))
    assert verdict.reply.status == 201
    assert verdict.remarks[0].startswith("unreadable")


def test_the_example_of_rfc_8291_is_read() -> None:
    """Appendix A."""
    private = int.from_bytes(octets("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"))
    subscription = Subscription(
        name="example",
        private=ec.derive_private_key(private, ec.SECP256R1()),
        secret=octets("BTBZMqHH6r4Tts7J_aSIgg"),
    )
    body = octets(
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml"
        "mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT"
        "pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )
    assert decrypt(body, subscription) == b"When I grow up, I want to be a watermelon"
    for changed in (body[:-1], body[:20] + b"\x40" + body[21:], b"\0" * 103, b""):
        with pytest.raises(Unreadable):
            decrypt(changed, subscription)

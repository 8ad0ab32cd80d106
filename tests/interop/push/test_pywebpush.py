"""pywebpush against the simulated push service, which reads what it has encrypted."""

from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from tests.interop.push.running import Running

pywebpush = pytest.importorskip("pywebpush")
py_vapid = pytest.importorskip("py_vapid")
requests = pytest.importorskip("requests")

pytestmark = pytest.mark.interop

SUBJECT = "mailto:operator@example.com"


@pytest.fixture
def http(simulators: Running) -> Iterator[Any]:
    with requests.Session() as session:
        session.trust_env = False
        session.verify = simulators.facts["ca"]
        yield session


def push(subscription: Any, http: Any, *, subject: str = SUBJECT, **changed: Any) -> Any:
    options = {
        "subscription_info": subscription,
        "data": '{"id":"7","kind":"chat"}',
        "vapid_private_key": py_vapid.Vapid02(ec.generate_private_key(ec.SECP256R1())),
        "vapid_claims": {"sub": subject},
        "ttl": 60,
        "requests_session": http,
    }
    return pywebpush.webpush(**{**options, **changed})


def test_what_it_has_encrypted_is_taken_and_read(simulators: Running, http: Any) -> None:
    subscription = simulators.ask("subscriptions", {})
    answer = push(subscription, http, headers={"urgency": "high", "topic": "chat-1"})
    assert answer.status_code == 201
    assert answer.headers["ttl"] == "60"
    (arrived,) = simulators.pushes("web_push")
    assert arrived["clear"] == '{"id":"7","kind":"chat"}'
    assert (arrived["id"], arrived["remarks"]) == ("7", [])


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"subject": "mailto:somebody@localhost"}, 403),
        ({"vapid_claims": {"sub": SUBJECT, "aud": "https://push.example.com"}}, 403),
        ({"vapid_claims": {"sub": SUBJECT, "exp": 4_000_000_000}}, 403),
        ({"vapid_private_key": None, "vapid_claims": None}, 401),
        ({"headers": {"topic": "not base64url!"}}, 400),
        ({"content_encoding": "aesgcm"}, 400),
    ],
)
def test_its_wrong_requests_are_refused(
    simulators: Running, http: Any, wrong: dict[str, Any], status: int
) -> None:
    with pytest.raises(pywebpush.WebPushException) as refused:
        push(simulators.ask("subscriptions", {}), http, **wrong)
    assert refused.value.response.status_code == status


def test_a_subscription_that_has_ended_is_gone(simulators: Running, http: Any) -> None:
    subscription = simulators.ask("subscriptions", {})
    name = subscription["endpoint"].rsplit("/", 1)[1]
    simulators.ask("devices", {"provider": "web_push", "token": name, "gone": True})
    with pytest.raises(pywebpush.WebPushException) as refused:
        push(subscription, http)
    assert refused.value.response.status_code == 410


def test_a_subscription_takes_the_key_it_was_made_for_alone(
    simulators: Running, http: Any
) -> None:
    """RFC 8292 section 4.2."""
    subscription = simulators.ask("subscriptions", {"sender": "B" * 87})
    with pytest.raises(pywebpush.WebPushException) as refused:
        push(subscription, http)
    assert refused.value.response.status_code == 403

"""Messages of application servers (RFC 8030), as they come in by a capability URL."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.push.json_web_tokens import base64url
from procall_mobility.protocols.push.notification import Urgency
from procall_mobility.protocols.push.web_push_encryption import LARGEST
from procall_mobility.protocols.push.web_push_messages import (
    LONGEST_TTL,
    SHORTEST_TTL,
    WebPushError,
    WebPushMessage,
    read,
)
from tests.protocols.push.web_push_vectors import MESSAGE

UNIX = 1_800_000_000.0


def message(body: bytes = MESSAGE, **headers: str) -> WebPushMessage:
    given = {"ttl": "60", "content-encoding": "aes128gcm"}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    return read(given.get, body)


def refused(body: bytes = MESSAGE, **headers: str) -> tuple[int, str]:
    with pytest.raises(WebPushError) as caught:
        message(body, **headers)
    return caught.value.status, caught.value.reason


def test_a_message_is_passed_on_as_it_is() -> None:
    told = message(topic="call-91").notification(
        name="id", token="device", is_voip=False, unix=UNIX
    )
    assert told.content == {"enc": "aes128gcm", "data": base64url(MESSAGE)}
    assert (told.kind, told.collapse, told.expires) == ("webpush", "call-91", UNIX + 60)


def test_a_message_without_content_only_wakes() -> None:
    """RFC 8030 section 5 allows that; there is nothing to encipher."""
    told = message(b"", content_encoding="").notification(
        name="id", token="device", is_voip=False, unix=UNIX
    )
    assert told.content == {}


@pytest.mark.parametrize(
    ("said", "urgency"),
    [
        ("very-low", Urgency.BACKGROUND),
        ("low", Urgency.BACKGROUND),
        ("normal", Urgency.ALERT),
        ("high", Urgency.ALERT),
    ],
)
def test_urgency_is_that_of_the_message(said: str, urgency: Urgency) -> None:
    """RFC 8030 section 5.3."""
    assert message(urgency=said).urgency is urgency


def test_without_a_word_it_is_normal_and_a_call_is_a_call() -> None:
    told = message()
    assert told.urgency is Urgency.ALERT
    rings = told.notification(name="id", token="device", is_voip=True, unix=UNIX)
    assert (rings.urgency, rings.is_voip) == (Urgency.CALL, True)


def test_time_to_live_is_bounded_and_0_is_one_attempt() -> None:
    """RFC 8030 section 5.2: less than was asked for is allowed, and is said back."""
    assert message(ttl="9999999999").ttl == LONGEST_TTL
    at_once = message(ttl="0")
    assert at_once.ttl == 0
    told = at_once.notification(name="id", token="device", is_voip=False, unix=UNIX)
    assert told.expires == UNIX + SHORTEST_TTL


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"ttl": ""}, (400, "bad-ttl")),
        ({"ttl": "-1"}, (400, "bad-ttl")),
        ({"ttl": "1.5"}, (400, "bad-ttl")),
        ({"urgency": "urgent"}, (400, "bad-urgency")),
        ({"topic": "x" * 33}, (400, "bad-topic")),
        ({"topic": "a b"}, (400, "bad-topic")),
        ({"content_encoding": "aesgcm"}, (415, "not-encrypted")),
        ({"content_encoding": ""}, (415, "not-encrypted")),
    ],
)
def test_what_is_wrong_is_named(headers: dict[str, str], expected: tuple[int, str]) -> None:
    assert refused(**headers) == expected


def test_time_to_live_is_needed() -> None:
    """RFC 8030 section 5.2."""
    with pytest.raises(WebPushError, match="TTL"):
        read({}.get, b"")


def test_what_is_in_clear_or_too_large_is_not_taken() -> None:
    assert refused(b"x" * (LARGEST + 1)) == (413, "too-large")
    # The coding's header is there, but no public key: enciphered by some other rule.
    assert refused(bytes(16) + (4096).to_bytes(4) + b"\0" + bytes(60)) == (400, "bad-encryption")
    assert refused(MESSAGE[: 16 + 4 + 1 + 65 + 16]) == (400, "bad-encryption")
    with pytest.raises(PeerError, match="shorter than its header"):
        message(b"Hello")


@given(st.binary(max_size=200), st.text(max_size=12), st.text(max_size=12))
def test_whatever_comes_is_read_or_refused(body: bytes, ttl: str, urgency: str) -> None:
    try:
        assert message(body, ttl=ttl, urgency=urgency).body == body
    except PeerError as error:
        assert error.reason

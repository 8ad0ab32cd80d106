"""A connection's language is known by its first octets, and soon (Wire 5.1)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.first_bytes import (
    LARGEST_FIRST,
    MOST_NEEDED,
    Language,
    is_whole,
    recognise,
)

STUN_BINDING = bytes.fromhex("000100002112a442") + bytes(12)


@pytest.mark.parametrize(
    ("data", "language"),
    [
        (b"\x16\x03\x01\x02\x00", Language.TLS),
        (b"\x16\x03\x03", Language.TLS),
        (b"GET / HTTP/1.1\r\n", Language.HTTP),
        (b"POST /ucweb HTTP/1.1\r\n", Language.HTTP),
        (b"HEAD / HTTP/1.1\r\n", Language.HTTP),
        (b"OPTIONS * HTTP/1.1\r\n", Language.HTTP),
        (b"PUT / HTTP/1.1\r\n", Language.HTTP),
        (b"DELETE / HTTP/1.1\r\n", Language.HTTP),
        (b"CONNECT a:443 HTTP/1.1\r\n", Language.HTTP),
        (b"PATCH / HTTP/1.1\r\n", Language.HTTP),
        (b"\xa1\x0c", Language.ROSE),
        (b"\xa4", Language.ROSE),
        (b"J0000010{}", Language.ROSE),
        (b'{"invoke":', Language.ROSE),
        (b"[{", Language.ROSE),
        (STUN_BINDING, Language.STUN),
        (b"\x00\x03\x00\x08" + STUN_BINDING[4:], Language.STUN),
    ],
)
def test_a_language_is_known_whole_and_octet_by_octet(data: bytes, language: Language) -> None:
    assert recognise(data) is language
    verdicts = [recognise(data[:end]) for end in range(len(data) + 1)]
    known = next(at for at, verdict in enumerate(verdicts) if verdict)
    assert known <= MOST_NEEDED
    assert set(verdicts[:known]) == {None}
    assert set(verdicts[known:]) == {language}


@pytest.mark.parametrize(
    "data",
    [
        b"\x16\x02",  # SSL 2.
        b"\x15\x03",  # A TLS alert.
        b"\xa0",
        b"\xa5",
        b"get / HTTP/1.1",
        b"GET/",
        b"TRACE / HTTP/1.1",
        b"\r\nGET / HTTP/1.1",
        b"\x00\x01\x00\x01",  # STUN's length counts in fours.
        b"\x00\x01\x00\x00\x21\x12\xa4\x43",  # RFC 3489, without the cookie.
        b"SSH-2.0-",
        b"PROXY TCP4",
        b"\x40\x00\x00\x04",  # Channel data before any allocation.
    ],
)
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(PeerError) as caught:
        recognise(data)
    assert caught.value.reason == "framing"


def test_http_2_is_refused_by_name() -> None:
    """RFC 9113 section 3.4: a client may begin so with prior knowledge."""
    assert recognise(b"PR") is None
    with pytest.raises(PeerError, match="HTTP/2"):
        recognise(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")


def tls_record(size: int) -> bytes:
    return b"\x16\x03\x01" + size.to_bytes(2) + bytes(size)


def stun_message(size: int) -> bytes:
    return b"\0\x03" + size.to_bytes(2) + STUN_BINDING[4:] + bytes(size)


@pytest.mark.parametrize("size", [0, 4, 512, 2048, LARGEST_FIRST])
@pytest.mark.parametrize(
    ("made", "language"), [(tls_record, Language.TLS), (stun_message, Language.STUN)]
)
def test_a_first_message_with_a_length_is_whole_with_its_last_octet(
    made, language: Language, size: int
) -> None:
    """RFC 8446 section 5.1, RFC 8489 section 5; what follows does not matter."""
    message = made(size)
    wholes = [end for end in range(len(message) + 1) if is_whole(message[:end], language)]
    assert wholes == [len(message)]
    assert is_whole(message + b"more", language)


@pytest.mark.parametrize(
    ("made", "language"), [(tls_record, Language.TLS), (stun_message, Language.STUN)]
)
def test_what_is_larger_than_any_first_message_is_not_waited_for(made, language: Language) -> None:
    """C3: whoever it is left to refuses it."""
    assert is_whole(made(LARGEST_FIRST + 4)[:8], language)
    assert is_whole(made(65_532)[:8], language)


def test_what_has_no_length_in_front_is_not_waited_for() -> None:
    assert is_whole(b"GET ", Language.HTTP)
    assert is_whole(b"{", Language.ROSE)


@given(st.binary(max_size=30))
def test_any_octets_give_a_verdict_within_the_bound(data: bytes) -> None:
    try:
        verdict = recognise(data)
    except PeerError:
        return
    assert verdict is not None or len(data) < MOST_NEEDED

"""Heads of requests: which are plain, and which are the same as one before."""

import pytest
from attrs import evolve

from procall_mobility.transports.plain_heads import PlainHead, read_head

PLAIN = b"POST /desk/a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nA: b\r\n\r\nhello"


def head() -> PlainHead:
    made = read_head(PLAIN, 1000)
    assert made is not None
    return made


def is_plain(octets: bytes, largest: int = 1000) -> bool:
    made = read_head(octets, largest)
    return made is not None and made.body(octets) is not None


def test_a_plain_request_is_read_at_once() -> None:
    request = head().request(b"hello", "192.0.2.1", secure=True)
    assert (request.method, request.path, request.query) == ("POST", "/desk/a", ())
    assert request.headers == (("host", "x"), ("a", "b"), ("content-length", "5"))
    assert (request.body, request.client_address) == (b"hello", "192.0.2.1")
    assert (request.secure, request.host) == (True, "x")
    assert head().size == PLAIN.index(b"hello") - 1


def test_nothing_secret_is_in_what_we_show_of_a_head() -> None:
    made = read_head(PLAIN.replace(b"A: b", b"Authorization: Basic YTpi"), 1000)
    assert not any(word in repr(made) for word in ("/desk/a", "YTpi"))


@pytest.mark.parametrize(
    "other",
    [
        PLAIN.replace(b"POST", b"PUT"),
        PLAIN.replace(b"HTTP/1.1", b"HTTP/1.0"),
        PLAIN.replace(b"/desk/a", b"/desk/a?b=c"),
        PLAIN.replace(b"/desk/a", b"/desk/%61"),
        PLAIN.replace(b"/desk/a", b"http://x/desk/a"),
        PLAIN.replace(b"Host: x", b"Host: x\r\n folded"),
        PLAIN.replace(b"Host: x", b"Transfer-Encoding: chunked"),
        PLAIN.replace(b"Host: x", b"Content-Length: 5"),
        PLAIN.replace(b"A: b", b"Content-Length: 5"),
        PLAIN.replace(b"A: b", b"content-length: 6"),
        PLAIN.replace(b"Content-Length: 5", b"B: c"),
        PLAIN.replace(b"Content-Length: 5", b"Content-Length:"),
        PLAIN.replace(b"Content-Length: 5", b"Content-Length: 05"),
        PLAIN.replace(b"Content-Length: 5", b"Content-Length: 5, 5"),
        PLAIN.replace(b"Host: x", b"Expect: 100-continue"),
        PLAIN.replace(b"Host: x", b"Connection: close"),
        PLAIN.replace(b"Host: x", b"Upgrade: websocket"),
        PLAIN.replace(b"\r\n", b"\n"),
        PLAIN[:-1],
        PLAIN + PLAIN,
        b"\r\n" + PLAIN,
        b"",
    ],
)
def test_whatever_is_not_plain_is_left_alone(other: bytes) -> None:
    """RFC 9112 sections 3.2, 5.2 and 6: where two readers could differ, there is one."""
    assert not is_plain(other)
    assert head().body(other) is None


def test_a_head_that_is_too_long_is_left_alone() -> None:
    length = PLAIN.index(b"hello")
    assert is_plain(PLAIN, length)
    assert not is_plain(PLAIN, length - 1)


@pytest.mark.parametrize("body", [b"hello", b"", b"hello, world", b"\r\n\r\n" * 100])
def test_a_head_is_the_same_whatever_its_length(body: bytes) -> None:
    octets = PLAIN.replace(b": 5", b": %d" % len(body)).replace(b"hello", body)
    assert head().body(octets) == body


@pytest.mark.parametrize(
    "other",
    [
        PLAIN.replace(b"/desk/a", b"/desk/b"),
        PLAIN.replace(b"Host: x", b"Host: y"),
        PLAIN.replace(b"Host: x\r\n", b""),
        PLAIN.replace(b"A: b", b"A: c"),
        PLAIN.replace(b"A: b", b"A: b\r\nC: d"),
        PLAIN.replace(b": 5", b": 5\r\nC: d"),
        PLAIN.replace(b": 5", b": 6"),
        PLAIN.replace(b": 5", b": 05"),
        PLAIN.replace(b": 5", b": +5"),
        PLAIN.replace(b": 5", b": -5"),
        PLAIN.replace(b": 5", b": 5 "),
        PLAIN.replace(b": 5", b":  5"),
        PLAIN.replace(b": 5", b": "),
        PLAIN.replace(b": 5", b": 5\n"),
        PLAIN[:40],
        PLAIN[: PLAIN.index(b"5")],
    ],
)
def test_another_head_is_not_taken_for_it(other: bytes) -> None:
    """Octet by octet: who is let in by a head is let in by no other."""
    assert head().body(other) is None


def test_of_a_repeated_field_the_first_is_asked_for() -> None:
    """However it is looked up, and its length is that of the body that came."""
    head = read_head(b"POST / HTTP/1.1\r\nX: a\r\nX: b\r\nContent-Length: 5\r\n\r\nhello", 1000)
    assert head is not None
    request = head.request(b"hello", "192.0.2.1", secure=False)
    for each in (request, evolve(request, fields=None)):
        assert [each.header(name) for name in ("x", "y", "content-length")] == ["a", None, "5"]

"""Requests that come whole are read as twisted.web would have read them, and sooner."""

import re
import time
from email.utils import parsedate_to_datetime

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.error import ConnectionDone
from twisted.python.failure import Failure

from procall_mobility.protocols.ucclient.http_answer import HttpAnswer
from procall_mobility.protocols.ucclient.intentions import HttpRequest
from procall_mobility.transports.express import LONGEST_REMEMBERED, Dates, octets_of
from tests.transports.desks import OK, PLAIN, Desk
from tests.transports.sites import Site, parsed

FIELDS = [
    b"Content-Length: 5", b"content-length:  5", b"Content-Length: 05", b"Content-Length: 6",
    b"Content-Length: +5", b"Content-Length: " + b"9" * 50, b"Transfer-Encoding: chunked",
    b"Transfer-Encoding: identity", b"Expect: 100-continue", b"Connection: close",
    b"Connection: keep-alive", b"Connection: Keep-Alive, close", b"Host: x", b"X: a", b"X:b\t",
    b" folded", b"X : y", b"X\x00: y", b"X: \x80", b": y", b"X", b"X: a: b", b"Upgrade: websocket",
    b"Authorization: Basic YTpi",
]  # fmt: skip


def heard(desk: Desk, *pieces: bytes) -> bytes:
    """What a client is told that sends these; of when it is, only the day."""
    channel, wire = Site(desks=(desk,)).connects()
    for piece in pieces:
        if not wire.disconnecting:
            channel.dataReceived(piece)
    return re.sub(rb"(Date: [^:]*)[^\r]*", rb"\1", wire.said())


def bare(request: HttpRequest) -> HttpRequest:
    """A request without the order of its fields, which means nothing."""
    return evolve(request, headers=tuple(sorted(request.headers)))


def test_nothing_of_a_request_is_in_what_we_show_of_it() -> None:
    """A capability's URL is a secret, as credentials and contents are."""
    desk = Desk()
    secret = PLAIN.replace(b"Host: x", b"Host: x\r\nAuthorization: Basic YTpi")
    heard(desk, secret)
    shown = repr(desk.asked[0])
    assert not any(word in shown for word in ("/desk/a", "YTpi", "hello"))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(FIELDS), max_size=5), st.sampled_from([b"hello", b"", b"hello" * 2])
)
def test_it_makes_no_difference_whether_a_request_comes_whole(
    fields: list[bytes], body: bytes
) -> None:
    """What is read here is what twisted.web reads of the same octets, one by one."""
    octets = b"\r\n".join([b"POST /desk/a HTTP/1.1", *fields, b"", body])
    whole, piecemeal = Desk(), Desk()
    said = heard(whole, octets)
    assert said == heard(piecemeal, *(octets[at : at + 1] for at in range(len(octets))))
    assert [*map(bare, whole.asked)] == [*map(bare, piecemeal.asked)]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(FIELDS), max_size=3),
    st.lists(st.sampled_from(FIELDS), max_size=3),
    st.sampled_from([b"hello", b"", b"hello" * 2]),
)
def test_it_makes_no_difference_what_was_asked_before(
    first: list[bytes], second: list[bytes], body: bytes
) -> None:
    """A head that is remembered is taken for no other, nor for one of another length."""
    before, octets = (
        b"\r\n".join([b"POST /desk/a HTTP/1.1", b"Host: x", b"Content-Length: 5", *fields, b""])
        + b"\r\n"
        for fields in (first, second)
    )
    after, alone = Desk(), Desk()
    channel, wire = Site(desks=(after,)).connects()
    channel.dataReceived(before + b"hello")
    if wire.disconnecting or len(after.asked) != 1 or channel._buffer or not channel.line_mode:
        return  # There is no second request after that one.
    wire.said(), after.asked.clear()
    channel.dataReceived(octets + body)
    assert re.sub(rb"(Date: [^:]*)[^\r]*", rb"\1", wire.said()) == heard(alone, octets + body)
    assert [*map(bare, after.asked)] == [*map(bare, alone.asked)]


def test_a_request_with_the_head_of_the_one_before_is_as_new() -> None:
    desk = Desk()
    channel, _ = Site(desks=(desk,)).connects()
    longer = PLAIN.replace(b": 5", b": 12").replace(b"hello", b"hello, world")
    for octets in (PLAIN, longer, PLAIN):
        channel.dataReceived(octets)
    assert [each.body for each in desk.asked] == [b"hello", b"hello, world", b"hello"]
    assert [each.header("content-length") for each in desk.asked] == ["5", "12", "5"]


def test_who_asks_is_read_anew_where_it_is_somebody_else() -> None:
    """A proxy may have many customers' requests on one connection."""
    desk = Desk()
    channel, _ = Site(desks=(desk,)).connects()
    for name in (b"YTpi", b"YTpj", b"YTpi", b"YTpiYw=="):
        channel.dataReceived(PLAIN.replace(b"Host: x", b"Host: x\r\nAuthorization: Basic " + name))
    shown = [each.header("authorization") for each in desk.asked]
    assert shown == ["Basic YTpi", "Basic YTpj", "Basic YTpi", "Basic YTpiYw=="]


def test_no_long_head_is_kept() -> None:
    """Anybody may have a connection; what is kept for one is little."""
    desk = Desk()
    channel, _ = Site(desks=(desk,)).connects()
    long = PLAIN.replace(b"Host: x", b"Host: x\r\nX: " + b"a" * LONGEST_REMEMBERED)
    channel.dataReceived(long)
    assert channel._head is None
    channel.dataReceived(PLAIN)
    assert channel._head is not None
    assert len(desk.asked) == 2


def test_other_paths_are_not_for_desks() -> None:
    desk = Desk()
    assert parsed(heard(desk, PLAIN.replace(b"/desk/a", b"/other")))[0] == 404
    assert desk.asked == []


def test_a_body_that_is_too_large_is_refused() -> None:
    desk = Desk()
    large = PLAIN.replace(b": 5", b": 1001").replace(b"hello", b"x" * 1001)
    assert parsed(heard(desk, large))[0] == 413
    assert desk.asked == []


def test_requests_follow_one_another_on_a_connection() -> None:
    """One at a time, in order, however they come and whoever reads them."""
    desk = Desk(answers=False)
    channel, wire = Site(desks=(desk,)).connects()
    for octets in (
        PLAIN,
        PLAIN.replace(b"desk/a", b"desk/b"),
        PLAIN.replace(b"desk/a", b"desk/c"),
    ):
        channel.dataReceived(octets)
    for path in ("/desk/a", "/desk/b", "/desk/c"):
        assert [each.path for each in desk.asked][-1] == path
        assert wire.said() == b""
        desk.replies.pop()(OK)
        assert wire.said().endswith(b"\r\n\r\nok")
    channel.dataReceived(PLAIN)
    assert len(desk.asked) == 4


@pytest.mark.parametrize(
    "begun",
    [
        b"POST /desk/a HTTP/1.1\r\nHost: x\r\n",
        b"POST /desk/a HTTP/1.1\r\nHost",
        b"POST /desk/a HTTP/1.1\r\nContent-Length: 999\r\n\r\n",
        b"POST /desk/a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n",
    ],
)
def test_what_looks_like_a_request_within_another_one_is_none(begun: bytes) -> None:
    """Nobody gets a request in by what somebody else lets through as a part of one."""
    desk = Desk()
    heard(desk, begun, PLAIN)
    assert desk.asked == []


def test_an_answer_is_given_once() -> None:
    desk = Desk(answers=False)
    channel, wire = Site(desks=(desk,)).connects()
    channel.dataReceived(PLAIN)
    desk.replies[0](OK)
    desk.replies[0](OK)
    assert wire.said().count(b"HTTP/1.1 202 Accepted\r\n") == 1


def test_a_client_that_left_gets_no_answer() -> None:
    desk = Desk(answers=False)
    channel, wire = Site(desks=(desk,)).connects()
    channel.dataReceived(PLAIN)
    channel.connectionLost(Failure(ConnectionDone()))
    desk.replies[0](OK)
    assert wire.said() == b""


def test_a_bug_costs_the_request_and_nothing_else() -> None:
    desk = Desk(fails=True)
    channel, wire = Site(desks=(desk,)).connects()
    channel.dataReceived(PLAIN)
    assert parsed(wire.said())[0] == 500
    desk.fails = False
    channel.dataReceived(PLAIN)
    assert parsed(wire.said())[0] == 202


def test_no_value_begins_another_line() -> None:
    answer = HttpAnswer(200, (("X", "a\r\nSet-Cookie: b"), ("Content-Length", "0")), b"")
    assert octets_of(answer, "now").split(b"\r\n") == [
        b"HTTP/1.1 200 OK", b"Date: now", b"X: a Set-Cookie: b", b"Content-Length: 0", b"", b"",
    ]  # fmt: skip


def test_the_date_is_that_of_the_second() -> None:
    """RFC 9110 section 5.6.7."""
    dates = Dates()
    said = dates.now()
    assert re.fullmatch(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT", said)
    read = parsedate_to_datetime(said).timestamp()
    assert read <= time.time() < read + 5

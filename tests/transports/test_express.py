"""Requests that come whole are read as twisted.web would have read them, and sooner."""

import re

import pytest
from attrs import define, evolve, field
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.error import ConnectionDone
from twisted.python.failure import Failure

from procall_mobility.gateway.customer_door import Reply
from procall_mobility.protocols.ucclient.http_answer import HttpAnswer
from procall_mobility.protocols.ucclient.intentions import HttpRequest
from procall_mobility.transports.express import octets_of, read_plain
from tests.transports.sites import Site, parsed

OK = HttpAnswer(202, (("Content-Type", "text/plain"), ("Content-Length", "2")), b"ok")
PLAIN = b"POST /desk/a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
FIELDS = [
    b"Content-Length: 5", b"content-length:  5", b"Content-Length: 05", b"Content-Length: 6",
    b"Content-Length: +5", b"Content-Length: " + b"9" * 50, b"Transfer-Encoding: chunked",
    b"Transfer-Encoding: identity", b"Expect: 100-continue", b"Connection: close",
    b"Connection: keep-alive", b"Connection: Keep-Alive, close", b"Host: x", b"X: a", b"X:b\t",
    b" folded", b"X : y", b"X\x00: y", b"X: \x80", b": y", b"X", b"X: a: b", b"Upgrade: websocket",
    b"Authorization: Basic YTpi",
]  # fmt: skip


@define
class Desk:
    """A desk that answers at once, later, or fails."""

    answers: bool = True
    fails: bool = False
    asked: list[HttpRequest] = field(factory=list)
    replies: list[Reply] = field(factory=list)

    def wants(self, path: str) -> bool:
        return path.startswith("/desk/")

    def serve(self, request: HttpRequest, reply: Reply) -> None:
        self.asked.append(request)
        if self.fails:
            raise RuntimeError("a bug")
        if self.answers:
            reply(OK)
        else:
            self.replies.append(reply)


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


def test_a_plain_request_is_read_at_once() -> None:
    plain = read_plain(PLAIN, 1000)
    assert plain is not None
    assert (plain.path, plain.body) == ("/desk/a", b"hello")
    assert plain.headers == (("host", "x"), ("content-length", "5"))


def test_nothing_of_a_request_is_in_what_we_show_of_it() -> None:
    """A capability's URL is a secret, as credentials and contents are."""
    desk = Desk()
    secret = PLAIN.replace(b"Host: x", b"Host: x\r\nAuthorization: Basic YTpi")
    heard(desk, secret)
    for shown in (repr(read_plain(secret, 1000)), repr(desk.asked[0])):
        assert not any(word in shown for word in ("/desk/a", "YTpi", "hello"))


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
    assert read_plain(other, 1000) is None


def test_a_head_that_is_too_long_is_left_alone() -> None:
    assert read_plain(PLAIN, PLAIN.index(b"hello") - 1) is None


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


def test_a_request_under_way_is_not_cut_off_and_an_idle_connection_is() -> None:
    desk = Desk(answers=False)
    site = Site(desks=(desk,))
    channel, wire = site.connects()
    channel.dataReceived(PLAIN)
    site.clock.advance(600)
    assert not wire.disconnecting
    desk.replies[0](OK)
    site.clock.advance(59)
    assert not wire.disconnecting
    site.clock.advance(2)
    assert wire.disconnecting


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
    assert octets_of(answer, b"now").split(b"\r\n") == [
        b"HTTP/1.1 200 OK", b"Date: now", b"X: a Set-Cookie: b", b"Content-Length: 0", b"", b"",
    ]  # fmt: skip

"""Answers out of octets (RFC 9112 sections 4 to 7)."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols.http1.answers import LONGEST_HEAD, AnswerReader
from procall_mobility.protocols.http1.bodies import LONGEST_LINE, MOST_LINES, Malformed
from procall_mobility.protocols.push.exchange import LONGEST_ANSWER, Answer

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


def read(*pieces: bytes) -> tuple[AnswerReader, Answer | None]:
    reader, answer = AnswerReader(), None
    for piece in pieces:
        assert answer is None, "it was whole before"
        answer = reader.hears(piece)
    return reader, answer


def octet_by_octet(octets: bytes) -> list[bytes]:
    return [bytes([each]) for each in octets]


WHOLE = [
    (OK + b"Content-Length: 2\r\nMS-CV: a.0\r\n\r\n{}", {"content-length": "2", "ms-cv": "a.0"},
     b"{}"),
    (OK + b"content-length:0\r\n\r\n", {"content-length": "0"}, b""),
    (CHUNKED + b"3;x=y\r\n{ab\r\nA\r\n0123456789\r\n0\r\nx: y\r\n\r\n",
     {"transfer-encoding": "chunked"}, b"{ab0123456789"),
    (b"HTTP/1.1 100 \r\nx: 1\r\n\r\n" + OK + b"Content-Length: 1\r\n\r\n!",
     {"content-length": "1"}, b"!"),
]  # fmt: skip


@pytest.mark.parametrize(("octets", "headers", "body"), WHOLE)
def test_a_whole_answer_is_read_and_the_connection_goes_on(
    octets: bytes, headers: dict[str, str], body: bytes
) -> None:
    wanted = Answer(status=200, headers=headers, body=body)
    for pieces in ([octets], octet_by_octet(octets)):
        reader, answer = read(*pieces)
        assert answer == wanted
        assert reader.may_go_on


@pytest.mark.parametrize("status", [204, 304])
def test_some_answers_have_no_body(status: int) -> None:
    reader, answer = read(b"HTTP/1.1 %d\r\nx: 1\r\n\r\n".replace(b"%d\r", b"%d \r") % status)
    assert answer == Answer(status=status, headers={"x": "1"}, body=b"")
    assert reader.may_go_on


@pytest.mark.parametrize(
    "octets",
    [
        OK + b"Content-Length: 0\r\nConnection: Close\r\n\r\n",
        OK + b"Content-Length: 0\r\nConnection: x\r\nConnection: close\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
        OK + b"Content-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n",
    ],
)
def test_some_answers_are_the_last_of_their_connection(octets: bytes) -> None:
    """RFC 9112 sections 9.3 and 9.6; what comes unasked is nobody's answer."""
    reader, answer = read(octets)
    assert answer is not None
    assert not reader.may_go_on


def test_a_body_without_length_ends_with_its_connection() -> None:
    reader, answer = read(OK + b"\r\n", b"later")
    assert answer is None
    assert reader.ended() == Answer(status=200, headers={}, body=b"later")
    assert not reader.may_go_on


@pytest.mark.parametrize("octets", [b"", OK, OK + b"Content-Length: 9\r\n\r\n{}", CHUNKED])
def test_what_is_cut_off_is_no_answer(octets: bytes) -> None:
    reader, answer = read(octets)
    assert answer is None
    assert reader.ended() is None
    assert reader.has_begun is bool(octets)


@pytest.mark.parametrize(
    "octets",
    [
        b"SSH-2.0\r\n",
        b"HTTP/2.0 200 OK\r\n",
        b"HTTP/1.1 99 OK\r\n",
        b"HTTP/1.1 101 Switching\r\n",
        OK + b"no colon\r\n",
        OK + b" x: folded\r\n",
        OK + b"x : y\r\n",
        OK + b"x: y\x00\r\n",
        OK + b"x: y\n",
        OK + b"content-length: 1\r\ncontent-length: 2\r\n",
        OK + b"content-length: -1\r\n\r\n",
        OK + b"content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n",
        OK + b"transfer-encoding: gzip, chunked\r\n\r\n",
        OK + b"x: " + b"y" * LONGEST_HEAD,
        OK + (b"x: " + b"y" * 1000 + b"\r\n") * 17,
        CHUNKED + b"x\r\n",
        CHUNKED + b"1\r\nab\r\n",
        CHUNKED + b"1;" + b"x" * LONGEST_LINE,
        CHUNKED + b"0\r\n" + b"x: y\r\n" * (MOST_LINES + 1),
    ],
)
def test_what_is_no_http_is_told(octets: bytes) -> None:
    for pieces in ([octets], octet_by_octet(octets)):
        with pytest.raises(Malformed) as caught:
            read(*pieces)
        assert caught.value.reason == "malformed"


def test_no_line_takes_long_however_its_spaces_lie() -> None:
    """Anybody can be a push service; one that sends spaces must not stop all others.

    A thousand took two seconds, and the time grew with the third power of their number.
    """
    begun = time.process_time()
    with pytest.raises(Malformed):
        read(OK + b"x:" + b" " * 1000 + b"\x00\r\n")
    assert time.process_time() - begun < 1.0


def test_space_around_a_value_is_no_part_of_it() -> None:
    """RFC 9112 section 5.1."""
    _, answer = read(OK + b"Content-Length:0\r\nx: \t a \t b\t \r\ny:\r\n\r\n")
    assert answer is not None
    assert answer.headers == {"content-length": "0", "x": "a \t b", "y": ""}


@pytest.mark.parametrize(
    "head", [OK + b"\r\n", OK + b"content-length: 99999999\r\n\r\n", CHUNKED + b"fffffff\r\n"]
)
def test_nobody_waits_for_the_end_of_a_long_body(head: bytes) -> None:
    reader, answer = read(head + b"x" * (LONGEST_ANSWER + 5))
    assert answer is not None
    assert answer.body == b"x" * LONGEST_ANSWER
    assert not reader.may_go_on


@given(st.lists(st.one_of(
    st.binary(max_size=40),
    st.sampled_from([OK, b"\r\n", b"content-length: 3\r\n", b"transfer-encoding: chunked\r\n",
                     b"3\r\nabc\r\n", b"0\r\n", b"abc", b"connection: close\r\n"]),
), max_size=30))  # fmt: skip
def test_whatever_comes_is_an_answer_or_malformed(pieces: list[bytes]) -> None:
    reader = AnswerReader()
    try:
        for piece in pieces:
            if reader.hears(piece) is not None:
                break
        else:
            reader.ended()
    except Malformed:
        pass


@given(st.binary(min_size=1, max_size=200), st.lists(st.integers(1, 50), max_size=8))
def test_any_body_survives_any_chunks_and_pieces(body: bytes, sizes: list[int]) -> None:
    said, left = CHUNKED, body
    for size in [*sizes, len(body)]:
        part, left = left[:size], left[size:]
        if part:
            said += b"%x\r\n%b\r\n" % (len(part), part)
    _, answer = read(*octet_by_octet(said + b"0\r\n\r\n"))
    assert answer is not None
    assert answer.body == body

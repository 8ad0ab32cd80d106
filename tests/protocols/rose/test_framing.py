"""Wire 4.7: messages on a raw stream."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.rose.form import Form
from procall_mobility.protocols.rose.framing import Deframer, frame

JSON = b'{"invoke":{"invokeID":1,"x":"a\\"}b{"}}'
STREAMS = {
    Form.JSON_HEADER: (frame(JSON, Form.JSON_HEADER), JSON),
    Form.JSON_BARE: (JSON, JSON),
    Form.BER: (bytes.fromhex("a10902010102020 44f3000".replace(" ", "")),) * 2,
}
LONG_BER = bytes.fromhex("a1820104") + b"\x04\x82\x01\x00" + b"x" * 256


@pytest.mark.parametrize("form", Form)
def test_messages_come_out_whole_however_they_arrive(form: Form) -> None:
    """C7: also in 1-byte pieces."""
    stream, payload = STREAMS[form]
    whole = Deframer(1000)
    assert whole.feed(stream * 3) == [payload] * 3
    assert whole.form is form
    pieces = Deframer(1000)
    out = [p for i in range(len(stream) * 3) for p in pieces.feed((stream * 3)[i : i + 1])]
    assert out == [payload] * 3
    assert pieces.pending() == b""


def test_the_header_has_seven_digits_of_the_payloads_length() -> None:
    """The example of Wire 4.7."""
    assert frame(b"x" * 91, Form.JSON_HEADER)[:8] == b"J0000091"
    assert frame(b"{}", Form.JSON_BARE) == b"{}"


def test_more_than_seven_digits_can_say_is_not_framed() -> None:
    with pytest.raises(ValueError, match="9,999,999"):
        frame(b"x" * 10_000_000, Form.JSON_HEADER)


@pytest.mark.parametrize("digits", ["2", "02", "000000002"])
def test_one_to_nine_digits_are_understood(digits: str) -> None:
    assert Deframer(10).feed(b"J" + digits.encode() + b"{}") == [b"{}"]


def test_newlines_between_json_messages_are_skipped() -> None:
    """Wire 4.3: the C++ runtime ends each message with one."""
    assert Deframer(10).feed(b"{}\n[]\r\n {} ") == [b"{}", b"[]", b"{}"]
    assert Deframer(10).feed(b"J2{}\nJ2[]") == [b"{}", b"[]"]


def test_a_ber_length_may_take_several_octets() -> None:
    deframer = Deframer(1000)
    for index in range(len(LONG_BER) - 1):
        assert deframer.feed(LONG_BER[index : index + 1]) == []
    assert deframer.feed(LONG_BER[-1:]) == [LONG_BER]


BROKEN = {
    "an unknown first octet": b"GET / HTTP/1.1",
    "a header without digits": b"J{}",
    "a second header that is none": b"J2{}x",
    "a header beyond the limit": b"J0000101",
    "bare JSON beyond the limit": b'{"a":"' + b"x" * 200,
    "bare JSON that ends beyond the limit": b'{"a":"' + b"x" * 200 + b'"}',
    "bare JSON nested too deeply": b"[" * 101,
    "bare JSON followed by something else": b"{}x",
    "BER beyond the limit": bytes.fromhex("a18200c8"),
    "BER with a length of five octets": bytes.fromhex("a1850000000001"),
    "BER of indefinite length": bytes.fromhex("a180"),
    "BER followed by another tag": bytes.fromhex("a1003000"),
}


@pytest.mark.parametrize("stream", BROKEN.values(), ids=BROKEN)
def test_a_broken_stream_is_the_peers_error(stream: bytes) -> None:
    with pytest.raises(PeerError):
        Deframer(100).feed(stream)


def test_backslashes_at_the_edge_of_a_piece_escape_what_follows() -> None:
    """A piece that ends in an escape must not end the string with the quote after it."""
    deframer = Deframer(100)
    assert deframer.feed(b'{"a":"x\\') == []
    assert deframer.feed(b'"y"') == []
    assert deframer.feed(b"}") == [b'{"a":"x\\"y"}']


def test_nesting_is_bounded_before_size_is() -> None:
    with pytest.raises(PeerError, match="nested"):
        Deframer(1000).feed(b"[" * 101)


@given(st.lists(st.binary(max_size=40), max_size=6), st.sampled_from([b"", b"J", b"{", b"\xa1"]))
def test_any_octets_give_payloads_or_a_peer_error(pieces: list[bytes], start: bytes) -> None:
    """Never another exception, and never more held than one message."""
    deframer = Deframer(64)
    try:
        for piece in [start, *pieces]:
            for payload in deframer.feed(piece):
                assert len(payload) <= 64 + 6
            assert len(deframer.pending()) <= 64 + 40 + 10
    except PeerError:
        pass


@given(st.binary(max_size=60), st.sampled_from(list(Form)))
def test_pieces_and_the_whole_agree(junk: bytes, form: Form) -> None:
    """How a stream is cut does not change what it says."""

    def run(pieces: list[bytes]) -> list[bytes] | str:
        deframer = Deframer(50)
        out: list[bytes] = []
        try:
            for piece in pieces:
                out += deframer.feed(piece)
        except PeerError as error:
            return [*out, error.reason.encode()]
        return out

    stream = STREAMS[form][0] + junk
    whole = run([stream])
    pieces = run([stream[i : i + 1] for i in range(len(stream))])
    # A broken stream may tell sooner in one way than in the other, never something else.
    assert whole == pieces or {whole[-1], pieces[-1]} & {b"framing", b"message-too-big"}

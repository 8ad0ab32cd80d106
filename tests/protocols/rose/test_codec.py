"""Messages of every form from octets on a stream to values and back (Wire 4.7, C7)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.rose import codec
from procall_mobility.protocols.rose.ber_form import TagVariant
from procall_mobility.protocols.rose.form import Form
from procall_mobility.protocols.rose.framing import Deframer, frame
from procall_mobility.protocols.rose.messages import (
    AuthenticationItem,
    AuthenticationRequest,
    BerValue,
    Error,
    Invoke,
    JsonValue,
    Message,
    Payload,
    Problem,
    ProblemKind,
    Reject,
    Result,
)
from procall_mobility.protocols.rose.undecodable import Undecodable

LIMIT = 4000
JSON_FORMS = [Form.JSON_HEADER, Form.JSON_BARE]
numbers = st.integers(-(2**63), 2**63 - 1)
texts = st.text(st.characters(codec="utf-8"), max_size=8)
sessions = st.none() | texts
items = st.builds(AuthenticationItem, texts, st.binary(max_size=5))


def messages(payloads: st.SearchStrategy[Payload]) -> st.SearchStrategy[Message]:
    requests = st.builds(AuthenticationRequest, items, st.none() | texts)
    problems = st.builds(Problem, st.sampled_from(ProblemKind), numbers)
    given_ = st.none() | payloads
    names = st.none() | texts.filter(bool)
    return (
        st.builds(Invoke, numbers, numbers, names, given_, sessions, numbers, st.none() | requests)
        | st.builds(Result, numbers, given_, numbers, sessions)
        | st.builds(Error, numbers, given_, numbers, sessions)
        | st.builds(Reject, st.none() | numbers, st.none() | problems, st.none() | texts, sessions)
    )


json_payloads = st.dictionaries(texts, numbers | texts, max_size=3).map(JsonValue.of)
ber_payloads = st.just(BerValue(bytes.fromhex("3003020105")))


def in_pieces(stream: bytes) -> list[bytes]:
    """Feed one octet at a time, and look at what is held."""
    deframer = Deframer(LIMIT)
    out: list[bytes] = []
    for index in range(len(stream)):
        out += deframer.feed(stream[index : index + 1])
        assert len(deframer.pending()) <= LIMIT + len("J0000000") + 1
    return out


@given(st.lists(messages(json_payloads), max_size=3), st.sampled_from(JSON_FORMS))
def test_json_messages_come_back_in_one_octet_pieces(sent: list[Message], form: Form) -> None:
    stream = b"\n".join(frame(codec.encode(message, form), form) for message in sent)
    # A payload with a header ends with its last octet; bare ones end with their bracket.
    assert [codec.decode(payload, form) for payload in in_pieces(stream)] == [(m,) for m in sent]


@given(st.lists(messages(ber_payloads), max_size=3), st.sampled_from(TagVariant))
def test_ber_messages_come_back_in_one_octet_pieces(sent: list[Message], tags: TagVariant) -> None:
    stream = b"".join(codec.encode(message, Form.BER, tags) for message in sent)
    got = [codec.decode(payload, Form.BER) for payload in in_pieces(stream)]
    assert got == [(message,) for message in sent]


@given(messages(ber_payloads), st.data())
def test_damaged_ber_gives_a_message_or_an_undecodable(sent: Message, data: st.DataObject) -> None:
    wire = bytearray(codec.encode(sent, Form.BER))
    wire[data.draw(st.integers(0, len(wire) - 1))] = data.draw(st.integers(0, 255))
    try:
        (got,) = codec.decode(bytes(wire), Form.BER)
    except Undecodable:
        return
    codec.encode(got, Form.BER)


@given(messages(json_payloads), st.data())
def test_damaged_json_gives_a_message_or_an_undecodable(
    sent: Message, data: st.DataObject
) -> None:
    wire = bytearray(codec.encode(sent, Form.JSON_BARE))
    wire[data.draw(st.integers(0, len(wire) - 1))] = data.draw(st.integers(0, 255))
    try:
        got = codec.decode(bytes(wire), Form.JSON_BARE)
    except Undecodable:
        return
    for message in got:
        codec.encode(message, Form.JSON_BARE)


@given(st.binary(max_size=100), st.sampled_from([b"J", b"{", b"[", b"\xa1", b"\xa4"]))
def test_junk_on_a_stream_gives_messages_or_a_peer_error(junk: bytes, first: bytes) -> None:
    try:
        deframer = Deframer(LIMIT)
        for payload in deframer.feed(first + junk):
            assert deframer.form is not None
            codec.decode(payload, deframer.form)
    except PeerError:
        pass


@pytest.mark.parametrize("form", Form)
def test_a_stream_is_cut_in_linear_time(form: Form) -> None:
    """A message of 300 KB in pieces of 10 octets; rescanned each time it would take minutes."""
    if form is Form.BER:
        payload = codec.encode(Result(1, BerValue(b"\x04\x83\x04\x93\xe0" + b"x" * 300_000)), form)
    else:
        payload = codec.encode(Result(1, JsonValue('"' + 'x\\"{' * 75_000 + '"')), form)
    stream = frame(payload, form)
    deframer = Deframer(len(payload))
    out: list[bytes] = []
    for index in range(0, len(stream), 10):
        out += deframer.feed(stream[index : index + 10])
    assert out == [payload]

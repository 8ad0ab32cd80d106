"""A-41: operations of our own, and their documents in both forms."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols import transcoding
from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.rose import ber
from procall_mobility.protocols.rose.form import Form
from procall_mobility.protocols.rose.messages import BerValue, Invoke, JsonValue, Result
from procall_mobility.protocols.rose.operations import OPERATIONS
from procall_mobility.protocols.rose.own_operations import PREFIX, document, is_ours
from procall_mobility.protocols.rose.schema import SCHEMA

OURS = PREFIX + "PushMessages"


def test_no_published_operation_is_ever_taken_for_ours() -> None:
    """A-41: nor one that only the documentation shows."""
    assert [name for _, name, *_ in SCHEMA.operations if is_ours(name)] == []
    assert not is_ours(None)
    assert is_ours(OURS)


def test_ours_have_no_id_so_that_they_are_dispatched_by_name() -> None:
    assert OPERATIONS.id_of(OURS) is None
    assert OPERATIONS.resolve(Invoke(3, 0, OURS)) == Invoke(3, 0, OURS)


def test_where_json_is_spoken_a_document_is_itself() -> None:
    invoke = Invoke(3, 0, OURS, JsonValue('{"messages":[]}'))
    assert transcoding.argument_to_json(invoke) == invoke
    assert transcoding.argument_to_wire(invoke, Form.JSON_HEADER) == invoke


def test_in_ber_a_document_is_a_sequence_of_one_text() -> None:
    said = Result(3, JsonValue('{"n":"é"}'))
    written = transcoding.answer_to_wire(said, OURS, Form.BER)
    assert written == Result(3, BerValue(bytes.fromhex("300c0c0a") + b'{"n":"\xc3\xa9"}'))
    assert transcoding.answer_to_json(written, OURS) == said


def test_what_a_later_interface_adds_behind_the_text_is_left_alone() -> None:
    """Wire 4.4: the C++ compiler's extension marker is among that."""
    octets = ber.element(ber.SEQUENCE, ber.text("{}") + ber.EXTENSION_MARKER)
    assert document(BerValue(octets)) == JsonValue("{}")


@pytest.mark.parametrize(
    "octets",
    [
        ber.text("{}"),
        ber.element(ber.SEQUENCE, b""),
        ber.element(ber.SEQUENCE, ber.integer(7)),
        ber.element(ber.SEQUENCE, ber.element(ber.UTF8, b"\xff")),
        ber.element(ber.SEQUENCE, ber.text("{")),
        ber.element(ber.SEQUENCE, ber.text("[" * 100_000)),
    ],
)
def test_what_is_no_document_is_the_peers_mistake(octets: bytes) -> None:
    with pytest.raises(PeerError):
        document(BerValue(octets))


def test_half_a_character_cannot_be_said_in_ber() -> None:
    with pytest.raises(PeerError):
        transcoding.to_wire(JsonValue('"\ud800"'), "MobilityDocument", Form.BER)


@given(st.binary(max_size=64))
def test_any_octets_are_a_document_or_a_mistake(octets: bytes) -> None:
    with contextlib.suppress(PeerError):
        document(BerValue(octets)).value()

"""Wire 4.4: ROSE as BER."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.rose import ber, ber_form
from procall_mobility.protocols.rose.ber_form import TagVariant
from procall_mobility.protocols.rose.messages import (
    AuthenticationItem,
    AuthenticationRequest,
    AuthenticationResult,
    BerValue,
    Error,
    Invoke,
    JsonValue,
    Message,
    Problem,
    ProblemKind,
    Reject,
    Result,
)
from procall_mobility.protocols.rose.undecodable import Undecodable

NULL = BerValue(b"\x05\0")
CHOICE = BerValue(bytes.fromhex("a1020500"))
"""An alternative that looks like an explicit sessionID."""
ITEM = AuthenticationItem("m", b"x")
FULL: list[Message] = [
    Invoke(1, 2, "asnX", NULL, "s", 3, AuthenticationRequest(ITEM, "c")),
    Invoke(-129, 0),
    Result(1, NULL, 5, "s"),
    Result(128),
    Error(1, NULL, 2, "s"),
    Error(1),
    Reject(1, Problem(ProblemKind.RETURN_ERROR, 4), "d", "s", AuthenticationResult((ITEM,), "c")),
    Reject(None, Problem(ProblemKind.GENERAL, 0)),
    Reject(2, authentication=AuthenticationResult(())),
]


@pytest.mark.parametrize("message", FULL, ids=str)
@pytest.mark.parametrize("tags", TagVariant)
def test_every_member_survives_both_tag_variants(message: Message, tags: TagVariant) -> None:
    wire = ber_form.encode(message, tags=tags)
    assert ber_form.decode(wire) == message


@pytest.mark.parametrize(
    ("message", "tags", "seen"),
    [
        (Invoke(1, session_id="s"), TagVariant.EXPLICIT, TagVariant.EXPLICIT),
        (Invoke(1, session_id="s"), TagVariant.IMPLICIT, TagVariant.IMPLICIT),
        (Invoke(1, operation_name="n"), TagVariant.IMPLICIT, TagVariant.IMPLICIT),
        (Invoke(1), TagVariant.EXPLICIT, None),
        (Reject(1, Problem(ProblemKind.INVOKE, 1)), TagVariant.EXPLICIT, None),
        (Reject(1, session_id="s"), TagVariant.IMPLICIT, TagVariant.IMPLICIT),
        (Invoke(1, 2, "n", linked_id=3), TagVariant.IMPLICIT, TagVariant.IMPLICIT),
        (Invoke(1, argument=CHOICE), TagVariant.IMPLICIT, None),
        (Error(1, CHOICE), TagVariant.IMPLICIT, None),
    ],
)
def test_the_variant_of_a_peer_can_be_told(
    message: Message, tags: TagVariant, seen: TagVariant | None
) -> None:
    """Wire 4.4, first incompatibility: answer in the form the peer used."""
    assert ber_form.variant_of(ber_form.encode(message, tags=tags)) is seen


def test_the_variant_of_an_empty_message_is_not_known() -> None:
    assert ber_form.variant_of(bytes.fromhex("a100")) is None


@pytest.mark.parametrize(
    ("octets", "message"),
    [
        (
            "a111 020101 a308 3006 0c016d 040178 020102",
            Invoke(1, 2, authentication=AuthenticationRequest(ITEM)),
        ),
        (
            "a412 020101 a40d 3008 3006 0c016d 040178 0c0163",
            Reject(1, authentication=AuthenticationResult((ITEM,), "c")),
        ),
    ],
)
def test_authentication_may_be_tagged_implicitly(octets: str, message: Message) -> None:
    """Wire 4.4, first incompatibility: the same as for sessionID."""
    wire = bytes.fromhex(octets)
    assert ber_form.decode(bytes((wire[0], len(wire) - 2)) + wire[2:]) == message


def test_integers_have_up_to_64_bits() -> None:
    for value in (-(2**63), 2**64 - 1):
        assert ber_form.decode(ber_form.encode(Result(value))) == Result(value)
    for value in (-(2**63) - 1, 2**64):
        with pytest.raises(Undecodable):
            ber_form.decode(ber_form.encode(Result(value)))


def test_what_nobody_asks_for_is_not_looked_at() -> None:
    """Wire 4.4: unknown trailing elements are skipped, however many a peer has put there."""
    junk = b"\x05\x00" * 1000 + b"\xff"
    wire = ber.element(0xA1, bytes.fromhex("020101020102 0500") + junk)
    assert ber_form.decode(wire) == Invoke(1, 2, argument=NULL)


@pytest.mark.parametrize(
    ("number", "octets"), [(0, "8001ff"), (30, "9e01ff"), (31, "9f1f01ff"), (300, "9f822c01ff")]
)
def test_tag_numbers_above_30_stand_behind_the_identifier(number: int, octets: str) -> None:
    """X.690 section 8.1.2.4; AsnNetDatabaseContact counts up to 57."""
    wire = bytes.fromhex(octets)
    assert ber.element(ber.context(number), b"\xff") == wire
    assert ber.single(wire).tag == ber.context(number)
    assert ber.context(number, constructed=True) == ber.context(number) | ber.CONSTRUCTED


def test_a_small_tag_number_in_the_long_form_is_the_same_tag() -> None:
    assert ber.single(bytes.fromhex("9f05 00")).tag == ber.context(5)
    assert ber.single(ber.EXTENSION_MARKER).tag == 21


def test_a_tag_number_without_end_is_refused() -> None:
    with pytest.raises(PeerError):
        ber.single(b"\x9f" + b"\x81" * 50)


def test_an_element_ends_with_the_one_around_it() -> None:
    """The octets behind an element are there to read, but not its own."""
    with pytest.raises(PeerError):
        ber.element_at(bytes.fromhex("04020500"), 0, 3)


def test_a_result_without_body_is_read() -> None:
    assert ber_form.decode(bytes.fromhex("a203020101")) == Result(1)


BROKEN = {
    "cut off": ("a10502", None),
    "followed by something": ("a1003000", None),
    "of another tag": ("a500", None),
    "an invoke without operation": ("a103020107", 7),
    "an invoke whose name is no UTF-8": ("a10a0201078202ffff020100", 7),
    "an invoke without id": ("a1028000", None),
    "an id of no octets": ("a1020200", None),
    "an indefinite length inside": ("a1023080", None),
    "a length that is cut off": ("a1023082", None),
    "a tag that is cut off": ("a1011f", None),
}


@pytest.mark.parametrize(("octets", "invoke_id"), BROKEN.values(), ids=BROKEN)
def test_a_broken_message_is_answered_with_a_reject(octets: str, invoke_id: int | None) -> None:
    with pytest.raises(Undecodable) as raised:
        ber_form.decode(bytes.fromhex(octets))
    answer = raised.value.answer
    if raised.value.answer is not None:
        assert answer is not None
        assert answer.invoke_id == invoke_id
    else:
        assert invoke_id is None


@pytest.mark.parametrize("octets", ["a203300102", "a300", "a400", "a4020c00"])
def test_broken_answers_are_never_answered(octets: str) -> None:
    with pytest.raises(Undecodable) as raised:
        ber_form.decode(bytes.fromhex(octets))
    assert raised.value.answer is None or raised.value.answer.invoke_id is None


def test_a_json_value_is_never_written_into_ber() -> None:
    with pytest.raises(TypeError):
        ber_form.encode(Invoke(1, argument=JsonValue("{}")))


@given(st.binary(max_size=60) | st.binary(max_size=60).map(lambda b: ber.element(0xA1, b)))
def test_any_octets_give_a_message_or_an_undecodable(junk: bytes) -> None:
    try:
        message = ber_form.decode(junk)
    except Undecodable:
        return
    ber_form.encode(message)


@given(st.integers(-(2**63), 2**63 - 1))
def test_integers_are_minimal_and_come_back(value: int) -> None:
    """Wire 4.5's list, for all values."""
    element = ber.single(ber.integer(value))
    assert ber.read_integer(element.contents) == value
    assert (
        len(element.contents) == 1
        or element.contents[0] not in (0, 0xFF)
        or ((element.contents[0] == 0) == (element.contents[1] >= 0x80))
    )


@pytest.mark.parametrize(
    ("value", "octets"),
    [
        (0, "020100"), (127, "02017f"), (128, "02020080"), (-129, "0202ff7f"),
        (99999, "020301869f"), (2**32, "02050100000000"),
    ],
)  # fmt: skip
def test_the_integers_of_the_wire_page(value: int, octets: str) -> None:
    assert ber.integer(value).hex() == octets


def test_lengths_have_the_shortest_form() -> None:
    assert ber.element(4, b"x" * 127)[:2] == b"\x04\x7f"
    assert ber.element(4, b"x" * 128)[:3] == b"\x04\x81\x80"
    assert ber.element(4, b"x" * 256)[:4] == b"\x04\x82\x01\x00"


def test_a_length_of_more_than_four_octets_is_refused() -> None:
    with pytest.raises(PeerError):
        ber.single(bytes.fromhex("04850000000000"))


def test_texts_that_are_no_unicode_cannot_be_written() -> None:
    with pytest.raises(PeerError):
        ber.text("\ud800")

"""Header fields as libnghttp2 wants them in memory."""

import ctypes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols.push.exchange import ProviderRequest
from procall_mobility.transports.http2.fields import (
    MOST_OCTETS,
    NEVER_INDEXED,
    lay_out,
    names_and_values,
)


class Structure(ctypes.Structure):
    """`nghttp2_nv`, by the platform's own rules of alignment."""

    _fields_ = [
        ("name", ctypes.c_size_t),
        ("value", ctypes.c_size_t),
        ("name_length", ctypes.c_size_t),
        ("value_length", ctypes.c_size_t),
        ("flags", ctypes.c_uint8),
    ]


def read(text: bytes, structures: bytes, address: int) -> list[tuple[bytes, bytes, int]]:
    fields = (Structure * (len(structures) // ctypes.sizeof(Structure))).from_buffer_copy(
        structures
    )
    return [
        (
            text[field.name - address :][: field.name_length],
            text[field.value - address :][: field.value_length],
            field.flags,
        )
        for field in fields
    ]


NAMES = st.text("abcdefghijklmnopqrstuvwxyz-0123456789", min_size=1, max_size=12)
VALUES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=30)


@given(st.lists(st.tuples(NAMES, VALUES), min_size=1, max_size=20), st.integers(0, 2**40))
def test_what_is_laid_out_reads_as_it_was(fields: list[tuple[str, str]], address: int) -> None:
    names, values = zip(*fields, strict=True)
    text, structures = lay_out(names, values, address)
    found = read(text, structures, address)
    assert [(name.decode(), value.decode()) for name, value, _ in found] == fields


def test_what_is_different_in_every_request_stays_out_of_the_table() -> None:
    """RFC 7541 section 6.2.2."""
    names = ("apns-id", "apns-topic", "topic")
    text, structures = lay_out(names, ("1", "2", "3"), 0)
    assert [flags for _, _, flags in read(text, structures, 0)] == [
        NEVER_INDEXED,
        0,
        NEVER_INDEXED,
    ]


def test_pseudo_fields_come_first_and_the_bodys_length_last() -> None:
    """RFC 9113 section 8.3."""
    request = ProviderRequest(path="/x?y", headers=(("ttl", "0"),), body=b"12")
    names, values = names_and_values(request, "https", "push.example")
    assert names == (":method", ":scheme", ":authority", ":path", "ttl", "content-length")
    assert values == ("POST", "https", "push.example", "/x?y", "0", "2")


def test_a_request_of_nothing_but_its_path_has_the_pseudo_fields() -> None:
    request = ProviderRequest(method="GET", path="/", headers=(), body=b"")
    names, values = names_and_values(request, "https", "push.example")
    assert dict(zip(names, values, strict=True))[":method"] == "GET"
    assert len(names) == 4


@pytest.mark.parametrize("value", ["a\r\nb: c", "a\0", "tab\t", "\x7f", "ä", "\ud800"])
def test_a_value_that_could_be_two_fields_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match=r"printable|surrogates") as raised:
        lay_out(("x",), (value,), 0)
    assert value not in str(raised.value)


@pytest.mark.parametrize("name", ["", "Apns-Id", "a b ", " "])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    """RFC 9113 section 8.2.1."""
    with pytest.raises(ValueError, match="name"):
        lay_out((name,), ("x",), 0)


def test_too_much_is_refused() -> None:
    with pytest.raises(ValueError, match="too many"):
        lay_out(("x",), ("y" * MOST_OCTETS,), 0)

"""JSON from strangers (Wire 4.3)."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.ucclient.json_text import (
    DEEPEST,
    parse_json,
    render_json,
    without_nulls,
)


def test_json_is_parsed_from_text_and_octets():
    """Bodies are octets, ROSE payloads are text."""
    assert parse_json('{"a":[1,2.5,"ä"]}') == {"a": [1, 2.5, "ä"]}
    assert parse_json('{"a":"ä"}'.encode()) == {"a": "ä"}


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"\xff\xfe{\x00}\x00",
        b'"\xc3"',
        b"NaN",
        b"[-Infinity]",
        b"1e999",
        b"1" * 5000,
        b'"\\ud800"',
        b'{"\\udc00":1}',
        b"[" * 100_000,
        b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1),
        b'{"a":' * (DEEPEST + 1) + b"1" + b"}" * (DEEPEST + 1),
        "\ud800",
        '"\ud800"',
    ],
)
def test_what_nobody_can_pass_on_is_refused(text):
    """Not JSON, not finite, not UTF-8 or too deep."""
    with pytest.raises(PeerError):
        parse_json(text)


def test_the_deepest_nesting_passes_and_many_flat_brackets_too():
    """The bound is on depth, not on size."""
    parse_json(b"[" * DEEPEST + b"]" * DEEPEST)
    assert len(parse_json(b"[" + b"{}," * 500 + b"[]]")) == 501


def test_paired_surrogates_are_one_character():
    """The escape is how JSON writes it."""
    assert parse_json(b'"\\ud83d\\ude00"') == "\N{GRINNING FACE}"


def test_json_is_written_in_ascii():
    """Whatever character set a reader assumes, it reads the same."""
    assert render_json({"a": "ä\u2028"}) == b'{"a":"\\u00e4\\u2028"}'


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60) | st.text(st.characters(codec=None), max_size=60))
def test_any_text_is_a_value_or_an_error(text):
    """And every value can be written again."""
    try:
        value = parse_json(text)
    except PeerError:
        return
    json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    render_json(without_nulls(value))

"""All providers carry the same members for an application, and as few octets of them."""

import json

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols.push.contents import (
    application_data,
    flat_json,
    json_octets,
    most_octets,
    short_key,
)
from procall_mobility.protocols.push.unsayable import NoText, ReservedName
from tests.protocols.push.pushes import CHAT, ID


def test_an_application_gets_id_kind_and_content() -> None:
    """The id lets it drop what arrives twice: delivery is at least once."""
    assert application_data(CHAT) == {
        "id": ID,
        "kind": "chat",
        "enc": "aes128",
        "data": "c2VhbGVk",
    }


@pytest.mark.parametrize("name", ["id", "kind", "aps"])
def test_content_overwrites_nothing(name: str) -> None:
    with pytest.raises(ReservedName) as caught:
        application_data(evolve(CHAT, content={name: "secret"}), {"aps"})
    assert "secret" not in str(caught.value)


def test_json_has_no_blanks_and_no_escapes_for_what_utf_8_can_say() -> None:
    assert json_octets({"a": "ü", "b": [1]}) == '{"a":"ü","b":[1]}'.encode()


def test_half_a_surrogate_pair_is_refused_without_being_shown() -> None:
    """JSON can say it, UTF-8 cannot; the codec's own error holds the whole text."""
    for write in (json_octets, flat_json):
        with pytest.raises(NoText) as caught:
            write({"a": "secret \ud83d"})
        assert "secret" not in str(caught.value)
        assert caught.value.__context__ is None


@given(st.dictionaries(st.text(), st.text()))
def test_json_is_read_as_it_was(value: dict[str, str]) -> None:
    assert json.loads(json_octets(value)) == value
    assert flat_json(value) == json_octets(value)


@pytest.mark.parametrize("text", ['","id":"', '"', "\\", "\\u0022", "\x1f", "\x7f", ""])
def test_what_looks_like_json_stays_a_text(text: str) -> None:
    """Nobody who writes a message writes members that are not his."""
    for value in ({"a": text}, {text: "a"}, {"a": "b", text: text}):
        assert flat_json(value) == json_octets(value)


@given(st.dictionaries(st.text(st.characters(max_codepoint=127)), st.text('a\0"')))
def test_no_ascii_takes_more_octets_than_its_bound(value: dict[str, str]) -> None:
    most = most_octets(value)
    assert most is not None
    assert len(flat_json(value)) <= most


@pytest.mark.parametrize("value", [{"a": "ü"}, {"ü": "a"}, {"a": "\ud83d"}])
def test_of_what_is_not_ascii_no_bound_is_known(value: dict[str, str]) -> None:
    """Halves of surrogate pairs are among it, which must be found."""
    assert most_octets(value) is None


@pytest.mark.parametrize("key", ["call-91", ID, "x" * 64])
def test_a_key_that_headers_carry_stays_as_it_is(key: str) -> None:
    assert short_key(key) == key


@given(st.text())
def test_any_key_becomes_one_that_headers_carry(key: str) -> None:
    short = short_key(key)
    assert 1 <= len(short) <= 64
    assert all("\x21" <= letter <= "\x7e" for letter in short)
    assert short == short_key(key)


@pytest.mark.parametrize("key", ["x" * 65, "a b", "a\r\nb", "ü", "", "\ud83d"])
def test_other_keys_are_digests_that_tell_them_apart(key: str) -> None:
    assert short_key(key) != short_key(key + "x")
    assert len(short_key(key)) == 64

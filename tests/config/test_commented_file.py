"""The commented file with an operator's choices in it."""

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.config import parse
from procall_mobility.config.commented_file import brief_file, commented_file, toml

CHOSEN: dict[str, Any] = {
    "service.origin": "https://mobility.example.net",
    "listen.tls": ["127.0.0.1:8443", "[::1]:8443"],
    "back_off.client.base": 2.5,
    "turn.relay": ["127.0.0.1"],
    "ucserver.loopback_may_skip_tls": True,
    "ice.servers": [{"urls": ["stun:stun.example.net:3478"]}, {"urls": ["stun:192.0.2.1:3478"]}],
    "assumptions.a22_close_codes": {"1012": 4012},
}
VALUES = st.recursive(
    st.text(st.characters(exclude_categories=["Cs"])) | st.integers(-(2**63), 2**63 - 1)
    | st.booleans() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=5), inner, max_size=3
    ),
    max_leaves=8,
)  # fmt: skip


def test_what_was_chosen_stands_below_its_purpose_and_the_rest_is_untouched() -> None:
    shipped = commented_file({}).splitlines()
    written = commented_file({"service.origin": "https://mobility.example.net"}).splitlines()
    at = shipped.index('#origin = ""')
    assert written[at] == 'origin = "https://mobility.example.net"'
    assert written[at - 1] == shipped[at - 1] != ""
    assert written[:at] + written[at + 1 :] == shipped[:at] + shipped[at + 1 :]


def test_the_whole_file_means_what_was_chosen_and_nothing_else() -> None:
    settings = parse(commented_file(CHOSEN))
    assert settings == parse(brief_file(CHOSEN))
    assert settings.listen.tls == (("127.0.0.1", 8443), ("::1", 8443))
    assert settings.back_off.client.base == 2.5
    assert [each.urls[0] for each in settings.ice.servers] == [
        "stun:stun.example.net:3478",
        "stun:192.0.2.1:3478",
    ]
    assert settings.assumptions.a22_close_codes == {1012: 4012}


def test_the_shipped_file_says_nothing() -> None:
    assert parse(commented_file({"service.origin": "https://x.example"})) == parse(
        'service.origin = "https://x.example"'
    )


@given(VALUES)
def test_what_toml_has_read_is_written_so_that_it_reads_the_same(value: Any) -> None:
    """Also what would end a text or a line."""
    assert tomllib.loads(f"x = {toml(value)}\n") == {"x": value}


@pytest.mark.parametrize(
    ("default", "text"),
    [
        ((49_152, 65_535), '"49152-65535"'),
        (("0.0.0.0", 443), '"0.0.0.0:443"'),
        (("::", 443), '"[::]:443"'),
        ((("::", 443),), '["[::]:443"]'),
        (10.0, "10"),
        ((), "[]"),
        ({}, "{}"),
    ],
)
def test_defaults_are_written_in_the_form_they_are_read_in(default: Any, text: str) -> None:
    assert toml(default) == text


def test_what_is_no_setting_shows_in_the_brief_file_alone() -> None:
    """There `parse` finds it, with what was meant; the commented file has no place for it."""
    chosen = {"service.orign": "https://x.example"}
    assert "orign" not in commented_file(chosen)
    assert tomllib.loads(brief_file(chosen)) == {"service": {"orign": "https://x.example"}}

"""Names of hosts: which of them anybody can look up (RFC 1123, RFC 2606, RFC 6761, RFC 6762)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols.public_names import NOT_PUBLIC_ENDINGS, is_public_name

LONGEST = ".".join(["a" * 63, "b" * 63, "c" * 63, "d" * 57, "com"])


@pytest.mark.parametrize(
    "name",
    [
        "example.com",
        "EXAMPLE.Com",
        "a.b.c.d.org",
        "x--y.net",
        "1.example.com",
        "xn--bcher-kva.example.net",
        "push.xn--p1ai",
        LONGEST,
    ],
)
def test_names_of_the_public_dns(name: str) -> None:
    assert is_public_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "", ".", "com", "localhost", "example.com.", ".example.com", "a..com", "-a.com", "a-.com",
        "a_b.com", "a b.com", "example.com\n", "bücher.de", "exa\u212aple.com",
        "127.0.0.1", "2130706433", "0x7f.0.0.1", "127.0x1", "0177.1", "::1", "[::1]", "1.2.3.4.5",
        "a" * 64 + ".com", LONGEST.replace("d", "dd", 1),
    ],
)  # fmt: skip
def test_what_is_no_name_there(name: str) -> None:
    """Addresses in whatever dress, single labels, and what no look-up takes."""
    assert not is_public_name(name)


@pytest.mark.parametrize("ending", sorted(NOT_PUBLIC_ENDINGS))
def test_endings_that_are_nobodys_or_everybodys(ending: str) -> None:
    assert not is_public_name(f"push.{ending}")
    assert not is_public_name(f"push.{ending.upper()}")
    assert is_public_name(f"{ending}.com")


@given(st.text(max_size=300) | st.from_regex(r"[0-9a-zA-Z.-]{0,300}", fullmatch=True))
def test_any_text_is_public_or_not(name: str) -> None:
    if is_public_name(name):
        assert name.isascii() and "." in name and len(name) <= 253

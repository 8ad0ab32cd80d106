"""What a browser may believe to ask, so that no page of elsewhere hears the answer."""

import pytest

from procall_mobility.operations.asked_host import is_of_nobody_else


@pytest.mark.parametrize(
    "host",
    [None, b"127.0.0.1", b"127.0.0.1:8081", b"[::1]:8081", b"[::1]", b"localhost", b"LocalHost:1"],
)
def test_addresses_and_localhost_are_nobody_elses(host: bytes | None) -> None:
    assert is_of_nobody_else(host)


@pytest.mark.parametrize(
    "host",
    [
        b"evil.example:8081",
        b"127.0.0.1.evil.example",
        b"localhost.evil.example",
        b"evil.example:127.0.0.1",
        b"[evil.example]",
        b"[",
        b"",
        b"\xff",
    ],
)
def test_all_other_names_may_be_a_strangers(host: bytes) -> None:
    """DNS rebinding: the page's own name points here once it is loaded."""
    assert not is_of_nobody_else(host)

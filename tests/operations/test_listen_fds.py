"""Which descriptors are ours, says the environment (sd_listen_fds(3))."""

import pytest

from procall_mobility.operations.listen_fds import Given, forget, given, put_aside


def told(**others: str) -> dict[str, str]:
    return {"LISTEN_PID": "7", "LISTEN_FDS": "2", **others}


def test_they_begin_at_three_and_have_names() -> None:
    assert given(told(LISTEN_FDNAMES="a:b"), 7) == Given(((3, "a"), (4, "b")))


def test_they_may_have_none() -> None:
    assert given(told(), 7) == Given(((3, "unknown"), (4, "unknown")))


@pytest.mark.parametrize(
    "environment", [{}, told(LISTEN_PID="8"), told(LISTEN_PID=""), {"LISTEN_FDS": "2"}]
)
def test_what_is_meant_for_another_process_is_not_ours(environment: dict[str, str]) -> None:
    """A shell that systemd has started hands its variables on, but not its descriptors."""
    assert given(environment, 7) == Given()


def test_none_is_none() -> None:
    assert given(told(LISTEN_FDS="0"), 7) == Given()
    assert given(told(LISTEN_FDS="0", LISTEN_FDNAMES=""), 7) == Given()


@pytest.mark.parametrize(
    "number", ["", "-1", "+1", " 2", "2x", "1001", "99999999999999999999", "٢", "1e3"]
)
def test_nonsense_is_told_and_nothing_is_taken(number: str) -> None:
    found = given(told(LISTEN_FDS=number), 7)
    assert found.descriptors == ()
    assert "LISTEN_FDS: expected a number up to 1000" in found.error


@pytest.mark.parametrize("names", ["a", "a:b:c"])
def test_wrong_names_are_no_names(names: str) -> None:
    """What they are says the kernel; the names only say where they have come from."""
    found = given(told(LISTEN_FDNAMES=names), 7)
    assert found.descriptors == ((3, "unknown"), (4, "unknown"))
    assert "LISTEN_FDNAMES: expected 2 names" in found.error


def test_programs_that_we_start_hear_nothing_of_them() -> None:
    environment = told(LISTEN_FDNAMES="a:b", LISTEN_PIDFDID="1", HOME="/")
    forget(environment)
    assert environment == {"HOME": "/"}


def test_what_was_put_aside_is_found_and_forgotten_like_the_rest() -> None:
    """Twisted empties the variables when it looks for plugins, long before we look."""
    environment = {"LISTEN_PID": "7", "LISTEN_FDS": "1", "LISTEN_FDNAMES": "tls", "HOME": "/"}
    put_aside(environment)
    assert "LISTEN_FDS" not in environment
    assert given(environment, 7).descriptors == ((3, "tls"),)
    forget(environment)
    assert environment == {"HOME": "/"}
    put_aside(environment)
    assert environment == {"HOME": "/"}

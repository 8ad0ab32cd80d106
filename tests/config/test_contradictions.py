"""Settings that are right each alone, and end the start together, or mean nothing."""

import pytest

from procall_mobility.config import SettingsError, parse

HEAD = '[service]\norigin = "https://mobility.example.net"\n'


def errors_of(lines: str) -> list[str]:
    try:
        parse(HEAD + lines)
    except SettingsError as error:
        return [str(each) for each in error.errors]
    return []


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (
            '[listen]\ntls = ["0.0.0.0:443", "192.0.2.7:443"]\n',
            'line 4: listen.tls[1]: "192.0.2.7:443" and "0.0.0.0:443" of listen.tls',
        ),
        (
            '[listen]\nhttp = ["127.0.0.1:8081"]\n[admin]\nhttp = ["localhost:8081"]\n',
            'line 6: admin.http[0]: "127.0.0.1:8081" and "127.0.0.1:8081" of listen.http',
        ),
        (
            '[turn]\ntls = ["[::]:443"]\n',
            'line 4: turn.tls[0]: "[::]:443" and "[::]:443" of listen.tls',
        ),
        (
            '[turn]\ntcp = ["192.0.2.7:5349"]\n',
            'turn.tls[0]: "0.0.0.0:5349" and "192.0.2.7:5349" of turn.tcp',
        ),
    ],
)
def test_a_tcp_port_is_named_once(lines: str, told: str) -> None:
    """The start said that the port was taken, and not that it was by ourselves."""
    assert errors_of(lines) == [f"{told} are one TCP port; name it once"]


@pytest.mark.parametrize(
    "lines",
    [
        '[listen]\ntls = ["0.0.0.0:443", "[::]:443"]\n',
        '[listen]\ntls = ["192.0.2.7:443", "192.0.2.8:443"]\n',
        '[listen]\nhttp = ["127.0.0.1:0"]\n[admin]\nhttp = ["127.0.0.1:0"]\n',
        '[turn]\nudp = ["0.0.0.0:443"]\n',
        "",
    ],
)
def test_other_families_addresses_and_datagrams_are_other_places(lines: str) -> None:
    assert errors_of(lines) == []


@pytest.mark.parametrize(
    "lines",
    [
        '[push]\nqueue = "/x.sqlite"\n[store]\npath = "/x.sqlite"\n',
        '[store]\npath = "/var/lib/procall-mobility/push.sqlite"\n',
    ],
)
def test_customers_and_pushes_have_a_file_each(lines: str) -> None:
    """Each has a schema of its own, and would take the other's for one of a later version."""
    (told,) = errors_of(lines)
    assert "push.queue: pushes need a file of their own" in told
    assert errors_of(f"{lines}[push]\nenabled = false\n" if "[push]" not in lines else "") == []


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("lifetime = 3600\nlongest_lifetime = 600\n",
         "line 5: turn.longest_lifetime: must be at least turn.lifetime, which is 3600"),
        ('relay = ["192.0.2.7", "0.0.0.0"]\n',
         "line 4: turn.relay[1]: 0.0.0.0 is nobody's address: name those of this machine, or none"
         " for all"),
    ],
)  # fmt: skip
def test_the_relay_is_told_what_can_be(lines: str, told: str) -> None:
    assert errors_of(f"[turn]\n{lines}") == [told]


def test_a_nat_may_be_in_front_of_more_than_relays() -> None:
    """What NATs do is found out by the addresses of listeners (RFC 5780)."""
    lines = '[turn]\nrelay = ["10.0.0.5"]\nexternal = ["10.0.0.6=198.51.100.7"]\n'
    assert errors_of(lines) == []

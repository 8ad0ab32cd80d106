"""Settings of the relay that are right each alone: both are named, and what helps."""

import pytest

from procall_mobility.config import SettingsError, parse

HEAD = '[service]\norigin = "https://mobility.example.net"\n[turn]\n'


def errors_of(lines: str) -> list[str]:
    """Return what is wrong with a [turn] section, which begins on line 3."""
    try:
        parse(HEAD + lines)
    except SettingsError as error:
        return [str(each) for each in error.errors]
    return []


def listening(udp: str, dtls: str, alternate: str = "") -> str:
    return f'udp = ["{udp}"]\ndtls = ["{dtls}"]\nalternate = "{alternate}"\n'


# DTLS and UDP -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("udp", "dtls"),
    [
        ("192.0.2.7:3478", "192.0.2.7:3478"),
        ("0.0.0.0:3478", "192.0.2.7:3478"),
        ("192.0.2.7:3478", "0.0.0.0:3478"),
        ("0.0.0.0:3478", "0.0.0.0:3478"),
        ("127.0.0.1:3478", "localhost:3478"),
        ("[::]:3478", "[2001:db8::7]:3478"),
        ("[2001:db8:0::7]:3478", "[2001:db8::7]:3478"),
    ],
)
def test_dtls_needs_a_udp_port_of_its_own(udp: str, dtls: str) -> None:
    (only,) = errors_of(listening(udp, dtls))
    assert only.startswith("line 5: turn.dtls: ")
    assert "of turn.udp are one UDP port; choose another for DTLS, as 5349" in only
    assert f'"{dtls.replace("localhost", "127.0.0.1")}"' in only


@pytest.mark.parametrize(
    ("udp", "dtls"),
    [
        ("192.0.2.7:3478", "192.0.2.7:5349"),
        ("192.0.2.7:3478", "192.0.2.8:3478"),
        ("0.0.0.0:3478", "[::]:3478"),
        ("[::]:3478", "192.0.2.7:3478"),
        ("127.0.0.1:0", "127.0.0.1:0"),
    ],
)
def test_another_port_address_or_family_is_another_place(udp: str, dtls: str) -> None:
    assert errors_of(listening(udp, dtls)) == []


def test_each_pair_is_told_at_once() -> None:
    both = '"0.0.0.0:3478", "[::]:3478"'
    errors = errors_of(f"udp = [{both}]\ndtls = [{both}]\n")
    assert len(errors) == 2
    assert '"0.0.0.0:3478" and "0.0.0.0:3478" of turn.udp' in errors[0]
    assert '"[::]:3478" and "[::]:3478" of turn.udp' in errors[1]


@pytest.mark.parametrize(
    ("dtls", "taken"),
    [
        ("192.0.2.7:3479", "192.0.2.7:3479"),
        ("192.0.2.8:3478", "192.0.2.8:3478"),
        ("192.0.2.8:3479", "192.0.2.8:3479"),
    ],
)
def test_dtls_leaves_nat_behaviour_discovery_its_four_places(dtls: str, taken: str) -> None:
    """RFC 5780: two addresses with two ports each."""
    assert errors_of(listening("192.0.2.7:3478", dtls)) == []
    (only,) = errors_of(listening("192.0.2.7:3478", dtls, "192.0.2.8"))
    assert f'"{dtls}" takes "{taken}", which turn.alternate needs' in only
    assert only.startswith("line 5: turn.dtls: ")


def test_what_a_wildcard_stands_for_is_not_guessed() -> None:
    """The port after it is needed on one of this machine's addresses only."""
    assert errors_of(listening("0.0.0.0:3478", "192.0.2.7:3479", "192.0.2.8")) == []
    (only,) = errors_of(listening("0.0.0.0:3478", "192.0.2.8:3479", "192.0.2.8"))
    assert "turn.alternate needs" in only


# The alternate and its company ------------------------------------------------------------


@pytest.mark.parametrize(
    ("udp", "alternate"),
    [
        ("", "192.0.2.8"),
        ('"192.0.2.8:3478"', "192.0.2.8"),
        ('"[2001:db8::7]:3478"', "192.0.2.8"),
        ('"[::]:3478"', "192.0.2.8"),
        ('"127.0.0.1:3478"', "192.0.2.8"),
        ('"192.0.2.7:3478"', "127.0.0.2"),
        ('"192.0.2.7:65535"', "192.0.2.8"),
    ],
)
def test_the_alternate_needs_company_in_turn_udp(udp: str, alternate: str) -> None:
    (only,) = errors_of(f'udp = [{udp}]\nalternate = "{alternate}"\n')
    assert only == (
        "line 5: turn.alternate: needs another IPv4 address for company in turn.udp, with the"
        ' port after it free on both, as in "192.0.2.7:3478"; empty switches it off'
    )


def test_the_example_is_of_the_alternates_family() -> None:
    (only,) = errors_of('udp = ["0.0.0.0:3478"]\nalternate = "2001:db8::8"\n')
    assert "another IPv6 address for company in turn.udp" in only
    assert '"[2001:db8::7]:3478"' in only


@pytest.mark.parametrize(
    ("udp", "alternate"),
    [
        ('"192.0.2.7:3478"', "192.0.2.8"),
        ('"127.0.0.1:3478", "192.0.2.8:3478", "192.0.2.7:3478"', "192.0.2.8"),
        ('"0.0.0.0:3478"', "192.0.2.8"),
        ('"[::]:3478"', "2001:db8::8"),
        ('"127.0.0.1:3478"', "127.0.0.2"),
    ],
)
def test_an_alternate_in_company_is_right(udp: str, alternate: str) -> None:
    """Whether a wildcard has an address that suits only the machine can tell, when it starts."""
    assert errors_of(f'udp = [{udp}]\nalternate = "{alternate}"\n') == []


def test_what_could_not_be_read_contradicts_nothing() -> None:
    """`turn.udp` has its default when it is wrong; the others are not blamed for that."""
    (only,) = errors_of('udp = 5\ndtls = ["0.0.0.0:3478"]\nalternate = "2001:db8::8"\n')
    assert only.startswith("line 4: turn.udp: expected a list")
    (only,) = errors_of('udp = []\nalternate = "here"\n')
    assert only.startswith("line 5: turn.alternate: expected an IP address")


# The kernel -------------------------------------------------------------------------------


@pytest.mark.parametrize("udp", ["", '"127.0.0.1:3478", "[::1]:3478"'])
def test_the_kernel_is_not_demanded_where_it_has_nothing_to_relay(udp: str) -> None:
    (only,) = errors_of(f'udp = [{udp}]\ndatapath = "kernel"\n')
    assert only.startswith("line 5: turn.datapath: ")
    assert "needs an address in turn.udp that others reach" in only


@pytest.mark.parametrize(
    ("udp", "datapath"),
    [
        ('"127.0.0.1:3478", "192.0.2.7:3478"', "kernel"),
        ('"0.0.0.0:3478"', "kernel"),
        ('"127.0.0.1:3478"', "auto"),
        ("", "python"),
    ],
)
def test_whoever_may_relay_need_not(udp: str, datapath: str) -> None:
    assert errors_of(f'udp = [{udp}]\ndatapath = "{datapath}"\n') == []


def test_an_interface_is_named_once() -> None:
    (only,) = errors_of('interfaces = ["eth0", "eth1", "eth0"]\n')
    assert "turn.interfaces: an interface stands here twice" in only

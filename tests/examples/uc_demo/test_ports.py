"""Which ports the demo takes, and what it says when it cannot have them."""

import socket
from collections.abc import Iterator

import pytest

from examples.uc_demo import ports
from examples.uc_demo.ports import Ports, own_addresses
from tests.ports import free_port

FIELDS = {
    "PORT": "tls",
    "HTTP_PORT": "http",
    "LINK_PORT": "link",
    "TURN_PORT": "turn",
    "ADMIN_PORT": "admin",
    "PHONES_PORT": "phones",
    "APNS_PORT": "apns",
}
VARIABLES = tuple(FIELDS)


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        yield holder.getsockname()[1]


def test_the_ports_are_the_published_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(ports, "_is_free", lambda host, port: True)
    assert Ports.from_environment() == Ports(
        tls=8443, http=8080, link=7322, turn=3478, admin=8081, phones=8090, apns=2197
    )


def test_phones_and_pages_give_way_where_nobody_has_chosen_their_port(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two demos run side by side, as long as the ports people know differ."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(ports, "_is_free", lambda host, port: False)
    found = Ports.from_environment()
    assert found.tls == 8443
    assert {8081, 8090, 2197}.isdisjoint({found.admin, found.phones, found.apns})
    monkeypatch.setenv("PHONES_PORT", "8090")
    assert Ports.from_environment().phones == 8090


def test_each_port_has_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    for port, name in enumerate(VARIABLES, 1000):
        monkeypatch.setenv(name, str(port))
    assert Ports.from_environment() == Ports(
        tls=1000, http=1001, link=1002, turn=1003, admin=1004, phones=1005, apns=1006
    )


@pytest.mark.parametrize("text", ["0", "65536", "-1", "http", "1.5", "²"])
def test_what_is_no_port_is_told_by_name(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("HTTP_PORT", text)
    with pytest.raises(SystemExit, match="HTTP_PORT"):
        Ports.from_environment()


@pytest.mark.parametrize("name", VARIABLES)
def test_a_taken_port_is_told_with_the_variable_that_changes_it(name: str, taken: int) -> None:
    chosen = {each: free_port() for each in FIELDS.values()}
    with pytest.raises(SystemExit, match=rf"port {taken} is taken.* {name}=") as ended:
        Ports(**chosen | {FIELDS[name]: taken}).check()
    assert ended.value.code != 0


def test_the_relay_needs_its_port_for_udp_as_well() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as holder:
        holder.bind(("127.0.0.1", 0))
        taken = holder.getsockname()[1]
        chosen = {each: free_port() for each in FIELDS.values()}
        with pytest.raises(SystemExit, match=rf"port {taken} is taken.* TURN_PORT="):
            Ports(**chosen | {"turn": taken}).check()


def test_one_port_cannot_be_taken_twice() -> None:
    chosen = {each: free_port() for each in FIELDS.values()}
    with pytest.raises(SystemExit, match="differ"):
        Ports(**chosen | {"tls": chosen["http"]}).check()


def test_free_ports_are_fine() -> None:
    Ports(**{each: free_port() for each in FIELDS.values()}).check()


def test_ipv4_is_always_there() -> None:
    assert own_addresses()[0] == "127.0.0.1"

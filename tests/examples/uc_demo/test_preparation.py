"""What the demo writes for its daemon."""

import json
from pathlib import Path

import pytest

from examples.push_simulators.credentials import Credentials
from examples.uc_demo import preparation
from examples.uc_demo.ports import Ports
from examples.uc_demo.preparation import CHANNEL, WEB, Place
from procall_mobility.config.loading import load

PORTS = Ports(tls=8443, http=8080, link=7322, turn=3478, admin=8081, phones=8090, apns=2197)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / 'a "folder" \\ of its own')


def test_the_daemon_understands_its_settings(place: Place) -> None:
    """Also in a folder with a quotation mark in its name."""
    place.write_settings(PORTS)
    place.make_certificate()
    settings = load(place.settings)
    assert settings.demo.origin_from_request
    assert settings.demo.web_root == str(WEB)
    assert (WEB / "index.html").is_file()
    assert settings.admin.socket == str(place.data / "admin.sock")


def test_everything_listens_on_this_machine_only(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparation, "own_addresses", lambda: ("127.0.0.1", "::1"))
    place.write_settings(PORTS)
    place.make_certificate()
    settings = load(place.settings)
    listen, turn = settings.listen, settings.turn
    found = {*listen.tls, *listen.http, *listen.link, *turn.udp, *turn.tcp, *turn.tls, *turn.dtls}
    assert {port for _, port in found} == {8443, 8080, 7322, 3478}
    assert {host for host, _ in found} == {"127.0.0.1", "::1"}
    assert turn.relay == ("127.0.0.1", "::1")
    assert settings.admin.http == (("127.0.0.1", 8081),)


def test_clients_are_told_every_kind_of_relay(place: Place) -> None:
    """TURN over TLS is on the one port of everything else; nobody gains a rule by it."""
    place.write_settings(PORTS)
    place.make_certificate()
    turn = load(place.settings).turn
    assert turn.urls == (
        "stun:127.0.0.1:3478",
        "turn:127.0.0.1:3478?transport=udp",
        "turn:127.0.0.1:3478?transport=tcp",
        "turns:127.0.0.1:8443?transport=tcp",
    )
    assert turn.peers.allow == ()


def test_a_machine_without_ipv6_goes_without(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparation, "own_addresses", lambda: ("127.0.0.1",))
    place.write_settings(PORTS)
    assert "::1" not in place.settings.read_text()


def test_the_folder_is_its_owners_alone(place: Place) -> None:
    place.write_settings(PORTS)
    assert place.data.stat().st_mode & 0o777 == 0o700


def test_the_customer_is_taken_in_once_and_keeps_its_password(place: Place) -> None:
    """A second start finds customer and password as the first one left them."""
    place.write_settings(PORTS)
    place.make_certificate()
    place.take_in_customer()
    password = place.server_password.read_text()
    assert len(password) >= 32
    assert place.server_password.stat().st_mode & 0o777 == 0o600
    place.take_in_customer()
    assert place.server_password.read_text() == password
    (customer,) = place.ask("customer", "list")
    assert customer["ucsid"] == "demo"
    assert customer["aliases"] == ["demo.example"]


def test_pushes_go_to_the_simulators_alone(place: Place) -> None:
    place.write_settings(PORTS)
    place.make_certificate()
    push = load(place.settings).push
    assert push.hosts.apns == "127.0.0.1:2197"
    assert push.authorities == str(place.providers / "ca.pem")


def test_the_application_is_registered_once_by_the_channel_clients_name(place: Place) -> None:
    place.write_settings(PORTS)
    place.make_certificate()
    credentials = Credentials(place.providers / "credentials")
    credentials.make("https://127.0.0.1/token")
    facts = {"topic": "example.demo", "team": "DEMOTEAM01", "key_id": "DEMOKEY001",
             "key": str(credentials.apns_key)}  # fmt: skip
    (place.providers / "simulators.json").write_text(json.dumps({"apns": facts}))
    for _ in range(2):  # Whoever adds it a second time is refused.
        place.register_app()
    assert f'"{CHANNEL}"' in (WEB / "push.js").read_text()


def test_a_command_that_fails_says_why(place: Place) -> None:
    place.write_settings(PORTS)
    place.make_certificate()
    with pytest.raises(RuntimeError, match="nobody"):
        place.ask("customer", "show", "nobody")

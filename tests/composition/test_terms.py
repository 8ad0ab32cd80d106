"""What the settings come to for each room."""

from typing import Any

import pytest
from attrs import evolve

from procall_mobility.composition import terms
from procall_mobility.config.daemon_settings import Demo, Service
from procall_mobility.config.settings import IceServerSettings, Listen, Settings
from procall_mobility.config.turn_settings import Turn
from procall_mobility.protocols.ucclient.intentions import HttpRequest

OFF = Turn(udp=(), tcp=(), tls=(), dtls=())


def settings(origin: str = "https://mobility.example.net", **turn: Any) -> Settings:
    return Settings(service=Service(origin=origin), turn=Turn(**turn))


def test_clients_are_told_one_address_for_each_transport() -> None:
    """RFC 7065; TLS on the port of everything goes before the relay's own."""
    assert terms.turn_urls(settings(), ["198.51.100.7"]) == (
        "turn:mobility.example.net:3478?transport=udp",
        "turn:mobility.example.net:3478?transport=tcp",
        "turns:mobility.example.net:443?transport=tcp",
    )


def test_addresses_that_are_set_are_told_as_they_are() -> None:
    urls = ("turn:turn.example.net:3478",)
    assert terms.turn_urls(settings(urls=urls), []) == urls


@pytest.mark.parametrize(
    ("turn", "relays", "host"),
    [
        ({"udp": (("2001:db8::1", 3478),)}, ["198.51.100.7"], "[2001:db8::1]"),
        ({}, ["198.51.100.7"], "198.51.100.7"),
        ({}, [], "localhost"),
    ],
    ids=["listener", "relay", "neither"],
)
def test_without_an_origin_an_address_stands_for_the_name(
    turn: dict[str, Any], relays: list[str], host: str
) -> None:
    first, *_ = terms.turn_urls(settings("", **turn), relays)
    assert first == f"turn:{host}:3478?transport=udp"


def test_the_realm_is_the_name_clients_reach_us_by() -> None:
    assert terms.turn_realm(settings()) == "mobility.example.net"
    assert terms.turn_realm(settings(realm="calls")) == "calls"
    assert terms.turn_realm(settings("")) == terms.DEMO_REALM


@pytest.mark.parametrize("way", ["udp", "tcp", "tls", "dtls"])
def test_one_listener_is_enough_for_a_relay(way: str) -> None:
    there = evolve(OFF, **{way: (("192.0.2.1", 3478),)})
    assert terms.turn_is_on(Settings(turn=there))
    assert not terms.turn_is_on(Settings(turn=OFF))


def test_a_certificate_is_needed_where_tls_is_spoken() -> None:
    plain = Listen(tls=(), link=(), http=(("127.0.0.1", 8080),))
    assert not terms.needs_certificate(Settings(listen=plain, turn=OFF))
    for way in ("tls", "dtls"):
        turn = evolve(OFF, **{way: (("192.0.2.1", 5349),)})
        assert terms.needs_certificate(Settings(listen=plain, turn=turn))
    assert terms.needs_certificate(Settings(turn=OFF))


def test_the_rooms_get_their_numbers() -> None:
    given = Settings(demo=Demo(origin_from_request=True))
    assert terms.gateway_rules(given).links_per_customer == given.ucserver.links_per_customer
    assert terms.link_rules(given).message_size == given.ucserver.message_size
    assert terms.socket_rules(given).ping_every == given.ucclient.ping_every
    assert terms.client_assumptions(given).bad_session_status == 403


def test_secrets_of_other_relays_come_from_files(tmp_path: Any) -> None:
    secret, password = tmp_path / "secret", tmp_path / "password"
    secret.write_bytes(b"shared\n")
    password.write_text("fixed\n")
    given = evolve(
        Settings(),
        ice=evolve(
            Settings().ice,
            servers=(
                IceServerSettings(urls=("turn:a",), secret_file=str(secret)),
                IceServerSettings(urls=("turn:b",), username="u", credential_file=str(password)),
            ),
        ),
    )
    issuer = terms.ice_issuer(given, None, lambda: 0.0)
    assert [each.secret for each in issuer.servers] == [b"shared", None]
    assert [each.credential for each in issuer.servers] == [None, "fixed"]


@pytest.mark.parametrize(
    ("demo", "secure", "origin"),
    [
        (False, True, "https://mobility.example.net"),
        (True, True, "https://here.example.net"),
        (True, False, "http://here.example.net"),
    ],
)
def test_look_ups_name_the_origin_of_the_settings_or_of_the_request_in_a_demo(
    *, demo: bool, secure: bool, origin: str
) -> None:
    """The settings may become others while it runs."""
    found = terms.ToldOrigin(settings("https://before.example.net"))
    found.settings = evolve(settings(), demo=Demo(origin_from_request=demo))
    request = HttpRequest(
        method="GET",
        path="/",
        query=(),
        headers=(),
        body=b"",
        client_address="192.0.2.1",
        secure=secure,
        host="here.example.net",
    )
    assert found(request) == origin

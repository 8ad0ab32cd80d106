"""`turn check`: what an operator is told of the ways to the relay, and its exit status."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from procall_mobility.commands.turn_check_text import facts_of
from procall_mobility.operations.turn_cures import explain
from procall_mobility.operations.turn_reports import Failure, Fault, Report, Step
from procall_mobility.protocols.stun.uris import parse_uri
from procall_mobility.protocols.turn.ports import Account
from procall_mobility.protocols.turn.rest_names import credential_of
from tests.cli.conftest import Command
from tests.operations.admin_daemon import listening
from tests.operations.played_relay import PlayedRelay, played_relay
from tests.ports import free_port

SECRET = "a secret that two know"


class Minted(dict[bytes, Account]):
    """Everybody whose credential was made with the secret."""

    def __init__(self, relay: PlayedRelay) -> None:
        self._tenant = relay.play.tenant("acme")

    def get(self, username: bytes, default: Any = None) -> Account:  # type: ignore[override]
        password = credential_of(SECRET.encode(), username.decode()).encode()
        return Account(tenant=self._tenant, subject="check", passwords=(password,))


@pytest.fixture
def relay() -> Iterator[PlayedRelay]:
    with played_relay() as running:
        running.play.users.accounts = Minted(running)
        yield running


@pytest.fixture
def daemon(tmp_path: Path, command: Command) -> Iterator[None]:
    """A daemon that is there, and one customer."""
    for name, text in (("password", "a password of its server"), ("secret", SECRET)):
        (tmp_path / name).write_text(text)
    command("customer", "add", "acme", "--password-file", str(tmp_path / "password"))
    command("turn", "secret", "set", "acme", "--file", str(tmp_path / "secret"))
    verbs = {"status": lambda _: {}, "turn-remember": lambda _: {}}
    with listening(tmp_path / "admin.sock", verbs):
        yield


@pytest.mark.usefixtures("daemon")
def test_what_works_is_shown_with_its_milliseconds(command: Command, relay: PlayedRelay) -> None:
    urls = [f"turn:127.0.0.1:{relay.listen_udp()}", f"stun:127.0.0.1:{relay.listen_udp()}"]
    said = command("turn", "check", "--json", "--url", urls[0], "--url", urls[1])
    assert said.status == 0
    assert said.facts["ok"] is True
    assert said.facts["customer"] == "acme"
    assert said.facts["username"].split(":")[1:] == ["acme", "check"]
    relayed, stun = said.facts["ways"]
    assert [relayed["url"], stun["url"]] == urls
    assert [relayed["state"], stun["state"]] == ["ok", "ok"]
    assert list(relayed["ms"]) == ["resolve", "connect", "stun", "allocate", "relay"]
    assert list(stun["ms"]) == ["resolve", "connect", "stun"]
    assert "credential" not in said.text


@pytest.mark.usefixtures("daemon")
def test_one_way_that_fails_is_explained_and_decides_the_status(
    command: Command, relay: PlayedRelay
) -> None:
    dead = f"turn:127.0.0.1:{free_port()}"
    good = f"turn:127.0.0.1:{relay.listen_udp()}"
    said = command("turn", "check", "--url", dead, "--url", good)
    assert said.status == 1
    assert f"failed  {dead} at 127.0.0.1" in said.text
    assert "Nobody listens at 127.0.0.1" in said.text
    assert "-> Compare turn.udp" in said.text
    assert f"ok      {good}" in said.text
    assert "round trip through two relays" in said.text


@pytest.mark.usefixtures("daemon")
def test_what_cannot_be_tried_is_no_failure(command: Command) -> None:
    said = command("turn", "check", "--url", "turns:127.0.0.1?transport=udp")
    assert said.status == 0
    assert said.text.splitlines()[2].startswith("skipped")


def test_without_a_daemon_there_is_nothing_to_check(command: Command) -> None:
    said = command("turn", "check")
    assert said.status == 1
    assert "no daemon listens" in said.text


@pytest.mark.usefixtures("daemon")
def test_somebody_has_to_be_a_customer_with_a_relay(command: Command) -> None:
    command("customer", "set", "acme", "turn=no")
    said = command("turn", "check")
    assert said.status == 1
    assert "no customer gets a relay" in said.text


@pytest.mark.usefixtures("daemon")
def test_authorities_that_cannot_be_read_are_named(command: Command, tmp_path: Path) -> None:
    missing = str(tmp_path / "missing.pem")
    said = command("turn", "check", "--customer", "acme", "--ca", missing)
    assert said.status == 2
    assert missing in said.text


# Explanations -----------------------------------------------------------------------------

TLS = "turns:relay.example.net:443?transport=tcp"


def report(url: str, failure: Failure) -> Report:
    uri = None if failure.fault is Fault.MALFORMED else parse_uri(url)
    return Report(url, uri, "2001:db8::1", relayed="10.0.0.5:50000", failure=failure)


@pytest.mark.parametrize(
    ("failure", "why", "cure"),
    [
        (Failure(Step.RESOLVE, Fault.MALFORMED), "no STUN or TURN address", "turn.urls"),
        (Failure(Step.RESOLVE, Fault.UNTRIED), "DTLS", "client"),
        (Failure(Step.RESOLVE, Fault.UNKNOWN_HOST), "relay.example.net leads nowhere", "AAAA"),
        (Failure(Step.CONNECT, Fault.UNREACHABLE), "no way from here to 2001:db8::1", "route"),
        (Failure(Step.CONNECT, Fault.NOBODY), "[2001:db8::1]:443", "listen.tls or turn.tls"),
        (Failure(Step.CONNECT, Fault.SILENCE), "does not answer over TCP", "open port 443"),
        (Failure(Step.RELAY, Fault.SILENCE), "no data came through", "turn.ports"),
        (Failure(Step.CONNECT, Fault.UNTRUSTED), "not good", "tls.certificate"),
        (Failure(Step.CONNECT, Fault.NO_TLS, detail="x"), "does not speak TLS (x)", "proxy"),
        (Failure(Step.STUN, Fault.LOST), "does not speak STUN", "proxy"),
        (Failure(Step.RELAY, Fault.NOT_PUBLIC), "lends 10.0.0.5:50000", "turn.external"),
        (Failure(Step.ALLOCATE, Fault.ERROR, 401), "refuses the credentials", "store.path"),
        (Failure(Step.RELAY, Fault.ERROR, 403), "forbids", "turn peer list"),
        (Failure(Step.ALLOCATE, Fault.ERROR, 440), "no IPv4", "turn.relay"),
        (Failure(Step.ALLOCATE, Fault.ERROR, 486), "as many relays", "turn.limits"),
        (Failure(Step.ALLOCATE, Fault.ERROR, 508), "no port left", "turn.ports"),
        (Failure(Step.ALLOCATE, Fault.ERROR, 400), "error 400 Bad Request", "service log"),
        (Failure(Step.ALLOCATE, Fault.ERROR, 699), "error 699.", "service log"),
    ],
    ids=lambda value: f"{value.fault}-{value.step}" if isinstance(value, Failure) else "",
)
def test_every_failure_says_what_it_is_and_what_helps(
    failure: Failure, why: str, cure: str
) -> None:
    explanation = explain(report(TLS, failure), failure)
    assert why in explanation.why
    assert cure in explanation.cure


def test_udp_that_does_not_answer_asks_for_udp() -> None:
    failure = Failure(Step.STUN, Fault.SILENCE)
    explanation = explain(report("turn:relay.example.net", failure), failure)
    assert "port 3478 for UDP" in explanation.cure


def test_a_failure_is_told_to_machines_too() -> None:
    facts = facts_of(report(TLS, Failure(Step.ALLOCATE, Fault.ERROR, 486, "")))
    assert facts["state"] == "failed"
    assert facts["failure"]["step"] == "allocate"
    assert facts["failure"]["reason"] == "error-response"
    assert facts["failure"]["code"] == 486
    assert facts["failure"]["cure"]

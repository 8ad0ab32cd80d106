"""The relay as it is put together from settings; its ports are real, the reactor does not run."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from twisted.internet.task import Clock

from procall_mobility.composition.turn import terms
from procall_mobility.composition.turn.assembly import Neighbours, compose_datapath, compose_relay
from procall_mobility.composition.turn.relay import TurnRelay
from procall_mobility.config.daemon_settings import Admin
from procall_mobility.config.settings import Settings
from procall_mobility.config.turn_settings import Turn, TurnLimits, TurnPeers
from procall_mobility.gateway.customers import Customer
from procall_mobility.protocols.turn.allocations import Newcomers
from procall_mobility.protocols.turn.peers import Verdict
from procall_mobility.transports import own_addresses
from procall_mobility.transports.callers import Peer
from procall_mobility.transports.connections import Connections
from procall_mobility.transports.listening import ListenError
from procall_mobility.transports.pump import Household
from procall_mobility.transports.turn.stream import TurnStream
from tests.gateway.fakes import FakeBook, FakeCustomers
from tests.gateway.relays import FakeSecrets, acme_keys
from tests.ports import free_port


class Reactor(Clock):
    """A clock that is told what to read, and reads nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.readers: list[Any] = []

    def addReader(self, reader: Any) -> None:
        self.readers.append(reader)

    def removeReader(self, reader: Any) -> None:
        if reader in self.readers:  # As reactors do.
            self.readers.remove(reader)


def composed(*, admin: Admin | None = None, **turn: Any) -> tuple[TurnRelay, Reactor]:
    reactor = Reactor()
    given = {"tcp": (), "tls": (), "relay": ("127.0.0.1",), "datapath": "python", **turn}
    settings = Settings(turn=Turn(**given), admin=admin or Admin())
    household = Household(reactor=reactor, now=reactor.seconds)
    relay = compose_relay(
        settings,
        Neighbours(
            customers=FakeCustomers({"acme": Customer(ucsid="acme")}),
            secrets=FakeSecrets({"acme": acme_keys()}),
            book=FakeBook(),
            connections=Connections(total=10, per_address=10, now=reactor.seconds),
            certificate=None,
            refused=lambda peer, reason, text: None,
        ),
        compose_datapath(settings, household),
        household,
        reactor,
    )
    return relay, reactor


@contextmanager
def started(relay: TurnRelay) -> Iterator[None]:
    relay.start()
    for port in relay.ports:
        port.startService()
    try:
        yield
    finally:
        for port in relay.ports:
            port.stopService()
        relay.stop(0.0)


def test_it_listens_where_it_was_told_and_is_gone_afterwards() -> None:
    place = ("127.0.0.1", free_port())
    relay, reactor = composed(udp=(place,))
    with started(relay):
        assert [port.address for port in relay.ports] == [f"turn-udp 127.0.0.1:{place[1]}"]
        assert len(reactor.readers) == 2  # The listener, and all relays behind one descriptor.
    assert reactor.readers == []


def test_a_wildcard_becomes_the_addresses_of_this_machine() -> None:
    """Datagrams are answered from the address they came to."""
    relay, _ = composed(udp=(("0.0.0.0", free_port()),))
    assert "127.0.0.1" in {port.address.split(" ")[1].rpartition(":")[0] for port in relay.ports}
    assert not any("0.0.0.0" in port.address for port in relay.ports)
    relay.stop(0.0)


def test_a_port_that_is_taken_is_named_with_the_cure() -> None:
    place = ("127.0.0.1", free_port())
    first, _ = composed(udp=(place,))
    second, _ = composed(udp=(place,))
    with started(first), pytest.raises(ListenError, match=r"`ss -lnup` shows by whom"):
        second.ports[0].startService()
    second.stop(0.0)


def test_the_limits_are_handed_on() -> None:
    limits = TurnLimits(allocations_per_user=7, new_peers_per_second=3.0)
    relay, _ = composed(limits=limits, lifetime=700, mobility=False)
    rules = relay.media.server.allocations.rules
    assert (rules.allocations_per_user, rules.new_peers_per_second) == (7, 3.0)
    assert (rules.lifetime, rules.mobility) == (700, False)
    relay.stop(0.0)


def judged(relay: TurnRelay, host: str, port: int) -> Verdict:
    account = relay.media.users.find(b"acme:alice", time.time())
    assert account is not None
    return account.tenant.policy.judge(host, port)


def test_own_services_stay_closed_whatever_a_rule_says() -> None:
    """A7: the ports this daemon listens on, on every address of this machine."""
    peers = TurnPeers(allow=("127.0.0.0/8", "192.0.2.0/24"), deny=("192.0.2.9",))
    relay, _ = composed(peers=peers, external=("127.0.0.1=192.0.2.7",), tls=(("127.0.0.1", 5349),))
    assert judged(relay, "127.0.0.1", 5349) is Verdict.OWN_SERVICE
    assert judged(relay, "192.0.2.7", 443) is Verdict.OWN_SERVICE
    assert judged(relay, "127.0.0.1", 9999) is Verdict.ALLOWED
    assert judged(relay, "192.0.2.9", 9999) is Verdict.DENIED
    relay.stop(0.0)


def test_the_pages_for_administrators_stay_closed_too() -> None:
    """A7: they trust whoever is on this machine, which the relay's packets come from."""
    admin = Admin(http=(("127.0.0.1", 8081),))
    relay, _ = composed(admin=admin, peers=TurnPeers(allow=("127.0.0.0/8",)))
    assert judged(relay, "127.0.0.1", 8081) is Verdict.OWN_SERVICE
    assert judged(relay, "127.0.0.1", 8082) is Verdict.ALLOWED
    relay.stop(0.0)


@pytest.fixture
def resolv_conf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "resolv.conf"
    monkeypatch.setattr(own_addresses, "RESOLVER_FILES", (file,))
    return file


def test_the_resolvers_of_this_machine_stay_closed_too(resolv_conf: Path) -> None:
    """A7: and nothing else of them that a rule opens."""
    resolv_conf.write_text("nameserver 192.0.2.53\n")
    relay, _ = composed(peers=TurnPeers(allow=("192.0.2.0/24",)))
    assert judged(relay, "192.0.2.53", 53) is Verdict.OWN_SERVICE
    assert judged(relay, "192.0.2.53", 9999) is Verdict.ALLOWED
    relay.stop(0.0)


def test_an_address_that_comes_later_is_closed_when_it_is_seen(
    resolv_conf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A7: and so is a resolver; what was ours otherwise stays ours."""
    relay, _ = composed(external=("127.0.0.1=192.0.2.7",), udp=(("127.0.0.1", 3478),))
    assert relay.look_around() is False
    assert judged(relay, "20.0.0.1", 3478) is Verdict.ALLOWED
    monkeypatch.setattr(terms, "own_addresses", lambda: ("127.0.0.1", "20.0.0.1"))
    resolv_conf.write_text("nameserver 20.0.0.53\n")
    assert relay.look_around() is True
    assert judged(relay, "20.0.0.1", 9) is Verdict.OWN_SERVICE
    assert judged(relay, "20.0.0.53", 53) is Verdict.OWN_SERVICE
    assert judged(relay, "192.0.2.7", 3478) is Verdict.OWN_SERVICE
    assert judged(relay, "192.0.2.7", 9) is Verdict.INSIDE
    relay.stop(0.0)


def test_behind_a_nat_the_outer_address_is_told() -> None:
    relay, _ = composed(external=("127.0.0.1=192.0.2.7",))
    (host,) = relay.media.server.allocations.addresses.hosts
    assert (host.host, host.seen_as) == ("127.0.0.1", "192.0.2.7")
    relay.stop(0.0)


def test_it_parts_with_all_its_ports_and_says_when_it_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A few clients at a time: others are looked after in between."""
    relay, reactor = composed(udp=(("127.0.0.1", free_port()), ("127.0.0.1", free_port())))
    with started(relay):
        for port in relay.ports:
            (listener,) = port._readers
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
                client.bind(("127.0.0.1", 0))
                listener.flows = {client.getsockname(): object()}
        parted: list[None] = []
        monkeypatch.setattr("procall_mobility.composition.turn.relay.KEPT_AT_ONCE", 1)
        relay.part(reactor).addCallback(parted.append)
        assert relay.media.server.allocations.newcomers is Newcomers.ELSEWHERE
        assert parted == []
        assert len(reactor.readers) == 3, "two ports and the hub"
        reactor.pump([0] * 5)
        assert parted == [None]
        assert reactor.readers == [relay.hub]
        assert len(relay.hub) == 2


def test_it_turns_new_clients_away() -> None:
    relay, _ = composed(udp=())
    relay.turn_away()
    assert relay.media.server.allocations.newcomers is Newcomers.REFUSED


def test_discovery_takes_the_place_of_one_listener() -> None:
    """RFC 5780: two addresses and two ports, four sockets that answer for each other."""
    place = ("127.0.0.1", free_port())
    relay, reactor = composed(udp=(place,), alternate="127.0.0.2")
    with started(relay):
        (port,) = relay.ports
        assert port.address.endswith(f"127.0.0.1:{place[1]}")
        assert len(reactor.readers) == 5
    assert reactor.readers == []


def test_a_stream_is_a_client_of_the_same_relay() -> None:
    relay, _ = composed(udp=())
    stream = relay.stream(Peer("192.0.2.5", 40_000, secure=True, proxied=False))
    assert isinstance(stream, TurnStream)
    assert stream.kind.value == "tls"
    relay.stop(0.0)

"""Plays of the relay: clients ask, peers talk, time passes.

What clients say and understand is written by the tests' own codec, not by the one under test.

    play = Play()
    alice, bob = play.client("alice"), play.peer("20.0.0.1")
    alice.allocates()
    alice.permits(bob)
    alice.sends(bob, b"hello")
    assert bob.hears() == [(alice.relayed, b"hello")]
"""

from collections.abc import Callable, Iterable
from random import Random
from typing import Any, TypeVar

from attrs import evolve

from procall_mobility.protocols.turn.allocation import Allocation
from procall_mobility.protocols.turn.allocations import Allocations
from procall_mobility.protocols.turn.peer_rules import PeerRule
from procall_mobility.protocols.turn.peers import PeerPolicy, Surroundings
from procall_mobility.protocols.turn.port_pool import PortPool
from procall_mobility.protocols.turn.ports import Account, Transport
from procall_mobility.protocols.turn.relay_addresses import RelayAddresses, RelayHost
from procall_mobility.protocols.turn.rules import TurnRules
from procall_mobility.protocols.turn.server import TurnServer
from procall_mobility.protocols.turn.tenants import Tenant
from tests.interop.turn.stun_codec import MD5, Address
from tests.interop.turn.turn_client import Identity, TurnClient
from tests.protocols.turn.callers import Client, Line, Peer, as_socket
from tests.protocols.turn.carrying import Carrying
from tests.protocols.turn.clock import Clock
from tests.protocols.turn.props import (
    Listener,
    Records,
    Sockets,
    StreamPath,
    TcpWire,
    Users,
    Wire,
)
from tests.protocols.turn.soundness import assert_sound

REALM = "example.test"

BOUND, SEEN = "10.0.0.1", "192.0.2.1"
BOUND6, SEEN6 = "fd00::1", "2001:db8::1"
"""Where relays are bound, and where the world sees them: behind a 1:1 NAT."""

LISTENING, LISTENING6 = ("203.0.113.1", 3478), ("2001:db8:1::1", 3478)

PORTS = range(50_000, 50_032)

Any_ = TypeVar("Any_")


class Play:
    """One server, everybody around it, and the clock."""

    def __init__(
        self,
        *,
        families: str = "46",
        ports: range = PORTS,
        watched: bool = True,
        services: Iterable[int] = (22, 3478),
        **rules: Any,
    ) -> None:
        """Set the stage.

        Args:
            families: which kinds of relayed addresses there are.
            ports: those of each.
            watched: whether the tables are looked through after every input.
            services: the ports of this machine's own services.
            rules: of `TurnRules`.
        """
        chance = Random(20_26)
        self.clock = Clock()
        self.ports = ports
        self.rules = TurnRules(**rules)
        self.sockets = Sockets(self.clock)
        self.hosts = [
            RelayHost(
                host=host, seen_as=seen, ports=PortPool(ports[0], ports[-1], chance.randrange)
            )
            for family, host, seen in (("4", BOUND, SEEN), ("6", BOUND6, SEEN6))
            if family in families
        ]
        self.surroundings = Surroundings(
            relay_hosts=frozenset(each.seen_as for each in self.hosts),
            own_hosts=frozenset((BOUND, BOUND6, SEEN, SEEN6, LISTENING[0], LISTENING6[0])),
            services=frozenset(services),
        )
        self.book = Records()
        self.users = Users(REALM)
        self.flows = Carrying(self.clock)
        self.allocations = Allocations(
            rules=self.rules,
            addresses=RelayAddresses(self.hosts, self.sockets, chance.randbytes, chance.randrange),
            book=self.book,
            dice=chance.randbytes,
            flows=self.flows,
        )
        self.server = TurnServer(REALM, b"k" * 16, self.users, self.allocations)
        self.counters = self.allocations.counters
        self.tenants: dict[str, Tenant] = {}
        self.listeners = [Listener(as_socket(each)) for each in (LISTENING, LISTENING6)]
        self.streams: list[StreamPath] = []
        self._watched = watched
        self._clients = 0

    @property
    def now(self) -> float:
        return self.clock.now

    # Who is there -------------------------------------------------------------------------

    def tenant(
        self,
        name: str = "acme",
        *,
        allow: Iterable[str] = (),
        deny: Iterable[str] = (),
        strict: bool = False,
    ) -> Tenant:
        """Make a customer, or give one that is there another policy."""
        rules = [PeerRule.parse(each) for each in allow]
        rules += [PeerRule.parse(each, allow=False) for each in deny]
        policy = PeerPolicy(rules, self.surroundings)
        if name not in self.tenants:
            self.tenants[name] = Tenant(name, policy)
        tenant = self.tenants[name]
        tenant.policy, tenant.strict = policy, strict
        return tenant

    def client(
        self,
        subject: str = "alice",
        *,
        customer: str = "acme",
        address: Address | None = None,
        by: Transport = Transport.UDP,
        algorithm: bytes = MD5,
        userhash: bool = False,
        expires_in: float | None = None,
        password: str | None = None,
    ) -> Client:
        """Let a client come who has credentials, good for `expires_in` seconds or forever."""
        username = f"{customer}:{subject}"
        if username.encode() not in self.users.accounts:
            account = Account(
                tenant=self.tenants.get(customer) or self.tenant(customer),
                subject=subject,
                passwords=(f"secret of {subject}".encode(),),
                until=None if expires_in is None else self.now + expires_in,
            )
            self.users.add(username, account)
        talk = TurnClient(
            Identity.of(username, password or f"secret of {subject}"),
            algorithm,
            userhash=userhash,
        )
        return Client(self.line(by, address), talk)

    def line(self, by: Transport = Transport.UDP, address: Address | None = None) -> Line:
        """Open a way to the server, from an address that nobody else has by default."""
        self._clients += 1
        client = as_socket(
            address or (f"198.51.100.{self._clients % 250}", 40_000 + self._clients)
        )
        listener = self.listeners[len(client) == 4]
        if not by.is_stream:
            return Line(self, client, listener=listener)
        stream = StreamPath(by, client, listener.address)
        self.streams.append(stream)
        return Line(self, client, stream)

    def moves(
        self, client: Client, by: Transport = Transport.UDP, address: Address | None = None
    ) -> Client:
        """Return the same client as it comes from another address."""
        return Client(self.line(by, address), client.talk, client.relays)

    def renews(self, client: Client, expires_in: float) -> None:
        """Give a client another credential of the same user, as time-limited ones are given."""
        now = client.talk.identity
        account = evolve(self.users.accounts[now.user], until=self.now + expires_in)
        user = now.user + b":again"
        self.users.add(user.decode(), account)
        client.former_keys.append(client.talk.key)
        client.talk.identity = Identity(user, now.password)

    def peer(self, host: str = "20.0.0.1", port: int = 5000) -> Peer:
        """Let there be a peer."""
        return Peer(self, as_socket((host, port)))

    # What happens -------------------------------------------------------------------------

    def later(self, seconds: float) -> None:
        """Let time pass, and ring every alarm at its time."""
        until = self.now + seconds
        while (due := self._due()) is not None and due <= until:
            self.clock.now = max(self.now, due)
            self.clock.run()
            self.server.wake(self.now)
            self.settle()
        self.clock.now = until

    def revokes(self, is_meant: Callable[[Allocation], bool] = lambda _: True) -> int:
        """The operator ends allocations."""
        ended = self.server.revoke(is_meant, "revoked", self.now)
        self.settle()
        return ended

    def policy_changes(self, name: str = "acme", **policy: Any) -> None:
        """The operator gives a customer another policy."""
        self.server.policy_changed(self.tenant(name, **policy), self.now)
        self.settle()

    def settle(self) -> None:
        """Tell the server of connections it has closed, and look at its tables."""
        for stream in [each for each in self.streams if each.is_closed]:
            self.streams.remove(stream)
            self.server.lost(stream, self.now)
        if self._watched:
            assert_sound(self)

    def settled(self, value: Any_) -> Any_:
        """Settle, and pass a value on."""
        self.settle()
        return value

    # What can be seen ---------------------------------------------------------------------

    def wire_at(self, address: Address) -> Wire | TcpWire | None:
        """Return the relay socket the world sees at an address."""
        for each in self.hosts:
            if each.seen_as == address[0]:
                return self.sockets.open_ones.get((each.host, address[1]))
        return None

    def seen_as(self, bound: tuple[str, int]) -> Address:
        """Return how the world sees a socket."""
        return next(each.seen_as for each in self.hosts if each.host == bound[0]), bound[1]

    def free_ports(self) -> list[int]:
        """Return how many ports are free, for each host."""
        return [len(each.ports) for each in self.hosts]

    def ended(self) -> list[str]:
        """Return why allocations have ended, in order."""
        return [line[2] for line in self.book.lines if line[0] == "ended"]

    def _due(self) -> float | None:
        due = [each for each in (self.clock.next(), self.server.wake_at()) if each is not None]
        return min(due, default=None)

"""Every input in every state: a legal state or a clean answer, never an exception (C14).

After each step `soundness` looks through all tables; in the end everything must have been given
back.  What is answered is read by the tests' own codec, which is strict.
"""

import os

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
)

from procall_mobility.protocols.turn.ports import Transport
from tests.interop.turn.stun_codec import (
    MD5,
    SHA256,
    TCP,
    UDP,
    A,
    Kind,
    Message,
    Method,
    Part,
    appended,
    channel_data,
    message,
    xor_address,
)
from tests.protocols.turn.callers import Client
from tests.protocols.turn.inputs import (
    PORTS,
    T,
    methods,
    numbers,
    octets,
    parts,
    peer_parts,
    peers,
    usual,
    wishes,
)
from tests.protocols.turn.plays import Play
from tests.protocols.turn.props import Stream


class Relay(RuleBasedStateMachine):
    """A relay with narrow bounds, so that they are reached, and everybody who may disturb it."""

    clients = Bundle("clients")
    streams = Bundle("streams")
    secrets: list[Part]

    @initialize()
    def open(self) -> None:
        self.play = Play(
            ports=PORTS,
            allocations=9,
            allocations_per_user=4,
            allocations_per_address=6,
            permissions=4,
            channels=3,
            tcp_connections=2,
            new_peers_per_second=0.5,
            user_octets_per_second=200.0,
        )
        self.play.tenant("strict", strict=True)
        self.secrets = []

    # Who comes and goes -------------------------------------------------------------------

    @rule(
        target=clients,
        subject=st.sampled_from(["alice", "bob", "link"]),
        customer=st.sampled_from(["acme", "strict"]),
        by=st.sampled_from(Transport),
        algorithm=st.sampled_from([MD5, SHA256]),
        host=st.sampled_from(["198.51.100.1", "2001:db8:2::1"]),
        port=st.sampled_from([1024, 1025, 1026]),
        expires=st.sampled_from([None, None, 1000.0]),
        wish=wishes,
        connections=st.booleans(),
    )
    def comes(
        self, subject, customer, by, algorithm, host, port, expires, wish, connections
    ) -> Client:
        """A client comes and wants an allocation, as clients do."""
        client = self.play.client(
            subject,
            customer=customer,
            by=by,
            algorithm=algorithm,
            address=(host, port),
            expires_in=expires,
        )
        wanted = [(int(A.REQUESTED_TRANSPORT), UDP), *wish]
        if connections and by.is_stream:
            wanted = [(int(A.REQUESTED_TRANSPORT), TCP)]
        self._asks(client, Method.ALLOCATE, wanted)
        return client

    @rule(target=clients, client=clients, by=st.sampled_from(Transport), seconds=st.none() | parts)
    def moves(self, client, by, seconds) -> Client:
        moved = self.play.moves(client, by)
        ticket = (int(A.MOBILITY_TICKET), client.talk.ticket)
        self._asks(moved, Method.REFRESH, [ticket] + ([] if seconds is None else [seconds]))
        return moved

    @rule(client=consumes(clients))
    def hangs_up(self, client) -> None:
        if client.line.stream is not None and not client.line.stream.is_closed:
            client.line.hangs_up()

    @rule(client=clients, slow=st.booleans())
    def reads_slowly(self, client, slow) -> None:
        if client.line.stream is not None:
            client.line.stream.is_slow = slow

    # What clients say ---------------------------------------------------------------------

    @rule(client=clients, method=methods, asked=st.lists(parts, max_size=5))
    def asks(self, client, method, asked) -> None:
        self._asks(client, method, asked)

    @rule(client=clients, peer=peers, number=numbers)
    def binds(self, client, peer, number) -> None:
        self._bind(client, peer, number)

    def _bind(self, client, peer, number) -> None:
        channel = (int(A.CHANNEL_NUMBER), number.to_bytes(2) + b"\0\0")
        named = (int(A.XOR_PEER_ADDRESS), xor_address(peer, T))
        self._asks(client, Method.CHANNEL_BIND, [channel, named])

    @rule(client=clients, named=st.lists(peer_parts, min_size=1, max_size=3))
    def permits(self, client, named) -> None:
        self._asks(client, Method.CREATE_PERMISSION, named)

    @rule(client=clients, named=peer_parts)
    def connects(self, client, named) -> None:
        self._asks(client, Method.CONNECT, [named])

    @rule(client=clients, data=st.data())
    def repeats_a_secret(self, client, data) -> None:
        """Use a ticket, token or connection's id somebody was given."""
        if self.secrets:
            secret = data.draw(st.sampled_from(self.secrets))
            method = {
                A.CONNECTION_ID: Method.CONNECTION_BIND,
                A.MOBILITY_TICKET: Method.REFRESH,
                A.RESERVATION_TOKEN: Method.ALLOCATE,
            }[A(secret[0])]
            self._asks(client, method, [(int(A.REQUESTED_TRANSPORT), UDP), secret])

    @rule(
        client=clients,
        method=methods,
        kind=st.sampled_from(Kind),
        said=st.lists(parts, max_size=5),
    )
    def says_unsigned(self, client, method, kind, said) -> None:
        client.line.says(message(method, *said, kind=kind, transaction=T))

    @rule(client=clients, method=methods, said=st.lists(parts, max_size=3), key=octets)
    def says_with_a_forged_integrity(self, client, method, said, key) -> None:
        unsigned = message(method, *said, *client.talk.credentials(), transaction=T)
        client.line.says(appended(unsigned, (A.MESSAGE_INTEGRITY, key[:20].ljust(20, b"x"))))

    @rule(client=clients, data=st.binary(max_size=60))
    def says_anything(self, client, data) -> None:
        client.line.says(data)

    @rule(client=clients, number=numbers, data=octets, more=st.integers(-4, 4))
    def says_on_a_channel(self, client, number, data, more) -> None:
        framed = channel_data(number, data, padded=client.line.stream is not None)
        client.line.says(framed if more >= 0 else framed[:more])

    @rule(client=clients, peer=peers, data=octets, more=st.lists(parts, max_size=1))
    def sends(self, client, peer, data, more) -> None:
        client.sends(peer, data, *more)

    # What peers and the network do --------------------------------------------------------

    @rule(client=clients, peer=usual, data=octets)
    def calls(self, client, peer, data) -> None:
        """A call goes both ways on a channel, or by indications."""
        self._bind(client, peer, 0x4000)
        client.says(0x4000, data)
        client.sends(peer, data)
        self._peer_says(client, peer, data)

    @rule(target=streams, client=clients, peer=usual, data=octets, way=st.integers(0, 2))
    def calls_over_tcp(self, client, peer, data, way) -> Stream:
        """A client's connection is joined to one to its peer, whoever began."""
        named = [(int(A.XOR_PEER_ADDRESS), xor_address(peer, T))]
        self._asks(client, Method.CREATE_PERMISSION if way else Method.CONNECT, named)
        stream = self.a_peer_dials(client, peer) if way else self.a_peer_answers(True)
        self._listens(client)
        if not isinstance(stream, Stream) or not self.secrets:
            return multiple()
        other = self.play.moves(client, Transport.TCP)
        self._asks(other, Method.CONNECTION_BIND, [self.secrets[-1]])
        other.line.says(data)
        if not stream.is_closed:
            stream.says(data)
        return stream

    @rule(client=clients, peer=peers, data=octets)
    def a_peer_says(self, client, peer, data) -> None:
        self._peer_says(client, peer, data)

    def _peer_says(self, client, peer, data) -> None:
        for relayed in client.relays:
            if (":" in relayed[0]) is (":" in peer[0]):
                self.play.peer(*peer).says(data, to=relayed)

    @rule(target=streams, client=clients, peer=peers)
    def a_peer_dials(self, client, peer) -> Stream:
        if not client.relays or (":" in client.relayed[0]) is not (":" in peer[0]):
            return multiple()
        return self.play.peer(*peer).dials(client.relayed)

    @rule(target=streams, accepted=st.booleans())
    def a_peer_answers(self, accepted) -> Stream:
        for attempt in self.play.sockets.attempts:
            if attempt.is_open:
                if not accepted:
                    attempt.fails()
                    return self.play.settled(multiple())
                return self.play.settled(attempt.succeeds())
        return multiple()

    @rule(stream=streams, data=octets)
    def a_stream_says(self, stream, data) -> None:
        if not stream.is_closed:
            stream.says(data)

    @rule(stream=consumes(streams))
    def a_stream_hangs_up(self, stream) -> None:
        if not stream.is_closed:
            stream.hangs_up()
            self.play.settle()

    @rule(client=clients, peer=peers, kind=st.integers(0, 255), code=st.integers(0, 255))
    def an_icmp_error_comes(self, client, peer, kind, code) -> None:
        if client.allocation is not None:
            for relay in client.allocation.relays:
                if (":" in relay.address[0]) is (":" in peer[0]):
                    at = self.play.peer(*peer).at
                    self.play.server.relaying.icmp(relay, at, kind, code, 1400, self.play.now)

    @rule(seconds=st.sampled_from([0.01, 0.5, 1.0, 5.0, 29.0, 30.0, 61.0, 299.0, 601.0]))
    def time_passes(self, seconds) -> None:
        self.play.later(seconds)

    # What the operator does ---------------------------------------------------------------

    @rule(subject=st.sampled_from(["alice", "bob", "link"]))
    def revokes(self, subject) -> None:
        self.play.revokes(lambda each: each.subject == subject)

    @rule(
        name=st.sampled_from(["acme", "strict"]),
        strict=st.booleans(),
        deny=st.sets(st.sampled_from(["20.0.0.1", "20.0.0.2:5000", "2a00::/16", "[::/0]:5001"])),
        allow=st.sets(st.sampled_from(["10.0.0.0/8", "192.0.2.1:5000"])),
    )
    def changes_a_policy(self, name, strict, deny, allow) -> None:
        self.play.policy_changes(name, strict=strict, deny=deny, allow=allow)

    @rule(client=clients, seconds=st.sampled_from([1.0, 50.0, 5000.0]))
    def renews_a_credential(self, client, seconds) -> None:
        if len(client.talk.identity.user) < 60:
            self.play.renews(client, seconds)

    # What is always so --------------------------------------------------------------------

    @invariant()
    def counters_have_a_bounded_number_of_names(self) -> None:
        assert not hasattr(self, "play") or len(self.play.counters) < 50

    def teardown(self) -> None:
        """Whatever has happened, time gives everything back."""
        if hasattr(self, "play"):
            self.play.later(100_000)
            assert len(self.play.allocations) == 0
            assert self.play.free_ports() == [len(PORTS), len(PORTS)]
            assert self.play.server.wake_at() is None
            opened = [line[1] for line in self.play.book.lines if line[0] == "opened"]
            ended = [line[1] for line in self.play.book.lines if line[0] == "ended"]
            assert sorted(opened) == sorted(ended)

    def _asks(self, client: Client, method: int, asked: list[Part]) -> None:
        self._listens(client)  # All have one transaction id; late answers are no answers to this.
        answer = client.asks(method, *asked, transaction=T)
        self._listens(client)
        if answer is None or not answer.ok:
            return
        client.relays = answer.addresses(A.XOR_RELAYED_ADDRESS) or client.relays
        client.talk.ticket = answer.get(A.MOBILITY_TICKET) or client.talk.ticket
        self._learns(answer)

    def _listens(self, client: Client) -> None:
        client.hears()
        for each in client.answers() + client.told():
            self._learns(each)

    def _learns(self, said: Message) -> None:
        for kind in (A.MOBILITY_TICKET, A.RESERVATION_TOKEN, A.CONNECTION_ID):
            value = said.get(kind)
            if value is not None:
                self.secrets.append((int(kind), value))


TestAnyInput = Relay.TestCase
TestAnyInput.settings = settings(
    max_examples=int(os.environ.get("TURN_EXAMPLES", "80")),
    stateful_step_count=60,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

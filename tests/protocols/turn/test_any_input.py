"""Every input in every state: a legal state or a clean answer, never an exception (C14).

What clients do is in client_rules.py; here are peers, the network, the operator, and what has to
be so in the end: everything was given back.
"""

import os

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, consumes, invariant, multiple, rule

from procall_mobility.protocols.turn.ports import Transport
from tests.interop.turn.stun_codec import A, Method, xor_address
from tests.protocols.turn.client_rules import Clients
from tests.protocols.turn.inputs import PORTS, T, octets, peers, usual
from tests.protocols.turn.props import Stream


class Relay(Clients):
    """A relay, and everybody who may disturb it."""

    clients = Clients.clients
    streams = Bundle("streams")

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


TestAnyInput = Relay.TestCase
TestAnyInput.settings = settings(
    max_examples=int(os.environ.get("TURN_EXAMPLES", "50")),
    stateful_step_count=60,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

"""What clients do to a relay, in any order (C14): the first half of test_any_input.py.

After each step `soundness` looks through all tables, and what is answered is read by the tests'
own codec, which is strict.
"""

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, rule

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
    wishes,
)
from tests.protocols.turn.plays import Play


class Clients(RuleBasedStateMachine):
    """A relay with narrow bounds, so that they are reached, and its clients."""

    clients = Bundle("clients")
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

    # Inside -------------------------------------------------------------------------------

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

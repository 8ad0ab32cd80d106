"""What carries data for the relay of a play: the port `Flows` in memory."""

from attrs import define, field

from procall_mobility.protocols.stun.addresses import TransportAddress
from procall_mobility.protocols.turn.allocation import Allocation, Channel
from procall_mobility.protocols.turn.ports import Transport
from tests.protocols.turn.clock import Clock


@define(eq=False)
class Flow:
    """Where data goes, and until when."""

    client: TransportAddress
    relayed_at: TransportAddress
    until: float


@define(eq=False)
class Carrying:
    """Carries for clients over UDP, as a kernel does; what it has carried waits to be counted."""

    clock: Clock
    carried: dict[Channel, Flow] = field(factory=dict)
    puts: int = 0
    released: list[str] = field(factory=list)
    spent_by: list[str] = field(factory=list)
    """Allocations a packet came up for."""
    _waiting: dict[str, list[tuple[int, int]]] = field(factory=dict)

    def put(self, channel: Channel, until: float, now: float) -> None:
        assert until > now == self.clock.now
        allocation = channel.relay.allocation
        assert allocation.channels[channel.number] is channel
        self.puts += 1
        if allocation.path.kind is not Transport.UDP:
            self.drop(channel)
            return
        channel.flow = flow = Flow(allocation.path.client, channel.relay.wire.address, until)
        self.carried[channel] = flow

    def drop(self, channel: Channel) -> None:
        channel.flow = None
        self.carried.pop(channel, None)

    def settle(self, allocation: Allocation) -> None:
        for sent, received in self._waiting.pop(allocation.id, []):
            allocation.sent_packets += bool(sent)
            allocation.sent_octets += sent
            allocation.sent_allowed += sent
            allocation.received_packets += bool(received)
            allocation.received_octets += received
            allocation.received_allowed += received
            allocation.carried_packets += bool(sent) + bool(received)
            allocation.carried_octets += sent + received

    def release(self, allocation: Allocation) -> None:
        assert len(allocation.relays) >= 1, "its sockets are open still"
        self.settle(allocation)
        for channel in allocation.channels.values():
            self.drop(channel)
        self.released.append(allocation.id)

    def spent(self, allocation: Allocation, now: float) -> None:
        assert now == self.clock.now
        self.spent_by.append(allocation.id)

    def carries(self, channel: Channel, *, sent: int = 0, received: int = 0) -> None:
        """Let a packet pass by us."""
        assert self.carried[channel].until > self.clock.now
        waiting = self._waiting.setdefault(channel.relay.allocation.id, [])
        waiting.append((sent, received))

"""Whatever happens in whatever order: the kernel knows what it shall, and nothing is lost."""

from typing import Any

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from procall_mobility.datapath.kernel import Sizes
from procall_mobility.datapath.layout import ACCOUNT_WORDS, ALLOWED, OCTETS, TALLY_WORDS
from procall_mobility.datapath.ports import Maps, Route
from procall_mobility.protocols.turn.allocation import Allocation, Channel
from procall_mobility.protocols.turn.ports import Transport
from tests.datapath.maps import kernel_relay, memory_maps
from tests.datapath.stage import SERVER, Stage, Way, packed

SIZES = Sizes(channels=4, allocations=2)
RATES = st.sampled_from([(0.0,), (50_000.0, 0.0), (300_000.0, 200_000.0)])
PEERS = [("192.0.2.99", port) for port in (1, 2, 3)]
OCTETS_OF_A_PACKET = st.integers(1, 1400)


class AnyOrder(RuleBasedStateMachine):
    """A model: which channels shall be carried, and what each slot has carried for whom."""

    def __init__(self) -> None:
        super().__init__()
        self.stage = Stage(self.make_maps())
        self.allocations: list[Allocation] = []
        self.told: dict[Channel, float] = {}
        """Channels put and not dropped, and until when."""
        self.relayed: dict[Allocation, list[int]] = {}

    def make_maps(self) -> Maps:
        return memory_maps(SIZES)

    def _allocation(self, which: int) -> Allocation:
        return self.allocations[which % len(self.allocations)]

    def _channel(self, which: int) -> Channel | None:
        channels = [each for one in self.allocations for each in one.channels.values()]
        return channels[which % len(channels)] if channels else None

    @precondition(lambda self: len(self.allocations) < 6)
    @rule(rates=RATES)
    def a_client_comes(self, rates: tuple[float, ...]) -> None:
        allocation = self.stage.allocation(rates=rates)
        self.allocations.append(allocation)
        self.relayed[allocation] = [0, 0]

    @precondition(lambda self: self.allocations)
    @rule(which=st.integers(0), peer=st.sampled_from(PEERS), seconds=st.floats(0.1, 20))
    def is_put(self, which: int, peer: Any, seconds: float) -> None:
        allocation = self._allocation(which)
        channel = allocation.relays[0].by_peer.get(peer) or self.stage.channel(allocation, peer)
        self.stage.put(channel, seconds)
        if channel.flow is not None:
            self.told[channel] = self.stage.now + seconds
        else:
            self.told.pop(channel, None)
            assert self.stage.table.left

    @rule(which=st.integers(0))
    def is_dropped(self, which: int) -> None:
        if (channel := self._channel(which)) is not None:
            self.stage.table.drop(channel)
            self.told.pop(channel, None)

    @precondition(lambda self: self.allocations)
    @rule(which=st.integers(0))
    def is_released(self, which: int) -> None:
        allocation = self._allocation(which)
        self.stage.table.release(allocation)
        for channel in allocation.channels.values():
            self.told.pop(channel, None)
        self.allocations.remove(allocation)

    @precondition(lambda self: self.allocations)
    @rule(which=st.integers(0), port=st.integers(1, 60_000), to_stream=st.booleans())
    def moves(self, which: int, port: int, to_stream: bool) -> None:
        allocation = self._allocation(which)
        kind = Transport.TCP if to_stream else Transport.UDP
        allocation.path = Way(("198.51.100.99", port), SERVER, kind)
        for channel in allocation.channels.values():
            if channel in self.told:
                self.stage.put(channel, self.told[channel] - self.stage.now)
        # Whoever had that address before has lost it.
        self.told = {each: until for each, until in self.told.items() if each.flow is not None}

    @rule(which=st.integers(0), sent=OCTETS_OF_A_PACKET, received=OCTETS_OF_A_PACKET)
    def is_relayed(self, which: int, sent: int, received: int) -> None:
        channel = self._channel(which)
        if channel is None or channel.flow is None:
            return
        carried = self.relayed[channel.relay.allocation]
        if self.stage.relays(channel, sent=sent):
            carried[0] += sent
        if self.stage.relays(channel, received=received):
            carried[1] += received

    @precondition(lambda self: self.allocations)
    @rule(which=st.integers(0), settles=st.booleans())
    def is_spent_or_settled(self, which: int, settles: bool) -> None:
        allocation = self._allocation(which)
        if settles:
            self.stage.table.settle(allocation)
        else:
            self.stage.table.spent(allocation, self.stage.now)

    @rule(seconds=st.floats(0, 3), routes=st.booleans())
    def time_passes(self, seconds: float, routes: bool) -> None:
        if routes:
            self.stage.ways.usual = Route(len(self.told) + 1, 1400, packed(SERVER[0]))
            self.stage.ways.changed = True
        self.stage.after(seconds)
        for channel in list(self.told):
            if channel.flow is None:
                assert self.told.pop(channel) <= self.stage.now

    @invariant()
    def the_kernel_knows_what_it_shall(self) -> None:
        keys = [key for channel in self.told for key in channel.flow.plan.keys]
        assert len(keys) == len(set(keys))
        assert self.stage.entries().keys() == set(keys)
        assert len(self.stage.table) == len(self.told)
        for channel, until in self.told.items():
            for flow in self.stage.flows(channel):
                # A second less is not worth telling.
                assert until - 1.001 <= flow[0] / 1e9 <= until + 0.001

    @invariant()
    def a_slot_is_of_one_allocation(self) -> None:
        owners: dict[int, Allocation] = {}
        for channel in self.told:
            for flow in self.stage.flows(channel):
                allocation = channel.relay.allocation
                assert owners.setdefault(flow[8], allocation) is allocation
        assert len(set(owners.values())) == len(owners)
        ledger = self.stage.maps.ledger
        for slot in set(range(len(ledger) // ACCOUNT_WORDS)) - owners.keys():
            at = slot * ACCOUNT_WORDS
            assert ledger[at + ALLOWED] == ledger[at + TALLY_WORDS + ALLOWED] == 0

    @invariant()
    def what_is_carried_is_counted(self) -> None:
        table = self.stage.table
        for allocation, carried in self.relayed.items():
            table.settle(allocation)
            assert [allocation.sent_octets, allocation.received_octets] == carried
            assert [allocation.sent_allowed, allocation.received_allowed] == carried
        assert table.carried.octets == sum(map(sum, self.relayed.values()))

    @invariant()
    def nothing_is_allowed_that_was_not_drawn(self) -> None:
        """What was carried, may be carried and is left in a bucket has all come into it."""
        ledger = self.stage.maps.ledger
        for allocation in {channel.relay.allocation for channel in self.told}:
            channel = next(each for each in self.told if each.relay.allocation is allocation)
            at = self.stage.slot(channel) * ACCOUNT_WORDS
            carried = self.relayed[allocation]
            buckets = [
                (bucket, octets, word)
                for share in allocation.shares
                for bucket, octets, word in (
                    (share.up, carried[0], at),
                    (share.down, carried[1], at + TALLY_WORDS),
                )
            ]
            for bucket, octets, word in buckets:
                if bucket._rate and ledger[word + ALLOWED] < 2**61:
                    left = ledger[word + ALLOWED] - ledger[word + OCTETS]
                    came = bucket._rate * (1 + self.stage.now - allocation.opened)
                    assert octets + left + bucket._tokens <= came + 1


class AnyOrderInTheKernel(AnyOrder):
    """The same, over the kernel's maps."""

    def make_maps(self) -> Maps:
        self.opened = kernel_relay(SIZES)
        return next(self.opened).maps

    def teardown(self) -> None:
        next(self.opened, None)


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestAnyOrderInTheKernel = AnyOrderInTheKernel.TestCase
TestAnyOrderInTheKernel.settings = settings(
    max_examples=15, stateful_step_count=30, deadline=None, phases=[Phase.generate]
)

"""Which channels the kernel carries: the port `Flows` of the relay."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

from procall_mobility.datapath.accounts import Account, Carried
from procall_mobility.datapath.layout import ENABLED, FOR_EVER, REASONS
from procall_mobility.datapath.ledger import Ledger
from procall_mobility.datapath.plans import EXPIRES, Plan, plan
from procall_mobility.datapath.ports import FlowMap, Maps, Routing
from procall_mobility.datapath.rerouting import Rerouting
from procall_mobility.datapath.turns import Turns
from procall_mobility.protocols.turn.allocation import Allocation, Channel

SHORT: Final = 1.0
"""Seconds a channel is not prolonged by: a client may ask for permission again and again."""

TABLE_FULL, LEDGER_FULL = "table-full", "ledger-full"


class Flow:
    """What the kernel was told of a channel."""

    __slots__ = ("account", "channel", "plan", "rests", "table", "until")

    def __init__(self, channel: Channel, account: Account, plan: Plan, table: FlowMap) -> None:
        self.channel = channel
        self.account = account
        self.plan = plan
        self.table = table
        self.rests = plan.rests(account.slot)
        self.until = 0.0


class FlowTable:
    """Tells the kernel of channels, counts what it carries, and sees that it may go on.

    It is woken each second while it carries something, and more often while that is much, so that
    no call takes long; `sooner` is called when it begins.
    """

    def __init__(self, maps: Maps, routing: Routing) -> None:
        """Fill empty maps; what comes in passes up until `enabled` is set."""
        self.sooner: Callable[[], None] = lambda: None
        self.left: Counter[str] = Counter()
        """How often a channel was left to us, by reason."""
        self._total = Carried()
        self._maps = maps
        self._control = maps.control
        self._routing = routing
        self._ledger = Ledger(maps.ledger)
        self._accounts: dict[Allocation, Account] = {}
        self._flows: dict[Channel, Flow] = {}
        self._by_key: dict[bytes, Flow] = {}
        self._allowing: Turns[Account] = Turns(lambda account: bool(account.channels))
        self._expiring: Turns[Flow] = Turns(lambda flow: flow.channel.flow is flow)
        self._rerouting = Rerouting(routing.has_changed)
        self._is_open = True

    def __len__(self) -> int:
        """Return how many channels are carried."""
        return len(self._flows)

    @property
    def enabled(self) -> bool:
        """Whether the kernel relays; it is told of channels all the same."""
        return bool(self._control[ENABLED])

    @enabled.setter
    def enabled(self, enabled: bool) -> None:
        self._control[ENABLED] = int(enabled and self._is_open)

    @property
    def carried(self) -> Carried:
        """Return what the kernel has carried until now."""
        for account in self._accounts.values():
            account.settle()
        return self._total

    def passed_up(self) -> dict[str, int]:
        """Return how many packets the kernel has left to us, by reason."""
        words = self._control
        return {name: words[at] for at, name in enumerate(REASONS, ENABLED + 1)}

    # The port ------------------------------------------------------------------------------

    def put(self, channel: Channel, until: float, now: float) -> None:
        """Carry a channel's data until then, by the path its client has now; if that can be."""
        if not self._is_open:
            return
        flow = channel.flow
        if flow is not None and flow.plan.stands(channel, self._routing, now):
            if 0.0 <= until - flow.until < SHORT:
                return
        else:
            flow = self._take_up(channel, now)
            if isinstance(flow, str):
                self._leave(channel, flow)
                return
        flow.until = until
        expires = EXPIRES.pack(int(min(until * 1e9, FOR_EVER)))
        update, keys, rests = flow.table.update, flow.plan.keys, flow.rests
        if not (update(keys[0], expires + rests[0]) and update(keys[1], expires + rests[1])):
            self._leave(channel, TABLE_FULL)

    def drop(self, channel: Channel) -> None:
        """Carry a channel's data no more."""
        flow = channel.flow
        if flow is not None:
            self._remove(flow)
            self._close_if_idle(channel.relay.allocation)

    def settle(self, allocation: Allocation) -> None:
        """Count what was carried since the last time."""
        account = self._accounts.get(allocation)
        if account is not None:
            account.settle()

    def release(self, allocation: Allocation) -> None:
        """Carry nothing for an allocation any more, and count the last."""
        account = self._accounts.get(allocation)
        if account is not None:
            for channel in list(account.channels):
                self.drop(channel)

    def spent(self, allocation: Allocation, now: float) -> None:
        """A packet of a carried channel came to us: its octets may be used up.

        This counts nothing: loops that count themselves call it.
        """
        account = self._accounts.get(allocation)
        if account is not None:
            account.spent(now)

    # The machine ---------------------------------------------------------------------------

    def wake_at(self) -> float | None:
        """When something wants to be looked at again."""
        parts = self._allowing, self._expiring, self._rerouting
        return min((each.next for each in parts if each.next is not None), default=None)

    def wake(self, now: float) -> None:
        """Allow more, forget what has expired, and follow routes that have moved."""
        self._ledger.rest(now)
        for flow in self._expiring.take(now):
            if flow.until <= now:
                self.drop(flow.channel)
        for account in self._allowing.take(now):
            account.second(now)
        for channel in self._rerouting.take(self._flows, now):
            self._reroute(channel, now)
        if not self._flows:
            self._rerouting.end()

    def close(self) -> None:
        """Carry nothing any more, and count the last; nothing is put after that."""
        for channel in list(self._flows):
            self.drop(channel)
        if self._is_open:
            self._is_open = False
            self.enabled = False
            # The maps go, and while the daemon says farewell it is asked how it is.
            self._control = memoryview(bytearray(self._control.tobytes())).cast("Q")

    # Inside --------------------------------------------------------------------------------

    def _take_up(self, channel: Channel, now: float) -> Flow | str:
        """Plan a flow anew, and take the place of the one before; or say why there is none."""
        found = plan(channel, self._routing, now)
        if isinstance(found, str):
            return found
        account = self._account(channel.relay.allocation, now)
        if account is None:
            return LEDGER_FULL
        if channel.flow is not None:
            # Its account is kept, also when this was the only one.
            self._remove(channel.flow, but_for=found.keys)
        table = self._maps.flows6 if found.is_ipv6 else self._maps.flows4
        flow = Flow(channel, account, found, table)
        channel.flow = self._flows[channel] = flow
        account.channels.add(channel)
        self._expiring.add(flow, now)
        for key in found.keys:
            other = self._by_key.get(key)
            if other is not None:
                # Whoever had these addresses before has gone without a word.
                self.drop(other.channel)
            self._by_key[key] = flow
        return flow

    def _reroute(self, channel: Channel, now: float) -> None:
        flow = channel.flow
        if flow is None:
            return
        if flow.until <= now:
            self.drop(channel)
        else:
            self.put(channel, flow.until, now)

    def _account(self, allocation: Allocation, now: float) -> Account | None:
        account = self._accounts.get(allocation)
        if account is not None:
            return account
        slot = self._ledger.take(now)
        if slot is None:
            return None
        account = Account(self._ledger.words, slot, allocation, self._total, now)
        self._accounts[allocation] = account
        was_asleep = self.wake_at() is None
        self._allowing.add(account, now)
        self._rerouting.begin(now)
        if was_asleep:
            self.sooner()
        return account

    def _close_if_idle(self, allocation: Allocation) -> None:
        account = self._accounts.get(allocation)
        if account is not None and not account.channels:
            del self._accounts[allocation]
            account.close()
            self._ledger.give_back(account.slot)

    def _leave(self, channel: Channel, reason: str) -> None:
        self.left[reason] += 1
        self.drop(channel)

    def _remove(self, flow: Flow, but_for: Sequence[bytes] = ()) -> None:
        """Remove a flow; entries that are about to be replaced stay, so that no packet misses."""
        channel = flow.channel
        channel.flow = None
        del self._flows[channel]
        flow.account.channels.remove(channel)
        for key in flow.plan.keys:
            del self._by_key[key]
            if key not in but_for:
                flow.table.delete(key)

"""What the push pipeline is told and given."""

from collections.abc import Callable

from attrs import field, frozen

from procall_mobility.gateway.push.book import PushBook, silent_book
from procall_mobility.gateway.push.entrance import EntranceRules
from procall_mobility.gateway.push.gathering import Soon, at_once
from procall_mobility.gateway.push.lane.retry import Dice
from procall_mobility.gateway.push.lane.rules import LaneRules
from procall_mobility.gateway.push.lane_table import TableRules
from procall_mobility.gateway.push.ports import PushStore
from procall_mobility.gateway.push.quota import PushShare
from procall_mobility.gateway.push.routes import Presence, Routes
from procall_mobility.gateway.push.sessions import SessionRules


@frozen(kw_only=True)
class PushRules:
    """Of the pipeline."""

    lane: LaneRules = field(factory=LaneRules)
    table: TableRules = field(factory=TableRules)
    entrance: EntranceRules = field(factory=EntranceRules)
    sessions: SessionRules = field(factory=SessionRules)
    drain_within: float = 10.0
    """Seconds a stop waits for the answers to what is in flight: whatever comes later is sent
    again after the start, as a duplicate with the same id."""


@frozen(kw_only=True)
class PushPorts:
    """What it meets."""

    store: PushStore
    routes: Routes
    presence: Presence
    share_of: Callable[[str], PushShare]
    """By customer."""
    wall_clock: Callable[[], float]
    """Unix seconds."""
    clock: Callable[[], float]
    """The clock of `now`, for what the store and sessions answer later."""
    dice: Dice
    key: bytes = field(repr=False)
    """Of this process, from chance: devices are known by digests nobody else can make."""
    stirred: Callable[[], None]
    """Is called after every input: there may be outputs, and an earlier time to be woken."""
    soon: Soon = at_once
    """What follows from answers, and from what was written, is done when all of a turn are in."""
    book: PushBook = field(factory=silent_book)
    """The access book."""

"""A pipeline among everything that customers, providers, disks, crashes and clocks can do."""

from collections import Counter

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from procall_mobility.gateway.push.lane.health import HealthRules
from procall_mobility.gateway.push.lane.outbox import OutboxRules
from procall_mobility.gateway.push.lane.outputs import RefreshCredential, SendPush
from procall_mobility.gateway.push.lane.rules import LaneRules
from procall_mobility.gateway.push.lane_table import TableRules
from procall_mobility.gateway.push.ports import QueuedPush
from procall_mobility.gateway.push.quota import PushShare
from procall_mobility.gateway.push.receipts import Receipt
from procall_mobility.gateway.push.rules import PushRules
from procall_mobility.gateway.push.waiting import device_of
from procall_mobility.protocols.push.notification import Urgency
from procall_mobility.protocols.push.outcomes import (
    CredentialStale,
    Delivered,
    LaneRefused,
    Later,
    Outcome,
    Refused,
    Scope,
    TokenDead,
    WrongEnvironment,
)
from tests.gateway.push.fakes import KEY, push
from tests.gateway.push.house import PushHouse
from tests.gateway.push.places import Places

STANDING = ("apns", "another-apns", "sandbox", "fcm")
LANES = (*STANDING, "web@t", "web@u")
OUTCOMES: list[Outcome] = [
    Delivered(),
    Delivered(),
    Refused(reason="bad"),
    TokenDead(reason="gone"),
    TokenDead(reason="topic", is_suspicious=True),
    WrongEnvironment(reason="environment"),
    Later(reason="busy"),
    Later(reason="busy", after=7.0),
    Later(reason="moment", at_once=True),
    Later(reason="device", scope=Scope.TOKEN, at_least=60.0),
    Later(reason="quota", scope=Scope.LANE, at_least=20.0),
    CredentialStale(reason="stale"),
    LaneRefused(reason="key"),
]
ENDS = (Delivered, Refused, TokenDead)
LONGEST = 7200.0
"""Seconds any push here lives."""


class Life(RuleBasedStateMachine):
    """A pipeline among everything that can go wrong."""

    def __init__(self) -> None:
        super().__init__()
        self.house = PushHouse(
            apps=Places({"phone": "apns", "pad": "fcm"}, {"phone": "sandbox"}),
            rules=PushRules(
                lane=LaneRules(health=HealthRules(), outbox=OutboxRules(held=3000)),
                table=TableRules(most=2, most_of_one=2, idle_for=30.0),
            ),
            shares={"small": PushShare(queued=3, burst=20.0, rate=1.0)},
            commits=False,
        )
        self.house.pipeline.start(0.0)
        self.house.opens(2, *STANDING)
        self.number = 0
        self.made: dict[str, QueuedPush] = {}
        self.heard: dict[str, Receipt] = {}
        self.flying: dict[str, SendPush] = {}
        self.done: set[str] = set()
        """Ids a provider has decided on in this run."""
        self.again: Counter[str] = Counter()
        """How often a crash has taken the note of an ending."""
        self.dies_at: dict[str, float] = {}
        self.streams: dict[str, int] = {}

    def looks(self) -> None:
        """Take what was sent; a push flies once at a time, and never after its end."""
        for each in self.house.taken():
            name = each.push.id
            assert name not in self.flying, "sent twice at a time"
            assert name not in self.done, "sent after its end"
            sent_at = self.house.sent_at[name]
            # Unix seconds of these years have a resolution of a quarter of a microsecond.
            late = sent_at - self.dies_at.get(name, float("inf"))
            assert late < 1e-6, f"sent {late} s too late"
            original = self.made[name]
            assert each.push.notification.content == original.notification.content
            assert each.push.customer == original.customer
            self.flying[name] = each
        for lane in self.house.pipeline.lanes.values():
            mine = [each for each in self.flying.values() if each.lane == lane.name]
            assert lane.in_flight == len(mine)

    # Customers ----------------------------------------------------------------------------

    @rule(
        data=st.data(),
        count=st.integers(1, 4),
        wait=st.sampled_from([0.0, 2.0]),
        app=st.sampled_from(["phone", "pad", "web", "?"]),
        customer=st.sampled_from(["acme", "other", "small"]),
    )
    def pushes_come(
        self, data: st.DataObject, count: int, wait: float, app: str, customer: str
    ) -> None:
        made = []
        for _ in range(count):
            self.number += 1
            urgency = data.draw(st.sampled_from(Urgency))
            unix = self.house.unix()
            each = push(
                self.number,
                urgency,
                customer=customer,
                app=app,
                token=data.draw(st.sampled_from(["t", "u", None])),
                collapse=data.draw(st.sampled_from([None, None, "k"])),
                ttl=data.draw(st.sampled_from([0.0, 3.0, 50.0, 600.0, LONGEST])),
                unix=unix,
                not_before=unix + data.draw(st.sampled_from([0.0, 0.0, 5.0])),
                content="x" * data.draw(st.sampled_from([1, 1500])),
            )
            made.append(each)
            self.made[each.id] = each
            longest = 60.0 if urgency is Urgency.CALL else LONGEST
            life = min(each.notification.expires - unix, longest)
            self.dies_at[each.id] = self.house.now + life

        def hear(receipts: list[Receipt]) -> None:
            assert [each.id for each in receipts] == [each.id for each in made]
            for receipt in receipts:
                assert receipt.id not in self.heard, "told twice"
                self.heard[receipt.id] = receipt

        self.house.pipeline.accept(made, hear, self.house.now, wait=wait)
        if data.draw(st.sampled_from([True, True, False])):
            self.house.store.broken = False
            self.house.store.commit()
        self.looks()

    # Providers ----------------------------------------------------------------------------

    @rule(lane=st.sampled_from(LANES), streams=st.sampled_from([0, 1, 2, 100]))
    def connections_come_and_go(self, lane: str, streams: int) -> None:
        if lane in STANDING or lane in self.house.pipeline.lanes:
            self.house.pipeline.offers(lane, streams, self.house.now)
        self.looks()

    @rule(is_there=st.booleans())
    def places_are_reached_or_not(self, is_there: bool) -> None:
        apps = self.house.apps
        assert isinstance(apps, Places)
        apps.families = {"web"} if is_there else set()
        self.house.pipeline.routes_changed(self.house.now)
        self.looks()

    @precondition(lambda self: self.flying)
    @rule(data=st.data(), outcome=st.sampled_from(OUTCOMES), connection=st.sampled_from([None, 1]))
    def a_provider_answers(
        self, data: st.DataObject, outcome: Outcome, connection: int | None
    ) -> None:
        name = data.draw(st.sampled_from(sorted(self.flying)))
        each = self.flying.pop(name)
        if isinstance(outcome, ENDS):
            self.done.add(name)
        self.house.pipeline.answered(each.lane, name, outcome, self.house.now, connection)
        self.looks()
        if data.draw(st.booleans()):
            again = name in self.flying
            if not again:  # A late second answer.
                self.house.pipeline.answered(each.lane, name, Delivered(), self.house.now)

    @precondition(lambda self: self.flying)
    @rule(data=st.data(), was_processed=st.sampled_from([False, None]))
    def no_answer_comes(self, data: st.DataObject, was_processed: bool | None) -> None:
        name = data.draw(st.sampled_from(sorted(self.flying)))
        self.house.says_nothing(self.flying.pop(name), was_processed=was_processed)
        self.looks()

    @precondition(lambda self: self.flying)
    @rule(was_processed=st.sampled_from([False, None]))
    def a_connection_takes_all_with_it(self, was_processed: bool | None) -> None:
        lost, self.flying = self.flying, {}
        for each in lost.values():
            self.house.pipeline.offers(each.lane, 0, self.house.now)
            self.house.says_nothing(each, was_processed=was_processed, connection=5)
        self.looks()

    @rule(lane=st.sampled_from(LANES), is_well=st.booleans())
    def a_credential_is_fetched(self, lane: str, is_well: bool) -> None:
        asked = [each for each in self.house.told(RefreshCredential) if each.lane == lane]
        if asked:
            self.house.news.remove(asked[0])
        if is_well and (lane in STANDING or lane in self.house.pipeline.lanes):
            self.house.pipeline.credential_renewed(lane, self.house.now)
        elif asked:
            self.house.pipeline.credential_failed(lane, "none", self.house.now)
        self.looks()

    @rule(lane=st.sampled_from(["apns", "another-apns"]))
    def a_credential_is_replaced(self, lane: str) -> None:
        lanes = self.house.apps.lanes
        lanes["phone"] = lane
        self.house.pipeline.routes_changed(self.house.now)
        self.looks()

    # Devices ------------------------------------------------------------------------------

    @rule(token=st.sampled_from(["t", "u"]))
    def a_device_comes_or_goes(self, token: str) -> None:
        self.house.sessions.connected ^= {token}
        for app in self.house.apps.lanes:
            device = device_of("acme", app, token, KEY)
            self.house.pipeline.device_came(device, self.house.now)
        self.looks()

    @precondition(lambda self: self.house.sessions.offered)
    @rule(data=st.data(), is_taken=st.booleans())
    def a_session_answers(self, data: st.DataObject, is_taken: bool) -> None:
        offered = self.house.sessions.offered
        each, taken = offered.pop(data.draw(st.integers(0, len(offered) - 1)))
        taken(is_taken)
        if is_taken and each.id not in self.flying:
            self.done.add(each.id)
        self.looks()

    # The machine under us -----------------------------------------------------------------

    @rule(is_broken=st.sampled_from([False, False, False, True]))
    def the_store_writes(self, is_broken: bool) -> None:
        self.house.store.broken = is_broken
        self.house.store.commit()
        self.looks()

    @precondition(lambda self: self.house.pipeline.is_restored)
    @rule(unreadable=st.booleans())
    def the_store_can_be_read_or_not(self, unreadable: bool) -> None:
        self.house.store.unreadable = unreadable

    @rule(is_reached=st.booleans())
    def the_daemon_dies_and_starts_again(self, is_reached: bool) -> None:
        store = self.house.store
        known = {each.id for each in store.ended}
        for name in store.disk.queued:
            if name in known:
                # The note of its ending was lost: at least once, with the same id.
                self.again[name] = Counter(each.id for each in store.ended)[name]
        self.house.sessions.offered.clear()
        self.flying.clear()
        self.done.clear()
        self.dies_at.clear()
        self.house.restarts()
        if is_reached:
            self.house.opens(2, *STANDING)
        self.looks()

    @rule(seconds=st.sampled_from([0.01, 1.0, 5.0, 40.0, 200.0]))
    def time_passes(self, seconds: float) -> None:
        self.house.later(seconds)
        self.looks()

    @rule(seconds=st.sampled_from([-100.0, 100.0]))
    def the_wall_clock_is_set(self, seconds: float) -> None:
        self.house.wall += seconds

"""Makes the push gateway known to customers' links and devices' sessions, and them to it."""

from attrs import define, field

from procall_mobility.gateway.gateway import Gateway
from procall_mobility.gateway.own_calls import OwnCalls
from procall_mobility.gateway.push.desks.feedback_feed import FeedbackFeed
from procall_mobility.gateway.push.desks.link_desk import PushLinkDesk
from procall_mobility.gateway.push.desks.orders import PushOrders
from procall_mobility.gateway.push.pipeline import PushPipeline
from procall_mobility.gateway.push.presence import SessionPresence
from procall_mobility.gateway.push.trace import Stage
from procall_mobility.storage.push_store import DurablePushStore
from procall_mobility.transports.pump import Now


@define(eq=False, kw_only=True)
class PushNeighbours:
    """The house around the push gateway."""

    gateway: Gateway
    own: OwnCalls
    key: bytes = field(repr=False)
    """Of this node: devices are known by digests nobody else can make, and stay the same in its
    log books whenever it was started."""
    largest: int
    """Octets of an order over a link."""
    now: Now
    presence: SessionPresence = field(init=False)
    _pipeline: PushPipeline = field(init=False)
    _desk: PushLinkDesk = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.presence = SessionPresence(
            call=self.gateway.relay.call_client,
            key=self.key,
            came=self._came,
            answered=self._answered,
        )

    def meet(self, orders: PushOrders, pipeline: PushPipeline, store: DurablePushStore) -> None:
        """Take orders over links, tell there of dead tokens, and take in what sessions say."""
        gateway, self._pipeline = self.gateway, pipeline
        feed = FeedbackFeed(store, gateway.calls, gateway.alarms)
        gateway.links.left = feed.left
        store.feedback_grew = lambda ucsid: feed.news(ucsid, self.now())
        gateway.sessions.watch = self.presence
        self.presence.offers(self.own)
        self._desk = PushLinkDesk(
            orders=orders, feed=feed, answered=self._answered, largest=self.largest
        )
        self._desk.offers(self.own)

    def change(self, *, largest: int) -> None:
        """Take orders of so many octets from now on."""
        self.largest = self._desk.largest = largest

    def _came(self, device: bytes, now: float) -> None:
        self._pipeline.device_came(device, now)

    def _answered(self, ucsid: str, push: str, now: float) -> None:
        self._pipeline.traces.step(ucsid, push, Stage.CALL_ANSWERED, now)

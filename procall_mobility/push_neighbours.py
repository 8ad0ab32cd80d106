"""Makes the push gateway known to customers' links, which have pushes sent by it."""

from attrs import frozen

from procall_mobility.gateway.gateway import Gateway
from procall_mobility.gateway.own_calls import OwnCalls
from procall_mobility.gateway.push_feedback_feed import FeedbackFeed
from procall_mobility.gateway.push_link_desk import PushLinkDesk
from procall_mobility.gateway.push_orders import PushOrders
from procall_mobility.gateway.push_pipeline import PushPipeline
from procall_mobility.gateway.push_trace import Stage
from procall_mobility.storage.push_store import DurablePushStore
from procall_mobility.transports.pump import Now


@frozen(kw_only=True)
class PushNeighbours:
    """What the push gateway needs of the house around it."""

    gateway: Gateway
    own: OwnCalls
    largest: int
    """Octets of an order over a link."""
    now: Now

    def meet(self, orders: PushOrders, pipeline: PushPipeline, store: DurablePushStore) -> None:
        """Take orders over links, and tell there of dead tokens."""
        gateway = self.gateway
        feed = FeedbackFeed(store, gateway.calls, gateway.alarms)
        gateway.links.left = feed.left
        store.feedback_grew = lambda ucsid: feed.news(ucsid, self.now())

        def answered(ucsid: str, push: str, now: float) -> None:
            pipeline.traces.step(ucsid, push, Stage.CALL_ANSWERED, now)

        PushLinkDesk(orders=orders, feed=feed, answered=answered, largest=self.largest).offers(
            self.own
        )

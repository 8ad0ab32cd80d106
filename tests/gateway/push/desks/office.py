"""A customer's link with the desk for pushes behind it."""

import itertools
from typing import Any

from attrs import define, field

from procall_mobility.gateway.push.applications.apps import PushApps
from procall_mobility.gateway.push.desks.feedback_feed import FeedbackFeed
from procall_mobility.gateway.push.desks.link_desk import PushLinkDesk
from procall_mobility.gateway.push.desks.orders import PushOrders
from procall_mobility.protocols.rose.messages import Error, Invoke, JsonValue, Result
from tests.gateway.fakes import FakeLinkWire, House
from tests.gateway.push.house import PushHouse
from tests.gateway.push.some_applications import app

ID = "5f0c2f6e-9a3b-4d1e-8f00-1234567890ab"
LANE = "apns:all:False"
CHAT: dict[str, Any] = {
    "id": ID,
    "channel": "ios.example",
    "token": "c0ffee" * 8,
    "kind": "chat",
    "payload": {"enc": "aes128", "data": "AAEC"},
}


@define(eq=False)
class Office:
    """A customer's server at its link, and the push gateway behind it."""

    home: House = field(factory=House)
    pushes: PushHouse = field(init=False)
    wire: FakeLinkWire = field(init=False)
    answered: list[tuple[str, str, float]] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        apps = PushApps()
        apps.replace([app(None, False)])
        self.pushes = PushHouse(apps=apps)  # type: ignore[arg-type]
        self.pushes.opens(10, LANE)
        numbers = itertools.count(1)
        PushLinkDesk(
            orders=PushOrders(
                apps=apps,
                pipeline=self.pushes.pipeline,
                store=self.pushes.store,
                wall_clock=self.pushes.unix,
                new_id=lambda: f"{next(numbers):08x}-0000-7000-8000-000000000000",
            ),
            feed=FeedbackFeed(
                self.pushes.store, self.home.gateway.calls, self.home.gateway.alarms
            ),
            answered=lambda *told: self.answered.append(told),
            largest=2000,
        ).offers(self.home.own)
        self.wire = self.home.registers()

    def asks(self, operation: str, told: Any, number: int = 7) -> list[Any]:
        """Call; return the answers there are by now."""
        invoke = Invoke(number, 0, operation, JsonValue.of(told))
        self.home.gateway.link_invoked(self.wire, invoke, self.pushes.now)
        self.pushes.run()
        return self.answers()

    def answers(self) -> list[Any]:
        said = [
            (each.result if isinstance(each, Result) else each.error).value()  # type: ignore[union-attr]
            for each in self.wire.answers
        ]
        self.wire.answers.clear()
        return said

    def refused(self, operation: str, told: Any) -> tuple[int, str]:
        """The status and the reason code of a refusal."""
        invoke = Invoke(7, 0, operation, JsonValue.of(told))
        self.home.gateway.link_invoked(self.wire, invoke, self.pushes.now)
        (answer,) = self.wire.answers
        assert isinstance(answer, Error)
        self.wire.answers.clear()
        value = answer.error.value()  # type: ignore[union-attr]
        return value["iErrorDetail"], value["u8sErrorString"].partition(":")[0]

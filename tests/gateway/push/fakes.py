"""Pushes, and the applications and sessions they may find."""

from collections.abc import Iterable
from typing import Any

from attrs import define, field

from procall_mobility.gateway.push.ports import QueuedPush
from procall_mobility.gateway.push.waiting import device_of
from procall_mobility.protocols.push.notification import Notification, Urgency
from tests.gateway.push.memory import Durable

UNIX = 1_800_000_000.0
KEY = b"key of this process"


def push(
    number: int = 1,
    urgency: Urgency = Urgency.ALERT,
    *,
    customer: str = "acme",
    app: str = "phone",
    token: str | None = None,
    ttl: float = 3600.0,
    collapse: str | None = None,
    unix: float = UNIX,
    content: str = "sealed",
    **members: Any,
) -> QueuedPush:
    """One push; its id grows with its number, as UUIDs of version 7 do with time."""
    return QueuedPush(
        customer=customer,
        app=app,
        notification=Notification(
            id=f"{number:08x}-0000-7000-8000-000000000000",
            kind="chat",
            token=token or f"token-{number}",
            urgency=urgency,
            expires=unix + ttl,
            collapse=collapse,
            content={"data": content},
        ),
        accepted=unix,
        **{"not_before": unix, **members},
    )


def call(number: int = 1, **members: Any) -> QueuedPush:
    return push(number, Urgency.CALL, **{"ttl": 30.0, **members})


@define
class Apps:
    """The port `Routes`: applications to lanes, and to those of the other environment."""

    lanes: dict[str, str] = field(factory=lambda: {"phone": "apns"})
    others: dict[str, str] = field(factory=dict)
    off: set[str] = field(factory=set)
    """Customers that are switched off."""
    gone: set[str] = field(factory=set)
    """Those that were removed before the start."""

    def lane(self, push: QueuedPush) -> str | None:
        if push.customer in self.off:
            return f"off:{push.customer}"
        return (self.others if push.sandbox else self.lanes).get(push.app)

    def standing(self) -> set[str]:
        return {*self.lanes.values(), *self.others.values()}

    def serves(self, lane: str) -> bool:
        return lane in self.standing() or lane.removeprefix("off:") in self.off

    def knows(self, customer: str) -> bool:
        return customer not in self.gone

    def is_off(self, customer: str) -> bool:
        return customer in self.off

    def is_rest(self, lane: str) -> bool:
        return lane.startswith("off:")


@define
class Sessions:
    """The port `Presence`: tokens of acme's phones that are connected."""

    connected: set[str] = field(factory=set)
    offered: list[tuple[QueuedPush, Durable]] = field(factory=list)
    deaf: bool = False
    """Whether nobody can be given anything, though it was there a moment ago."""

    def knows(self, device: bytes) -> bool:
        return device in {device_of("acme", "phone", each, KEY) for each in self.connected}

    def offer(self, device: bytes, push: QueuedPush, taken: Durable, now: float) -> bool:
        if self.deaf or not self.knows(device):
            return False
        self.offered.append((push, taken))
        return True


def numbers(pushes: Iterable[QueuedPush]) -> list[int]:
    return [int(each.id[:8], 16) for each in pushes]

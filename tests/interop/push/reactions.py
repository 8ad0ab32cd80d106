"""What the design says of a row, each as something that shows itself to the outside.

A reaction is checked with one push whose provider answers in the row, and others beside it.
"""

import itertools
from collections.abc import Callable
from typing import Any

from attrs import field, frozen

from tests.interop.push.gateway_here import Clocks, Here
from tests.interop.push.town import message

PROBED_AFTER = 180.0
"""Seconds until a suspended lane tries again."""
MOMENT = 0.5
"""Seconds by which time is too early, and then late enough; it moves only when it is skipped."""


@frozen(kw_only=True)
class Row:
    """A provider's answer: a row of its simulator's table, or one in full."""

    provider: str
    """The simulator."""
    channel: str
    lane: str
    """How the lane's name begins."""
    tokens: Callable[[int], str] = field(repr=False)
    """Makes tokens that have the provider's form."""
    answer: str | dict[str, Any]
    headers: dict[str, str] = field(factory=dict)
    known_as: Callable[[str], str] = field(default=str, repr=False)
    """What the simulator calls the device of a token."""
    clocks: Callable[[], Clocks] = field(default=Clocks, repr=False)


class Scene:
    """One test: a gateway, and the devices."""

    def __init__(self, here: Here, row: Row) -> None:
        self.here = here
        self.row = row
        self._tokens = map(row.tokens, itertools.count(1))
        self.token = next(self._tokens)

    def says(self, times: int | None) -> None:
        """Have the provider answer in the row, so often, when the token is pushed to."""
        device = self.row.known_as(self.token)
        said = {"provider": self.row.provider, "token": device, "answer": self.row.answer}
        more = {"headers": self.row.headers} if self.row.headers else {}
        self.here.providers.ask("script", {**said, "times": times, **more})

    def pushes(self, token: str | None = None, kind: str = "chat", **more: Any) -> dict[str, Any]:
        made = message(self.row.channel, token or self.token, kind, **more)
        (told,) = self.here.posts(made)
        assert told["status"] in ("queued", "sent"), told
        return made

    def elsewhere(self) -> dict[str, Any]:
        """Push to another device."""
        return self.pushes(next(self._tokens))

    def answered(self, times: int = 1) -> None:
        """Wait until so many requests of the lane were answered."""
        lane = self.lane
        self.here.run(lambda: lane()["requests"] >= times and not lane()["in_flight"])

    def lane(self) -> dict[str, Any]:
        return self.here.lane(self.row.lane)

    def status(self, push: dict[str, Any]) -> str:
        status: str = self.here.became(push)["status"]
        return status

    def sent(self, *pushes: dict[str, Any]) -> None:
        """Wait until pushes have gone through."""
        self.here.run(lambda: all(self.status(each) == "sent" for each in pushes))

    def wait(self, *pushes: dict[str, Any]) -> None:
        """See that pushes are kept, and not sent; nor is one on its way."""
        self.here.rest()
        assert {self.status(each) for each in pushes} == {"queued"}
        assert not self.lane()["in_flight"]

    def connected(self, count: int) -> None:
        """Wait until so many connections of the lane are open and free.

        That is for Apple, where each has room for one push until its first has gone through.
        """
        client = self.here.gateway.runner.client_of(self.lane()["lane"])
        assert client is not None
        self.here.run(lambda: client.capacity >= count)
        assert client.capacity == count

    def count(self, push: dict[str, Any]) -> int:
        """Return how often a push has arrived; every time with the same id."""
        return len(self.here.arrivals(push))


@frozen
class Sent:
    """It has gone through."""

    def check(self, scene: Scene) -> None:
        scene.says(None)
        push = scene.pushes()
        scene.sent(push)
        assert scene.count(push) == 1


@frozen
class Dead:
    """The token is a tombstone, and in the feedback; others go on."""

    reason: str
    needs_living: bool = False
    """Whether another token has to live first."""

    def check(self, scene: Scene, requests: int = 1) -> None:
        if self.needs_living:
            scene.sent(scene.elsewhere())
        scene.says(None)
        push = scene.pushes()
        scene.here.run(lambda: scene.status(push) != "queued")
        assert scene.here.became(push) == {
            "id": push["id"], "status": "token_gone", "reason": self.reason
        }  # fmt: skip
        assert scene.count(push) == requests
        scene.here.run(scene.here.feedback)  # It is written with the next group.
        assert scene.here.feedback() == [(scene.token, self.reason)]
        (again,) = scene.here.posts(message(scene.row.channel, scene.token))
        assert (again["status"], again["reason"]) == ("token_gone", "token-dead")
        scene.sent(scene.elsewhere())


@frozen
class Refused:
    """This push will never go through; its token is as good as before."""

    reason: str

    def check(self, scene: Scene) -> None:
        scene.says(1)
        push = scene.pushes()
        scene.here.run(lambda: scene.status(push) != "queued")
        assert scene.here.became(push) == {
            "id": push["id"], "status": "rejected", "reason": self.reason
        }  # fmt: skip
        scene.sent(scene.pushes())
        assert scene.count(push) == 1
        assert scene.here.feedback() == []
        assert scene.lane()["trouble"] is None


@frozen
class AtOnce:
    """It goes again without delay."""

    def check(self, scene: Scene) -> None:
        scene.says(1)
        push = scene.pushes()
        scene.sent(push)
        assert scene.count(push) == 2
        assert scene.here.feedback() == []


@frozen(kw_only=True)
class Later:
    """It goes again after some seconds, with the same id; what else has to wait is the scope."""

    least: float
    most: float
    scope: str = "push"

    def check(self, scene: Scene) -> None:
        scene.says(1)
        push = scene.pushes()
        scene.answered()
        same, other = scene.pushes(), scene.elsewhere()
        held = {"push": [push], "token": [push, same], "lane": [push, same, other]}[self.scope]
        free = [each for each in (same, other) if each not in held]
        scene.sent(*free)
        if self.least:
            scene.here.skip(self.least - MOMENT)
            scene.wait(*held)
            assert scene.count(push) == 1
        scene.here.skip(self.most - self.least + 2 * MOMENT)
        scene.sent(push, same, other)
        assert scene.count(push) == 2
        assert scene.here.feedback() == []


@frozen
class Suspended:
    """The lane stands still and says why; all is kept, and a probe minutes later frees it."""

    reason: str

    def check(self, scene: Scene) -> None:
        scene.says(1)
        push = scene.pushes()
        self.holds(scene, push)

    def holds(self, scene: Scene, push: dict[str, Any], requests: int = 1) -> None:
        scene.here.run(lambda: scene.lane()["trouble"] is not None)
        assert scene.lane()["trouble"] == self.reason
        other = scene.elsewhere()
        scene.wait(push, other)
        scene.here.skip(PROBED_AFTER - MOMENT)
        scene.wait(push, other)
        assert scene.count(push) == requests
        scene.here.skip(2 * MOMENT)
        scene.sent(push, other)
        assert scene.lane()["trouble"] is None
        assert scene.count(push) == requests + 1
        assert scene.here.feedback() == []


@frozen
class Elsewhere:
    """The provider's other environment is tried, and remembered for the token."""

    other: str
    """Its simulator."""

    def check(self, scene: Scene) -> None:
        scene.says(None)
        push = scene.pushes()
        scene.sent(push)
        assert self._where(scene, push) == [scene.row.provider, self.other]
        again = scene.pushes()
        scene.sent(again)
        assert self._where(scene, again) == [self.other]
        assert scene.here.feedback() == []

    @staticmethod
    def _where(scene: Scene, push: dict[str, Any]) -> list[str]:
        return [each["provider"] for each in scene.here.arrivals(push)]


@frozen(kw_only=True)
class Renewed:
    """One fresh token of ours; when that is refused as well, the lane is suspended.

    A token too young to be the reason is not renewed at all.
    """

    reason: str
    age: float
    """Seconds after which a token is old enough."""

    def check(self, scene: Scene) -> None:
        """See that a fresh token helps."""
        push = self._refused(scene, self.age, times=1)
        scene.sent(push)
        shown = [dict(each["headers"])["authorization"] for each in scene.here.arrivals(push)]
        assert len(shown) == len(set(shown)) == 2
        assert scene.lane()["trouble"] is None

    def check_of_no_use(self, scene: Scene) -> None:
        """See what follows when the fresh one is refused as well."""
        push = self._refused(scene, self.age, times=2)
        Suspended(self.reason).holds(scene, push, requests=2)

    def check_of_young(self, scene: Scene) -> None:
        """See that a young token is not renewed."""
        push = self._refused(scene, 0.0, times=1)
        Suspended(self.reason).holds(scene, push)

    @staticmethod
    def _refused(scene: Scene, age: float, times: int) -> dict[str, Any]:
        # Some are made by the first push.
        scene.sent(scene.elsewhere())
        scene.here.skip(age)
        scene.says(times)
        return scene.pushes()


Reaction = Sent | Dead | Refused | AtOnce | Later | Suspended | Elsewhere | Renewed

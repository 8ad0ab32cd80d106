"""What operators may ask and do about pushes, over the admin socket."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, Protocol

from attrs import asdict, define, field
from twisted.internet.defer import Deferred
from twisted.internet.task import Cooperator

from procall_mobility.gateway.access import Device
from procall_mobility.gateway.push.pipeline import PushPipeline
from procall_mobility.gateway.push.ports import Feedback
from procall_mobility.gateway.push.tally import QueueTally
from procall_mobility.gateway.push.trace_facts import facts
from procall_mobility.operations.admin_socket import Verb
from procall_mobility.operations.rendering import Pseudonyms

COUNTED_AT_ONCE: Final = 1000
"""Pushes counted in one go, which takes a millisecond; then others have a turn."""

MOST_FEEDBACK: Final = 1000
"""Dead tokens told in one answer."""


NAMES: Final = ("push-trace", "push-queue", "push-retry", "push-feedback", "push-app-test")
"""What may be asked."""


class DeadTokens(Protocol):
    """Where dead tokens are remembered (`storage`)."""

    def feedback_of_all(
        self, customer: str | None, after: int, most: int
    ) -> list[tuple[str, Feedback]]:
        """Return dead tokens with numbers after one of them, and whose each was."""


@define(eq=False, kw_only=True)
class PushVerbs:
    """Answers; no token is in any of it."""

    pipeline: PushPipeline
    dead: DeadTokens
    names: Pseudonyms
    device_of: Callable[[str, str, str], bytes] = field(repr=False)
    """Returns the digest of a device, by customer, application and token."""
    trouble_of: Callable[[str], str | None]
    """Why a lane carries nothing now; None of one that does."""
    app_test: Verb
    """Tries an application's credential."""
    hurry: Callable[[Iterable[str]], None]
    """Has lanes wait no longer with attempts to connect."""
    clock: Callable[[], float] = field(repr=False)
    cooperator: Cooperator = field(repr=False)

    def verbs(self) -> Mapping[str, Verb]:
        """Return what answers which question."""
        answers = (self.trace, self.queue, self.retry, self.feedback, self.app_test)
        return dict(zip(NAMES, answers, strict=True))

    def trace(self, question: dict[str, Any]) -> dict[str, Any]:
        """Tell what has happened to the push of a call."""
        push = _text(question, "id") or ""
        trace = self.pipeline.traces.find(push.lower())
        if trace is None:
            text = "there is no trace of this push: only calls have one, for an hour"
            raise ValueError(text)
        return facts(trace, self._name_of, for_operator=True)

    def queue(self, question: dict[str, Any]) -> "Deferred[dict[str, Any]]":
        """Tell what waits."""
        tally = QueueTally(_text(question, "lane"), _text(question, "customer"))
        pushes = self.pipeline.waiting_room.pushes()

        def count() -> Iterator[None]:
            for start in range(0, len(pushes), COUNTED_AT_ONCE):
                tally.count(pushes[start : start + COUNTED_AT_ONCE])
                yield

        def told(_: object) -> dict[str, Any]:
            rows = tally.rows(self.clock())
            troubles = {lane: self.trouble_of(lane) for lane in {row["lane"] for row in rows}}
            return {
                "restored": self.pipeline.is_restored,
                "queue": [row | {"trouble": troubles[row["lane"]]} for row in rows],
            }

        return self.cooperator.coiterate(count()).addCallback(told)

    def retry(self, question: dict[str, Any]) -> dict[str, Any]:
        """Make due now what waits, and let the provider be tried again."""
        push, room, now = _text(question, "id"), self.pipeline.waiting_room, self.clock()
        if push is not None:
            hurried = room.hurry_one(push.lower(), now)
        else:
            lane, customer = _text(question, "lane"), _text(question, "customer")
            hurried = room.hurry(now, lane=lane, customer=customer)
        self.hurry(hurried.lanes)
        return asdict(hurried)

    def feedback(self, question: dict[str, Any]) -> dict[str, Any]:
        """Tell which devices have tokens that are dead."""
        after = question.get("after", 0)
        if not isinstance(after, int) or isinstance(after, bool) or not 0 <= after < 2**63:
            raise ValueError("after: expected the number of the last one seen")
        found = self.dead.feedback_of_all(_text(question, "customer"), after, MOST_FEEDBACK)
        listed = [
            {
                "number": each.number,
                "customer": customer,
                "channel": each.app,
                "device": self._name_of(customer, self.device_of(customer, each.app, each.token)),
                "reason": each.reason,
                "at": round(each.at),
            }
            for customer, each in found
        ]
        return {"feedback": listed, "last": listed[-1]["number"] if listed else after}

    def _name_of(self, customer: str, device: bytes) -> str:
        return self.names.of_device(customer, Device(device))


def _text(question: dict[str, Any], name: str) -> str | None:
    value = question.get(name)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"{name}: expected text")
    return value

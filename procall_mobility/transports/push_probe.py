"""Tries the credential of an application for real, by the connections its pushes go by."""

from collections.abc import Callable
from typing import Any, Final

from attrs import asdict, define, field
from twisted.internet.defer import Deferred

from procall_mobility.gateway.push.applications.apps import PushApp
from procall_mobility.gateway.push.applications.carriers import Attempt
from procall_mobility.gateway.push.applications.verdicts import (
    MADE_UP,
    Verdict,
    check_push,
    of_made_up_token,
    of_push,
)
from procall_mobility.gateway.push.ports import NotReadable, QueuedPush, State
from procall_mobility.gateway.push.receipts import Receipt
from procall_mobility.protocols.push.exchange import NoAnswer, Result
from procall_mobility.protocols.push.unsayable import Unsayable
from procall_mobility.transports.push_runner import PushRunner

PATIENCE: Final = 10.0
"""Seconds for a provider's answer; a person waits for it."""

LOOKED_AFTER: Final = 0.25
"""Seconds between looks at what has become of a push."""


@define(eq=False, kw_only=True)
class PushProbe:
    """Answers `push app test`.  No token is in any answer."""

    runner: PushRunner
    wall_clock: Callable[[], float] = field(repr=False)
    new_id: Callable[[], str] = field(repr=False)

    def asked(self, question: dict[str, Any]) -> "Deferred[dict[str, Any]]":
        """Try an application: by a push to a token, or without one.

        Raises:
            ValueError: there is no such application, or it cannot be tried this way.
        """
        name, customer, token = (_text(question, each) for each in ("name", "customer", "token"))
        app = self.runner.apps.find(customer or "", name or "")
        if app is None:
            whose = f"of customer {customer}" if customer else "for all customers"
            raise ValueError(f"there is no application {name} {whose}")
        push = check_push(
            self.new_id(),
            customer=customer or "",
            app=app.name,
            token=token or MADE_UP,
            sandbox=True if question.get("sandbox") is True else None,
            is_voip=question.get("voip") is True,
            unix=self.wall_clock(),
        )
        verdict: Deferred[Verdict] = Deferred()
        lane = self._send(app, push, verdict) if token else self._try(app, push, verdict)
        about = {"channel": app.name, "customer": app.ucsid, "lane": lane}
        return verdict.addCallback(lambda found: about | asdict(found))

    # Without a token ----------------------------------------------------------------------

    def _try(self, app: PushApp, push: QueuedPush, verdict: "Deferred[Verdict]") -> str:
        """Ask the provider, past the queue: also where the lane is suspended."""
        way = app.first if push.sandbox is None else app.branches.get(True)
        if way is None:
            raise ValueError(f"{app.name} is not in its provider's sandbox")
        branch = way.standing
        if branch is None:
            text = "the tokens of this provider say whom to call: give one with --token-file"
            raise ValueError(text)
        lane, carrier = branch.lane, branch.carrier
        if carrier.destination is None:
            raise ValueError("its credential cannot be used; the service log says why")
        now = self.runner.household.now()
        request = carrier.request(push, now, self.wall_clock())
        if request is None:
            why = self.runner.trouble_of(lane)
            text = "no access token could be had with the credential, or none is there yet"
            verdict.callback(Verdict(is_good=False if why else None, text=text, reason=why))
            return lane

        def done(result: Result) -> None:
            if isinstance(result, NoAnswer):
                verdict.callback(_unanswered(result))
                return
            now, unix = self.runner.household.now(), self.wall_clock()
            attempt = Attempt(request, MADE_UP, has_moved=True, now=now, unix=unix)
            outcome = carrier.judge(attempt, result)
            verdict.callback(of_made_up_token(outcome, result.status))

        client = self.runner.client_of(lane)
        if client is None:
            verdict.callback(Verdict(is_good=None, text="there is no connection to the provider"))
        else:
            client.request(request, done, PATIENCE)
        return lane

    # With one -----------------------------------------------------------------------------

    def _send(self, app: PushApp, push: QueuedPush, verdict: "Deferred[Verdict]") -> str:
        """Have a push sent like any other."""
        branch = self.runner.apps.branch(push)
        if branch is None:
            raise ValueError(f"the token is none that {app.name} has, here or in its sandbox")
        try:
            branch.check(push.notification)
        except Unsayable as error:
            raise ValueError(f"{error.reason}: {error}") from None
        pipeline, until = self.runner.pipeline, self.runner.household.now() + PATIENCE

        def look(receipt: Receipt | None) -> None:
            is_over = self.runner.household.now() >= until
            if receipt is not None and (receipt.state is not State.QUEUED or is_over):
                verdict.callback(of_push(receipt, self.runner.trouble_of(branch.lane)))
            else:
                self.runner.household.reactor.callLater(LOOKED_AFTER, look_again)

        def look_again() -> None:
            try:
                receipt = pipeline.became(push.customer, push.id)
            except NotReadable:
                receipt = None
            look(receipt)

        now = self.runner.household.now()
        pipeline.accept([push], lambda receipts: look(receipts[0]), now)
        return branch.lane


def _unanswered(nothing: NoAnswer) -> Verdict:
    return Verdict(is_good=None, text="the provider did not answer", reason=nothing.why)


def _text(question: dict[str, Any], name: str) -> str | None:
    value = question.get(name)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"{name}: expected text")
    return value

"""Log-ons under way: each one a dialogue between a client's HTTP requests and its server."""

from collections.abc import Callable
from typing import assert_never

from attrs import define, evolve, field

from procall_mobility.gateway.access import AccessEntry, Event, User
from procall_mobility.gateway.alarms import Alarm, Alarms
from procall_mobility.gateway.apps import app_name
from procall_mobility.gateway.guesses import Guesser, Guesses, is_guess
from procall_mobility.gateway.links import Link
from procall_mobility.gateway.ports import AccessBook
from procall_mobility.gateway.reasons import Reason
from procall_mobility.gateway.rules import GatewayRules
from procall_mobility.gateway.server_calls import Answer, ServerCalls
from procall_mobility.protocols.rose.messages import Error, JsonValue, Result
from procall_mobility.protocols.ucclient import answers
from procall_mobility.protocols.ucclient.credentials import Basic
from procall_mobility.protocols.ucclient.http_answer import HttpAnswer
from procall_mobility.protocols.ucclient.intentions import DestroySession, LogOn
from procall_mobility.protocols.ucclient.login import Login, LoginRules
from procall_mobility.protocols.ucclient.outcomes import (
    Busy,
    Call,
    LoggedIn,
    NextStep,
    Outcome,
    Redirect,
    Refused,
    SessionMade,
)

DESTROY = "asnDestroyUserSession"
MOST_OFFERS = 10_000
"""Customers whose authentication schemes are remembered; entries are small."""

Reply = Callable[[HttpAnswer], None]
WhenIn = Callable[[LoggedIn, float], HttpAnswer | None]
"""Takes a logged-on user; returns the answer, or None when it will reply later by itself."""


@define(eq=False)
class _Dialogue:
    """One log-on under way."""

    link: Link
    machine: Login
    client: Guesser
    request: LogOn
    reply: Reply
    when_in: WhenIn
    session_id: str | None = field(default=None, repr=False)
    expiry: Alarm = field(factory=Alarm)
    over: bool = False


class LogOns:
    """Runs log-ons over links; bounded per customer, slowed down after failures."""

    def __init__(
        self, calls: ServerCalls, alarms: Alarms, rules: GatewayRules, book: AccessBook
    ) -> None:
        self._calls = calls
        self._alarms = alarms
        self._rules = rules
        self._book = book
        self._guesses = Guesses(rules)
        self._paused: dict[tuple[str, str, str], _Dialogue] = {}
        self._offers: dict[str, tuple[tuple[str, ...], float]] = {}

    def change(self, rules: GatewayRules) -> None:
        """Go by other rules from now on."""
        self._rules = rules
        self._guesses.change(rules)

    def begin(self, request: LogOn, link: Link, when_in: WhenIn, reply: Reply, now: float) -> None:
        """Log `request`'s user on over `link`, or go on with a log-on that waits for it."""
        client = _client_of(request, link)
        wait = self._guesses.wait(client, now)
        if wait > 0:
            self._note(client, request, Event.LOGIN_REFUSED, Reason.TOO_MANY_ATTEMPTS)
            reply(answers.too_many_attempts(int(wait) + 1, request.never_401))
            return
        waiting = self._paused.pop(request.handshake_key, None) if request.handshake_id else None
        if waiting is not None and waiting.link is link:
            self._continue(waiting, request, reply, now)
            return
        if waiting is not None:
            self._forget(waiting, now)  # Its link is lost, and with it the session at its end.
        if link.paused or link.logins >= self._rules.logins_per_customer:
            reason = Reason.SERVER_BUSY if link.paused else Reason.TOO_MANY_LOGINS
            self._note(client, request, Event.LOGIN_REFUSED, reason)
            reply(answers.busy(self._rules.retry_after))
            return
        if link.wire.speaks_ber:
            # The tag of optionalParams is not published (Wire 5.6).
            negotiation = evolve(request.negotiation, optional_params=None)
            request = evolve(request, negotiation=negotiation)
        link.logins += 1
        machine = Login(request, _rules_of(link), self._known_offer(link, now))
        dialogue = _Dialogue(link, machine, client, request, reply, when_in)
        machine.start()
        self._run(dialogue, now)

    def destroy(self, link: Link, session_id: str, now: float) -> None:
        """Have the server forget a session."""
        argument = JsonValue.of(
            {"_type": "AsnDestroyUserSessionArgument", "u8sSessionID": session_id}
        )
        self._calls.forget_answer(link, DESTROY, argument, now)

    def _continue(self, dialogue: _Dialogue, request: LogOn, reply: Reply, now: float) -> None:
        dialogue.expiry.cancel()
        dialogue.request, dialogue.reply = request, reply
        dialogue.machine.continue_with(request)
        self._run(dialogue, now)

    def _run(self, dialogue: _Dialogue, now: float) -> None:
        while outcomes := dialogue.machine.take():
            for outcome in outcomes:
                self._perform(dialogue, outcome, now)
        if dialogue.machine.is_over:
            self._finish(dialogue)

    def _perform(self, dialogue: _Dialogue, outcome: Outcome, now: float) -> None:
        match outcome:
            case Call(operation, argument, in_session):
                self._call(dialogue, operation, argument, in_session, now)
            case SessionMade(session_id):
                dialogue.session_id = session_id
            case DestroySession(session_id):
                self.destroy(dialogue.link, session_id, now)
            case LoggedIn():
                self._logged_in(dialogue, outcome, now)
            case Refused():
                self._refused(dialogue, outcome, now)
            case NextStep():
                self._pause(dialogue, outcome, now)
            case Redirect(url):
                dialogue.reply(answers.redirected(url, dialogue.request.json_redirect))
            case Busy(retry_after):
                self._note(
                    dialogue.client, dialogue.request, Event.LOGIN_REFUSED, Reason.SERVER_BUSY
                )
                dialogue.reply(answers.busy(retry_after))
            case _ as never:
                assert_never(never)

    def _call(
        self,
        dialogue: _Dialogue,
        operation: str,
        argument: JsonValue,
        in_session: bool,
        now: float,
    ) -> None:
        def answered(answer: Answer, later: float) -> None:
            match answer:
                case Result():
                    dialogue.machine.hears_result(answer)
                case Error():
                    dialogue.machine.hears_error(answer)
                case _:
                    dialogue.machine.hears_reject(answer)
            self._run(dialogue, later)

        def failed(reason: Reason, later: float) -> None:
            self._give_up(dialogue, reason, later)

        session_id = dialogue.session_id if in_session else None
        self._calls.make(
            dialogue.link,
            operation,
            argument,
            session_id,
            answered,
            failed,
            now,
            when_late=answered,  # A session made too late has to be destroyed.
        )

    def _logged_in(self, dialogue: _Dialogue, logged_in: LoggedIn, now: float) -> None:
        self._guesses.succeeded(dialogue.client, now)
        answer = dialogue.when_in(logged_in, now)
        if answer is not None:
            dialogue.reply(answer)

    def _refused(self, dialogue: _Dialogue, refused: Refused, now: float) -> None:
        schemes = dialogue.machine.schemes
        if schemes is not None and len(self._offers) < MOST_OFFERS:
            self._offers[dialogue.client.ucsid] = (schemes, now)
        if is_guess(refused):
            self._guesses.failed(dialogue.client, now)
        if refused.reason != "authentication-required":
            reason = _REASONS.get(refused.reason, Reason.LOGON_REFUSED)
            self._note(dialogue.client, dialogue.request, Event.LOGIN_REFUSED, reason)
        dialogue.reply(answers.refused(refused))

    def _pause(self, dialogue: _Dialogue, step: NextStep, now: float) -> None:
        request = dialogue.request
        if not request.handshake_id:
            # Without an id the next request cannot be told from a stranger's.
            dialogue.machine.abandon()
            dialogue.reply(answers.next_step(step, ""))
            return
        older = self._paused.pop(request.handshake_key, None)
        if older is not None:
            self._forget(older, now)
        self._paused[request.handshake_key] = dialogue

        def expired(later: float) -> None:
            del self._paused[request.handshake_key]
            self._forget(dialogue, later)

        dialogue.expiry = self._alarms.set(now + self._rules.handshake_timeout, expired)
        dialogue.reply(answers.next_step(step, request.handshake_id))

    def _forget(self, dialogue: _Dialogue, now: float) -> None:
        dialogue.expiry.cancel()
        dialogue.machine.abandon()
        self._run(dialogue, now)

    def _give_up(self, dialogue: _Dialogue, reason: Reason, now: float) -> None:
        dialogue.machine.abandon()
        self._note(dialogue.client, dialogue.request, Event.LOGIN_REFUSED, reason)
        dialogue.reply(failure_answer(reason, dialogue.client.ucsid, self._rules.retry_after))
        self._run(dialogue, now)
        self._finish(dialogue)

    def _finish(self, dialogue: _Dialogue) -> None:
        if not dialogue.over:
            dialogue.over = True
            dialogue.link.logins -= 1

    def _known_offer(self, link: Link, now: float) -> tuple[str, ...] | None:
        offer = self._offers.get(link.customer.ucsid)
        if offer is None:
            return None
        if now - offer[1] > self._rules.negotiation_cache:
            del self._offers[link.customer.ucsid]
            return None
        return offer[0]

    def _note(self, client: Guesser, request: LogOn, event: Event, reason: Reason) -> None:
        self._book.write(
            AccessEntry(
                event=event,
                customer=client.ucsid,
                client=client.address,
                app=app_name(request.app_id),
                user=User(client.user) if client.user else None,
                reason=reason,
            )
        )


_REASONS = {
    "logon-refused": Reason.LOGON_REFUSED,
    "query-password": Reason.QUERY_PASSWORD,
    "session-refused": Reason.LOGON_REFUSED,
    "server-misbehaved": Reason.SERVER_MISBEHAVED,
    "server-timeout": Reason.SERVER_TIMEOUT,
}


def failure_answer(reason: Reason, ucsid: str, retry_after: int) -> HttpAnswer:
    """Return what a client is told when its server gave no answer."""
    if reason is Reason.SERVER_TIMEOUT:
        return answers.timed_out()
    if reason is Reason.LINK_LOST:
        return answers.not_connected(ucsid)
    return answers.busy(retry_after)


def _client_of(request: LogOn, link: Link) -> Guesser:
    shown = request.credentials
    user = shown.user if isinstance(shown, Basic) else ""
    return Guesser(request.client_address, link.customer.ucsid, user.strip().lower())


def _rules_of(link: Link) -> LoginRules:
    switches = link.customer.switches
    return LoginRules(
        # A BER link is asked only what has public ids (Wire 5.6).
        style="v2" if link.wire.speaks_ber else switches.logon_style.value,
        multi_step=switches.multi_step,
        allow_query_password=switches.query_password,
        extra_members=switches.extra_members,
    )

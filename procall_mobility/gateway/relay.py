"""The relay itself: what a session's client says goes to its link, and back (Wire 5.4).

Knows neither HTTP nor WebSocket, neither TLS nor framing: only messages, ids and limits.
"""

from collections.abc import Callable, Iterable

from attrs import evolve, frozen

from procall_mobility.gateway.links import Link
from procall_mobility.gateway.own_calls import OwnCalls
from procall_mobility.gateway.reasons import Reason
from procall_mobility.gateway.reserved import RESERVED
from procall_mobility.gateway.rules import GatewayRules
from procall_mobility.gateway.sessions import Session, WhenAnswered
from procall_mobility.protocols.rose import translate
from procall_mobility.protocols.rose.messages import (
    EVENT_ID,
    Error,
    Invoke,
    InvokeProblem,
    Message,
    Reject,
    Result,
    reject_invoke,
)
from procall_mobility.protocols.rose.operations import OPERATIONS

LOG_OFF = "asnLogoff"

RELEASING = (InvokeProblem.INITIATOR_RELEASING, "initiatorReleasing")
"""What is said to a call nobody will answer any more; it may be made again elsewhere."""

Ender = Callable[[Session, Reason, float], None]


@frozen(eq=False)
class _ClientCall:
    """Brings the server's answer back to the client that asked."""

    relay: "Relay"
    session: Session
    invoke_id: int

    def answered(self, operation: str | None, answer: Result | Error | Reject, now: float) -> None:
        """Deliver the answer under the client's own invoke id."""
        if self.session.answered(self.invoke_id):
            told = evolve(answer, invoke_id=self.invoke_id, session_id=None)
            told = translate.towards_client(told, operation)
            self.relay.deliver(self.session, told, operation, now)


class Relay:
    """Relays messages between sessions and links; `end` ends a session that broke a limit."""

    def __init__(self, rules: GatewayRules, own: OwnCalls, end: Ender) -> None:
        self.rules = rules
        """May be replaced at any time."""
        self._own = own
        self._end = end

    def client_says(self, session: Session, message: Message, now: float) -> None:
        """Relay a message of a client to its customer's server."""
        session.received += 1
        if not session.allowance.take(now):
            self._end(session, Reason.TOO_MANY_FRAMES, now)
        elif isinstance(message, Invoke):
            self._client_invokes(session, _without_private_id(OPERATIONS.resolve(message)), now)
        else:
            self._client_answers(session, message, now)

    def _client_invokes(self, session: Session, invoke: Invoke, now: float) -> None:
        link = session.link
        name = invoke.operation_name
        if session.is_going:
            self._refuse_client(session, invoke, *RELEASING, now)
            return
        if self._own.takes(name):
            self._client_asks_us(session, invoke, now)
            return
        told = translate.towards_server(evolve(invoke, session_id=session.id), name)
        if invoke.is_event:
            if name == LOG_OFF:
                session.logged_off = True
            if name is not None and name not in RESERVED and link.wire.tell(told):
                link.sent += 1
            return
        if name is None or name in RESERVED:
            problem, details = InvokeProblem.UNRECOGNISED_OPERATION, "unrecognisedOperation"
        elif session.calls(invoke.invoke_id):
            problem, details = InvokeProblem.DUPLICATE_INVOCATION, "duplicateInvocation"
        elif not session.may_call(self.rules.calls_per_session, now):
            problem, details = InvokeProblem.RESOURCE_LIMITATION, "tooManyCalls"
        elif link.wire.call(told, _ClientCall(self, session, invoke.invoke_id)):
            link.sent += 1
            session.called(invoke.invoke_id, now)
            return
        else:
            problem, details = InvokeProblem.UNRECOGNISED_OPERATION, "unrecognisedOperation"
        self._refuse_client(session, invoke, problem, details, now)

    def _refuse_client(
        self, session: Session, invoke: Invoke, problem: InvokeProblem, details: str, now: float
    ) -> None:
        if not invoke.is_event:
            refusal = reject_invoke(evolve(invoke, session_id=None), problem, details)
            self.deliver(session, refusal, invoke.operation_name, now)

    def _client_asks_us(self, session: Session, invoke: Invoke, now: float) -> None:
        if invoke.is_event:
            return
        name = invoke.operation_name

        def say(answer: Result | Error | Reject) -> None:
            self.deliver(session, answer, name, now)

        self._own.serve_client(session, evolve(invoke, session_id=None), say, now)

    def _client_answers(
        self, session: Session, answer: Result | Error | Reject, now: float
    ) -> None:
        if answer.invoke_id is None or answer.invoke_id == EVENT_ID:
            return
        asked = session.client_answered(answer.invoke_id)
        if callable(asked):
            asked(answer, now)
        elif asked is not None:
            invoke_id, operation = asked
            told = evolve(answer, invoke_id=invoke_id, session_id=session.id)
            session.link.wire.answer(translate.towards_server(told, operation), operation)

    def server_says(self, session: Session, invoke: Invoke, now: float) -> None:
        """Relay an event or a call of the server to a client."""
        session.link.received += 1
        name = invoke.operation_name
        invoke_id: int | None = EVENT_ID
        if session.is_leaving and not invoke.is_event:
            self.refuse_server(session.link, invoke, *RELEASING)
            return
        if not invoke.is_event:
            most = self.rules.server_calls_per_session
            invoke_id = session.server_called(invoke.invoke_id, name, most)
        if invoke_id is None:
            self.refuse_server(
                session.link, invoke, InvokeProblem.RESOURCE_LIMITATION, "serverBusy"
            )
            return
        told = evolve(invoke, invoke_id=invoke_id, session_id=None)
        self.deliver(session, translate.towards_client(told, name), name, now)

    def call_client(
        self, session: Session, invoke: Invoke, when_answered: WhenAnswered, now: float
    ) -> bool:
        """Call a client ourselves; False when too many calls to it are unanswered.

        `invoke.invoke_id` is replaced by one of the session's own.
        """
        invoke_id = session.call(when_answered, self.rules.server_calls_per_session)
        if invoke_id is None:
            return False
        told = evolve(invoke, invoke_id=invoke_id)
        self.deliver(session, told, invoke.operation_name, now)
        return True

    def refuse_server(
        self, link: Link, invoke: Invoke, problem: InvokeProblem, details: str
    ) -> None:
        """Reject a call of the server; events are never answered."""
        if not invoke.is_event:
            link.wire.answer(reject_invoke(invoke, problem, details), invoke.operation_name)

    def give_up_on(self, link: Link, sessions: Iterable[Session], now: float) -> None:
        """Answer all that is unanswered on both sides of a link: it is about to end."""
        for invoke_id in link.asked:
            self.refuse_server(link, Invoke(invoke_id), *RELEASING)
        link.asked.clear()
        for session in sessions:
            by_client, by_server = session.unanswered()
            for invoke_id in by_client:
                self._refuse_client(session, Invoke(invoke_id), *RELEASING, now)
            for invoke_id, operation in by_server:
                told = Invoke(invoke_id, 0, operation, session_id=session.id)
                self.refuse_server(link, told, *RELEASING)

    def deliver(
        self, session: Session, message: Message, operation: str | None, now: float
    ) -> None:
        """Send a client a message, or queue it; a client that is too slow loses its session."""
        if not session.deliver(message, operation, self.rules.queue_octets):
            self._end(session, Reason.SLOW_CLIENT, now)


def _without_private_id(invoke: Invoke) -> Invoke:
    """Leave an id that is not published to the server, which resolves the name (Wire 4.1).

    Passed on, it could be one of the operations that are none of a client's business.
    """
    is_private = OPERATIONS.name_of(invoke.operation_id) is None
    return evolve(invoke, operation_id=0) if is_private and invoke.operation_id else invoke

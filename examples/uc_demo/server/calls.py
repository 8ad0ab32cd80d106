"""Audio and video calls: the signalling between two clients (Wire 9.4); media goes past us."""

from collections.abc import Callable
from functools import partial
from typing import Any

from attrs import define, field

from examples.uc_demo.server.directory import CONTACTS
from examples.uc_demo.server.presence import Presence, Tell
from examples.uc_demo.server.pushes import RINGS_FOR, Pushes
from examples.uc_demo.server.replies import RefusedError
from examples.uc_demo.server.sessions import Session, Sessions

BUSY, CANCEL, NORMAL = 1, 2, 0
"""iAvDropReason."""
PASSED_ON = (
    "asnAVAlertV2",
    "asnAVCallMessageV2",
    "asnAVCallStateChanged",
    "asnAVCallHoldV2",
    "asnAVCallHoldAckV2",
    "asnAVCallRetrieveV2",
    "asnAVCallRetrieveAckV2",
)
"""Events between the two clients of a call that are none of our business."""

MOST_CALLS = 1000

Later = Callable[[float, Callable[[], None]], None]
"""Calls back after some seconds."""


@define(eq=False)
class Call:
    """A call: two people, each with the clients that take part."""

    id: str
    caller: str
    callee: str
    offer: dict[str, Any]
    """What every client of the callee is told, but for its own endpoint."""
    endpoints: dict[str, str] = field(factory=dict)
    """Endpoint to session."""
    connected: bool = False
    may_wake: bool = True
    """Whether sleeping phones still have time to come back."""

    def endpoint_of(self, session_id: str) -> str | None:
        """Return the endpoint of a session in this call."""
        return next((e for e, s in self.endpoints.items() if s == session_id), None)


class Calls:
    """All calls."""

    def __init__(
        self,
        sessions: Sessions,
        presence: Presence,
        pushes: Pushes,
        tell: Tell,
        new_id: Callable[[], str],
        later: Later,
    ) -> None:
        self._sessions = sessions
        self._presence = presence
        self._pushes = pushes
        self._tell = tell
        self._new_id = new_id
        self._later = later
        self._calls: dict[str, Call] = {}

    def make(self, session: Session, argument: dict[str, Any]) -> dict[str, Any]:
        """Answer asnAVMakeCallV2: ring at all clients of the other, and wake those that sleep."""
        assert session.person is not None
        callee, caller = str(argument.get("u8sUriTo") or ""), session.person.contact_id
        targets = self._sessions.of(callee)
        if callee not in CONTACTS or callee == caller:
            raise RefusedError(5, "nobody can be reached there")
        if len(self._calls) >= MOST_CALLS:
            raise RefusedError(3, "too many calls")
        call_id, own = self._new_id(), self._new_id()
        if not self._pushes.ring(call_id, caller, callee) and not targets:
            raise RefusedError(5, "nobody can be reached there")
        offer = {
            "u8sCTIConnectionID": "",
            "callType": argument.get("callType", 0),
            "u8sUriFrom": caller,
            "endpointIDFrom": own,
            "u8sUriTo": callee,
            "u8sContentType": argument.get("u8sContentType", "application/sdp"),
            "u8sBody": argument.get("u8sBody", ""),
        }
        call = Call(call_id, caller, callee, offer, {own: session.id})
        self._calls[call.id] = call
        for target in targets:
            self._offer(call, target)
        self._later(RINGS_FOR, partial(self._nobody_woke_up, call))
        return {
            "callAndConnectionID": {"u8sCallID": call.id, "u8sEndpointID": own},
            "u8sCTIConnectionID": "",
        }

    def ready(self, session: Session, argument: dict[str, Any]) -> dict[str, Any]:
        """Answer asnSetClientCapabilitiesV2: who can talk is offered the calls that ring."""
        for call in list(self._calls.values()):
            is_for = _is(session, call.callee) and not call.connected
            if is_for and call.endpoint_of(session.id) is None:
                self._offer(call, session)
        return {}

    def pass_on(self, session: Session, operation: str, argument: dict[str, Any]) -> None:
        """Pass an event on to the endpoint it names: alerts, candidates, call states."""
        call = self._calls.get(str(argument.get("u8sCallID")))
        if call is None or call.endpoint_of(session.id) is None:
            return
        target = self._sessions.find(call.endpoints.get(str(argument.get("endpointIDTo")), ""))
        if target is not None:
            self._tell(target, operation, argument)

    def connect(self, session: Session, argument: dict[str, Any]) -> None:
        """Pass an answer on (asnAVConnectV2); the callee's other clients stop ringing."""
        call = self._calls.get(str(argument.get("u8sCallID")))
        if call is None or call.connected or not _is(session, call.callee):
            return
        if call.endpoint_of(session.id) is None:
            return
        call.connected = True
        self._pushes.silence(call.id, answered_by=session.device)
        for endpoint, session_id in list(call.endpoints.items()):
            other = self._sessions.find(session_id)
            is_callee = other is not None and _is(other, call.callee)
            if other is not None and is_callee and session_id != session.id:
                del call.endpoints[endpoint]
                self._drop_at(other, call, NORMAL, "answered elsewhere")
        self.pass_on(session, "asnAVConnectV2", argument)
        for person in (call.caller, call.callee):
            self._presence.in_call(person, begins=True)

    def drop(self, session: Session, argument: dict[str, Any]) -> None:
        """End a call, or one ringing client's part of it (asnAVDropCall)."""
        target = argument.get("dropTarget") or {}
        inner = target.get("connectionID") or target
        call = self._calls.get(str(inner.get("u8sCallID")))
        if call is None or call.endpoint_of(session.id) is None:
            return
        reason = argument.get("iAvDropReason", NORMAL)
        if reason == BUSY and not call.connected and self._others_ring(call, session):
            # One of the callee's clients is busy; the others go on ringing.
            call.endpoints.pop(str(call.endpoint_of(session.id)))
            return
        self._end(call, session, reason, str(argument.get("u8sCause") or ""))

    def left(self, session: Session) -> None:
        """End the calls of a client that has gone."""
        for call in list(self._calls.values()):
            endpoint = call.endpoint_of(session.id)
            if endpoint is not None:
                del call.endpoints[endpoint]
                sides = {self._person_at(s) for s in call.endpoints.values()}
                if call.caller not in sides or not (call.callee in sides or self._wakes(call)):
                    self._end(call, session, CANCEL, "the other side has gone")

    def _offer(self, call: Call, session: Session) -> None:
        connection = {"u8sCallID": call.id, "u8sEndpointID": self._join(call, session)}
        self._tell(session, "asnAVNewCallV2", {"callAndConnectionID": connection, **call.offer})

    def _wakes(self, call: Call) -> bool:
        """Whether somebody may still come back to answer, such as who has just left."""
        can_wake = call.may_wake and not call.connected
        return can_wake and self._pushes.ring(call.id, call.caller, call.callee)

    def _nobody_woke_up(self, call: Call) -> None:
        call.may_wake = False
        sides = {self._person_at(s) for s in call.endpoints.values()}
        if not call.connected and call.callee not in sides:
            self._end(call, None, NORMAL, "nobody woke up")

    def _end(self, call: Call, by: Session | None, reason: int, cause: str) -> None:
        if self._calls.pop(call.id, None) is None:
            return
        self._pushes.silence(call.id)
        for session_id in call.endpoints.values():
            other = self._sessions.find(session_id)
            if other is not None and other is not by:
                self._drop_at(other, call, reason, cause)
        if call.connected:
            for person in (call.caller, call.callee):
                self._presence.in_call(person, begins=False)

    def _drop_at(self, session: Session, call: Call, reason: int, cause: str) -> None:
        dropped = {
            "dropTarget": {"u8sCallID": call.id},
            "u8sCause": cause,
            "iAvDropReason": reason,
        }
        self._tell(session, "asnAVDropCall", dropped)

    def _join(self, call: Call, session: Session) -> str:
        endpoint = self._new_id()
        call.endpoints[endpoint] = session.id
        return endpoint

    def _others_ring(self, call: Call, session: Session) -> bool:
        return _is(session, call.callee) and any(
            each != session.id and self._person_at(each) == call.callee
            for each in call.endpoints.values()
        )

    def _person_at(self, session_id: str) -> str:
        session = self._sessions.find(session_id)
        return session.person.contact_id if session is not None and session.person else ""


def _is(session: Session, contact_id: str) -> bool:
    return session.person is not None and session.person.contact_id == contact_id

"""Knows which devices' own sessions are connected to us, and gives them their pushes there.

A client opts in: over its session it names the push tokens of its device.  They are kept as keyed
digests alone, mixed with the session's own customer, so that no session ever gets the pushes of
another company's devices.
"""

from collections.abc import Callable
from typing import Any, Final

from attrs import define, field

from procall_mobility.gateway.own_calls import Declined, OwnCalls, Tell, members, text_of
from procall_mobility.gateway.push.desks.link_desk import ANSWERED, LONGEST_ID, CallAnswered
from procall_mobility.gateway.push.ports import QueuedPush
from procall_mobility.gateway.push.waiting import device_of
from procall_mobility.gateway.sessions import Session, WhenAnswered
from procall_mobility.protocols.push.messages import LONGEST_TOKEN, LONGEST_WORD
from procall_mobility.protocols.rose.messages import Error, Invoke, JsonValue, Reject, Result

PRESENT: Final = "mobilityPushPresent"
ARRIVED: Final = "mobilityPushArrived"

MOST_TOKENS: Final = 8
"""Of one session: a device has two or three."""

MOST_DEVICES: Final = 200_000
"""In all; some 300 octets each."""

MOST_OFFERED: Final = 32
"""Pushes a session has not confirmed; what comes beyond them goes to the provider."""

SILENT_AFTER: Final = 5.0
"""Seconds after which a session that has not confirmed a push is given none, until it does: its
connection may be dead, and nobody knows yet."""

Taken = Callable[[bool], None]

CallClient = Callable[[Session, Invoke, WhenAnswered, float], bool]
"""Calls a client; False when that is not possible."""


@define(eq=False)
class _Offer:
    """A push that a session was given and has not confirmed."""

    taken: Taken
    since: float


@define(eq=False)
class _Guest:
    """A session that has named tokens, and what it was given."""

    devices: frozenset[bytes]
    offers: dict[str, _Offer] = field(factory=dict)


@define(eq=False, kw_only=True)
class SessionPresence:
    """The port `Presence`; also watches sessions come and go."""

    call: CallClient
    key: bytes = field(repr=False)
    """Of devices' digests, the same as the pipeline's."""
    came: Callable[[bytes, float], None]
    """Is told of devices whose session is there, or there again."""
    answered: CallAnswered
    _guests: dict[Session, _Guest] = field(factory=dict, init=False)
    _hosts: dict[bytes, Session] = field(factory=dict, init=False)
    """By device: the session that has named it last."""

    def offers(self, own: OwnCalls) -> None:
        """Have clients find the operations."""
        own.for_clients |= {PRESENT: self._present, ANSWERED: self._call_answered}

    # The port Presence --------------------------------------------------------------------

    def knows(self, device: bytes) -> bool:
        """Tell whether a device has a session that takes pushes."""
        session = self._hosts.get(device)
        return session is not None and session.is_attentive

    def offer(self, device: bytes, push: QueuedPush, taken: Taken, now: float) -> bool:
        """Give a push to the device's session; False when there is none."""
        session = self._hosts.get(device)
        if session is None or not session.is_attentive:
            return False
        offers = self._guests[session].offers
        if push.id in offers or len(offers) >= MOST_OFFERED or _is_silent(offers, now):
            return False
        offers[push.id] = _Offer(taken, now)

        def heard(answer: Result | Error | Reject, later: float) -> None:
            offers.pop(push.id, _Offer(_nobody_waits, later)).taken(isinstance(answer, Result))

        if not self.call(session, Invoke(0, 0, ARRIVED, _said(push)), heard, now):
            offers.pop(push.id, None)
        # It is gone again where the session ended over it.
        return push.id in offers

    # Sessions -----------------------------------------------------------------------------

    def attached(self, session: Session, now: float) -> None:
        """Note that a session has a WebSocket: what it was given over another one may be lost."""
        guest = self._guests.get(session)
        if guest is not None:
            self._give_back(session, guest)
            self._tell(guest, now)

    def detached(self, session: Session) -> None:
        """Note that it has none for now; its claims live as long as the session."""
        guest = self._guests.get(session)
        if guest is not None:
            self._give_back(session, guest)

    def ended(self, session: Session) -> None:
        """Forget a session."""
        guest = self._guests.pop(session, None)
        if guest is not None:
            for device in guest.devices:
                self._leave(device, session)
            self._give_back(session, guest)

    # Operations ---------------------------------------------------------------------------

    def _present(self, session: Session, argument: JsonValue, tell: Tell, now: float) -> None:
        """Take the tokens a client names, instead of those it has named before."""
        listed = members(argument).get("tokens")
        if not isinstance(listed, list) or len(listed) > MOST_TOKENS:
            raise Declined(400, "bad-body", f"`tokens` is a list of at most {MOST_TOKENS}")
        devices = frozenset(self._device(session, each) for each in listed)
        before = self._guests.get(session)
        old = before.devices if before is not None else frozenset[bytes]()
        if len(self._hosts) + len(devices - old) > MOST_DEVICES:
            raise Declined(503, "too-many-tokens", "too many devices are known here")
        for device in old - devices:
            self._leave(device, session)
        if before is not None:
            before.devices = devices
        guest = self._guests.setdefault(session, before or _Guest(devices))
        for device in devices:
            self._hosts[device] = session
        tell({"tokens": len(devices)})
        self._tell(guest, now)

    def _call_answered(
        self, session: Session, argument: JsonValue, tell: Tell, now: float
    ) -> None:
        push = text_of(members(argument), "id", LONGEST_ID)
        self.answered(session.link.customer.ucsid, push.lower(), now)
        tell({})

    # Inside -------------------------------------------------------------------------------

    def _device(self, session: Session, told: Any) -> bytes:
        if not isinstance(told, dict):
            raise Declined(400, "bad-body", "a token is an object: `channel` and `token`")
        channel = text_of(told, "channel", LONGEST_WORD)
        token = text_of(told, "token", LONGEST_TOKEN)
        return device_of(session.link.customer.ucsid, channel, token, self.key)

    def _leave(self, device: bytes, session: Session) -> None:
        """Take a device from a session, unless another one has named it since."""
        if self._hosts.get(device) is session:
            del self._hosts[device]

    def _tell(self, guest: _Guest, now: float) -> None:
        for device in guest.devices:
            self.came(device, now)

    def _give_back(self, session: Session, guest: _Guest) -> None:
        """Leave what was not confirmed to the providers."""
        session.forget_our_calls()
        offers = list(guest.offers.values())
        guest.offers.clear()
        for offer in offers:
            offer.taken(False)


def _nobody_waits(taken: bool) -> None:
    """Take an answer to a push that was given back meanwhile."""


def _is_silent(offers: dict[str, _Offer], now: float) -> bool:
    oldest = next(iter(offers.values()), None)
    return oldest is not None and now - oldest.since >= SILENT_AFTER


def _said(push: QueuedPush) -> JsonValue:
    told = push.notification
    return JsonValue.of(
        {
            "id": told.id,
            "channel": push.app,
            "kind": told.kind,
            "payload": dict(told.content),
        }
    )

"""Answers capability URLs: any Web Push library may send there (RFC 8030).

A customer's server has one made for each token its devices tell, and gives it away.
"""

import json
import math
from collections.abc import Callable
from typing import Any, Final

from attrs import field, frozen

from procall_mobility.gateway.customer_door import CustomerDoor, Reply
from procall_mobility.gateway.customers import Customer
from procall_mobility.gateway.json_answers import json_answer, misunderstood, of_octets, refusal
from procall_mobility.gateway.paces import Paces
from procall_mobility.gateway.push.applications.apps import PushApp, PushApps
from procall_mobility.gateway.push.pipeline import PushPipeline
from procall_mobility.gateway.push.ports import PushStore, QueuedPush
from procall_mobility.gateway.push.receipts import Receipt
from procall_mobility.gateway.reasons import Reason
from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.push import web_push_messages
from procall_mobility.protocols.push.capabilities import Capability, CapabilitySeal
from procall_mobility.protocols.push.notification import Notification
from procall_mobility.protocols.push.unified_push import PUSH_SERVER
from procall_mobility.protocols.push.unsayable import NoCredential, TooLarge, Unsayable
from procall_mobility.protocols.push.vapid_checks import proves, sender_key
from procall_mobility.protocols.push.web_push_messages import WebPushError, WebPushMessage
from procall_mobility.protocols.ucclient.bad_request import BadRequest
from procall_mobility.protocols.ucclient.http_answer import HttpAnswer
from procall_mobility.protocols.ucclient.intentions import HttpRequest

ISSUING: Final = "/push/v1/capabilities"
PLACE: Final = "/push/c/"
MESSAGE: Final = "/push/m/"
"""Where messages are said to be: nobody can ask for one there, but senders need a name for it."""

SWITCHED_AGAIN: Final = 600
"""Seconds until what an operator has switched off may be on again.  Senders shall not forget
their URLs meanwhile, as they do when they are told that there is no such place."""

_GONE: Final = frozenset({"token-dead", "unknown-app"})
_PACED: Final = frozenset({"too-fast", "too-many-queued", "too-much-queued"})

CHALLENGE: Final = ("WWW-Authenticate", "vapid")


@frozen(kw_only=True)
class CapabilityDesk:
    """Takes requests."""

    door: CustomerDoor
    find_customer: Callable[[str], Customer | None]
    apps: PushApps
    pipeline: PushPipeline
    store: PushStore
    seal: CapabilitySeal
    paces: Paces
    """Of each URL: whoever knows one is not the customer."""
    origin: Callable[[HttpRequest], str]
    wall_clock: Callable[[], float] = field(repr=False)
    clock: Callable[[], float] = field(repr=False)
    new_id: Callable[[], str] = field(repr=False)

    def wants(self, path: str) -> bool:
        """Want the URLs, and the place where they are made."""
        return path.rstrip("/") == ISSUING or path.startswith(PLACE)

    def serve(self, request: HttpRequest, reply: Reply) -> None:
        """Answer `request` through `reply`, at once or later, exactly once."""
        if not request.path.startswith(PLACE):
            self._serve_issuing(request, reply)
            return
        capability = self.seal.open(request.path.removeprefix(PLACE))
        app = None if capability is None else self._app(capability)
        if capability is None or app is None:
            reply(refusal(404, "unknown-url", "there is no such place, or no more"))
        elif isinstance(app, Reason):
            later = ("Retry-After", str(SWITCHED_AGAIN))
            reply(refusal(503, app.value, app.text, later))
        elif request.method == "GET":
            reply(of_octets(200, PUSH_SERVER))
        elif request.method == "POST":
            self._take(capability, app, request, reply)
        else:
            reply(_needs("POST"))

    # Making URLs --------------------------------------------------------------------------

    def _serve_issuing(self, request: HttpRequest, reply: Reply) -> None:
        if request.method != "POST":
            reply(_needs("POST"))
            return
        self.door.open(request, lambda customer: reply(self._issued(customer, request)), reply)

    def _issued(self, customer: Customer, request: HttpRequest) -> HttpAnswer:
        """Return the URL for a token, or why there is none."""
        try:
            capability = _asked(customer, request.body)
        except BadRequest as error:
            return misunderstood(error)
        app = self.apps.find(customer.ucsid, capability.channel)
        if app is None:
            why = self.apps.why_not(customer.ucsid, capability.channel)
            return refusal(404, why.value, why.text)
        try:
            app.first.check(self._sample(capability))
            sealed = self.seal.seal(capability)
        except Unsayable as error:
            return refusal(400, error.reason, str(error))
        except ValueError as error:
            return refusal(400, "token-malformed", str(error))
        # Whoever has one made says that the device is alive.
        self.store.dig_up(customer.ucsid, app.name, capability.token)
        return json_answer(200, {"endpoint": f"{self.origin(request)}{PLACE}{sealed}"})

    def _sample(self, capability: Capability) -> Notification:
        empty = web_push_messages.read({"ttl": "0"}.get, b"")
        return empty.notification(
            name=self.new_id(),
            token=capability.token,
            is_voip=capability.is_voip,
            unix=self.wall_clock(),
        )

    # Taking messages ----------------------------------------------------------------------

    def _app(self, capability: Capability) -> PushApp | Reason | None:
        """Return where messages go; or why they go nowhere now; None if they never will."""
        customer = self.find_customer(capability.customer)
        if customer is None or customer.ucsid != capability.customer:
            return None
        if not customer.enabled:
            return Reason.CUSTOMER_DISABLED
        app = self.apps.find(customer.ucsid, capability.channel)
        if app is None:
            why = self.apps.why_not(customer.ucsid, capability.channel)
            return why if why is Reason.PROVIDER_FORBIDDEN else None
        return app

    def _take(
        self, capability: Capability, app: PushApp, request: HttpRequest, reply: Reply
    ) -> None:
        now, unix = self.clock(), self.wall_clock()
        refused = self._refused_sender(capability, request, unix)
        if refused is not None:
            reply(refused)
            return
        if not self.paces.take((capability.customer, capability.token), now):
            later = ("Retry-After", str(math.ceil(self.paces.wait)))
            reply(refusal(429, "too-fast", "too many messages to this URL", later))
            return
        try:
            message = web_push_messages.read(request.header, request.body)
        except WebPushError as error:
            reply(refusal(error.status, error.reason, error.text))
            return
        except PeerError as error:
            reply(refusal(400, error.reason, error.text))
            return
        told = message.notification(
            name=self.new_id(), token=capability.token, is_voip=capability.is_voip, unix=unix
        )
        try:
            app.first.check(told)
        except TooLarge as error:
            reply(_too_large(error, message))
            return
        except NoCredential as error:
            reply(refusal(503, error.reason, str(error), ("Retry-After", "60")))
            return
        except Unsayable as error:
            # The application is another one by now: nothing will ever get through.
            reply(refusal(404, error.reason, str(error)))
            return
        push = QueuedPush(
            customer=capability.customer,
            app=app.name,
            notification=told,
            accepted=unix,
            not_before=unix,
        )
        place = f"{self.origin(request)}{MESSAGE}{push.id}"
        self.pipeline.accept(
            [push], lambda receipts: reply(_told(receipts[0], message, place)), now
        )

    def _refused_sender(
        self, capability: Capability, request: HttpRequest, unix: float
    ) -> HttpAnswer | None:
        """Refuse whoever is not the one sender a URL was made for (RFC 8292 section 4.2)."""
        if capability.sender is None:
            return None
        shown = request.header("authorization")
        if shown is None:
            text = "only one sender may send there, and has to show a VAPID token"
            return refusal(401, "no-vapid", text, CHALLENGE)
        if not proves(shown, capability.sender, self.origin(request), unix):
            text = (
                "the VAPID token is not that of the sender this URL was made for, or is not valid"
            )
            return refusal(403, "wrong-sender", text)
        return None


def _asked(customer: Customer, body: bytes) -> Capability:
    try:
        told: Any = json.loads(body)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise BadRequest("bad-body", "the body is no JSON object")
    channel, token = told.get("channel"), told.get("token")
    if not isinstance(channel, str) or not isinstance(token, str) or not token:
        raise BadRequest("bad-body", "`channel` and `token` are texts")
    is_voip = told.get("voip", False)
    if not isinstance(is_voip, bool):
        raise BadRequest("bad-body", "`voip` is neither true nor false")
    sender = told.get("sender")
    if sender is not None and (not isinstance(sender, str) or sender_key(sender) is None):
        raise BadRequest("bad-sender", "`sender` is no public key as VAPID writes it")
    return Capability(
        customer=customer.ucsid, channel=channel, token=token, is_voip=is_voip, sender=sender
    )


def _told(receipt: Receipt, message: WebPushMessage, place: str) -> HttpAnswer:
    """Say what has become of a message in the words of RFC 8030."""
    reason = receipt.reason or "refused"
    if receipt.is_accepted:
        return HttpAnswer(
            201, (("Location", place), ("TTL", str(message.ttl)), ("Content-Length", "0")), b""
        )
    later = ("Retry-After", str(math.ceil(receipt.retry_after or 1)))
    if reason in _GONE:
        return refusal(410, reason, "the application is not on the device any more")
    if reason in _PACED:
        return refusal(429, reason, "the customer has sent too much; the same may go later", later)
    return refusal(503, reason, "the message was not kept; the same may go later", later)


def _too_large(error: TooLarge, message: WebPushMessage) -> HttpAnswer:
    """Say how large a message may be: base64 makes four octets at the provider of three here."""
    largest = max(0, len(message.body) - math.ceil((error.size - error.limit) * 3 / 4))
    text = f"the device's provider takes messages of {largest} octets"
    return json_answer(413, {"error": error.reason, "text": text, "limit": largest})


def _needs(method: str) -> HttpAnswer:
    return misunderstood(BadRequest("method", f"{method} is needed", status=405, allow=(method,)))

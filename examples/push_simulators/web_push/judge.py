"""A push service's rules for `POST <subscription>` (RFC 8030 section 5), and UnifiedPush's GET."""

import re
import secrets

from attrs import define, field

from examples.push_simulators.devices import Devices
from examples.push_simulators.exchange import Reply, Request, Verdict, Visit
from examples.push_simulators.json_replies import json_object, json_reply, text_at
from examples.push_simulators.web_push.answers import ROWS, error
from examples.push_simulators.web_push.decryption import Unreadable, decrypt
from examples.push_simulators.web_push.subscriptions import Subscription, Subscriptions
from examples.push_simulators.web_push.vapid import Untrusted, check

PATH = "/push/"
LARGEST = 4096
"""Octets of a body; RFC 8030 section 7.2 asks for no less."""
KEPT = 2_419_200
"""Seconds we say we keep messages at most."""

_TOPIC = re.compile(r"[A-Za-z0-9_-]{1,32}\Z")
_SECONDS = re.compile(r"[0-9]{1,10}\Z")
_URGENCIES = ("very-low", "low", "normal", "high")


class _Refused(Exception):
    """The service refuses: a row, and why."""


@define(eq=False, kw_only=True)
class WebPushJudge:
    """One push service."""

    origin: str
    """As its URLs begin: `https://host:port`."""
    subscriptions: Subscriptions = field(factory=Subscriptions)
    devices: Devices = field(factory=Devices)
    """Nothing is asked of them: subscriptions know themselves whether they are gone."""
    name: str = "web_push"
    rows: tuple[str, ...] = ("201", "200", *ROWS)

    def endpoint(self, subscription: Subscription) -> str:
        """Return a subscription's URL."""
        return f"{self.origin}{PATH}{subscription.name}"

    def judge(self, request: Request, visit: Visit, unix: float) -> Verdict:
        """Find out what the service would say."""
        name = request.path.removeprefix(PATH)
        if request.method == "GET" and name in self.subscriptions.by_name:
            return Verdict(reply=json_reply(200, {"unifiedpush": {"version": 1}}), is_push=False)
        try:
            subscription = self._check(request, name, unix)
        except _Refused as refused:
            row, why = refused.args
            return Verdict(reply=error(row), refusal=f"{row}: {why}", tokens=(name,))
        clear, remarks = _read(request, subscription)
        return Verdict(
            reply=self._taken(int(request.header("ttl") or 0)),
            tokens=(name,),
            clear=clear,
            id=text_at(json_object(clear or b""), "id"),
            remarks=remarks,
        )

    def answer(self, row: str, verdict: Verdict, since: float) -> Reply:
        """Return the answer of a row."""
        if row == "201":
            return verdict.reply
        return Reply(200) if row == "200" else error(row)

    def _check(self, request: Request, name: str, unix: float) -> Subscription:
        subscription = self.subscriptions.by_name.get(name)
        if subscription is None:
            raise _Refused("404 Not Found", "nobody has subscribed to it")
        if request.method != "POST":
            raise _Refused("405 Method Not Allowed", request.method)
        if subscription.gone is not None:
            raise _Refused("410 Gone", "the subscription has ended")
        if not subscription.is_plain:
            self._check_sender(request, subscription, unix)
        if not _SECONDS.match(request.header("ttl") or ""):
            raise _Refused("400 Invalid TTL", "TTL is missing or no number")
        if request.header("urgency") not in (None, *_URGENCIES):
            raise _Refused("400 Bad Request", "Urgency is unknown")
        topic = request.header("topic")
        if topic is not None and not _TOPIC.match(topic):
            raise _Refused("400 Invalid Topic", "Topic is not 1 to 32 characters of base64url")
        if len(request.body) > LARGEST:
            raise _Refused("413 Payload Too Large", f"{len(request.body)} octets")
        is_coded = request.header("content-encoding") == "aes128gcm"
        if request.body and not is_coded and not subscription.is_plain:
            raise _Refused("400 Bad Request", "Content-Encoding is not aes128gcm")
        return subscription

    def _check_sender(self, request: Request, subscription: Subscription, unix: float) -> None:
        authorization = request.header("authorization")
        if authorization is None:
            raise _Refused("401 Unauthorized", "no Authorization")
        try:
            key = check(authorization, self.origin, unix)
        except Untrusted as error:
            raise _Refused("403 Forbidden", str(error)) from error
        if subscription.sender not in (None, key):
            raise _Refused("403 VAPID public key mismatch", "not the key that was subscribed to")

    def _taken(self, ttl: int) -> Reply:
        location = f"{self.origin}/message/{secrets.token_urlsafe(16)}"
        return Reply(201, (("location", location), ("ttl", str(min(ttl, KEPT)))))


def _read(request: Request, subscription: Subscription) -> tuple[bytes | None, tuple[str, ...]]:
    """Return what is readable, and what there is to remark."""
    if not request.body:
        return None, ()
    if subscription.is_plain:
        return request.body, ()
    try:
        return decrypt(request.body, subscription), ()
    except Unreadable as error:
        return None, (f"unreadable: {error}",)

"""APNs' rules for `POST /3/device/<token>`, in the order a server finds them broken."""

import re
import uuid

from attrs import define, field

from examples.push_simulators.apns.headers import (
    header_fault,
    payload_fault,
    remarks,
    topic_fault,
)
from examples.push_simulators.apns.provider_tokens import ProviderTokens
from examples.push_simulators.apns.reasons import ROWS, refusal, row, success
from examples.push_simulators.devices import Devices
from examples.push_simulators.exchange import Reply, Request, Verdict, Visit

DEVICE = "/3/device/"

_TOKEN = re.compile(r"(?:[0-9A-Fa-f]{2}){32,100}\Z")
"""Apple names no length; today's have 32 octets, and more were announced."""


class _Refused(Exception):
    """The provider refuses; the text is its reason."""


@define(eq=False, kw_only=True)
class ApnsJudge:
    """One environment of APNs."""

    environment: str = "production"
    tokens: ProviderTokens
    bundles: dict[str, tuple[str, ...]]
    """Team to the applications it has."""
    devices: Devices = field(factory=Devices)
    name: str = "apns"
    rows: tuple[str, ...] = ROWS

    def judge(self, request: Request, visit: Visit, unix: float) -> Verdict:
        """Find out what APNs would say."""
        named = request.header("apns-id")
        push_id = named or str(uuid.uuid4()).upper()
        token = request.path.removeprefix(DEVICE).lower()
        try:
            self._check(request, visit, token, unix)
        except _Refused as refused:
            reason, since = refused.args
            reply = refusal(reason, push_id, since)
            return Verdict(reply=reply, refusal=reason, tokens=(token,), id=named or "")
        unique = str(uuid.uuid4()) if self.environment == "sandbox" else None
        return Verdict(
            reply=success(push_id, unique),
            tokens=(token,),
            id=push_id,
            remarks=remarks(request, request.body) + _of_both(request, visit),
        )

    def answer(self, row_name: str, verdict: Verdict, since: float) -> Reply:
        """Return the answer of a row."""
        return row(row_name, verdict.id, since)

    def _check(self, request: Request, visit: Visit, token: str, unix: float) -> None:
        if not request.path.startswith(DEVICE.rstrip("/")):
            raise _Refused("BadPath", None)
        if request.method != "POST":
            raise _Refused("MethodNotAllowed", None)
        if request.path.rstrip("/") == DEVICE.rstrip("/"):
            raise _Refused("MissingDeviceToken", None)
        bundles, topic = self._sender(request, visit, unix)
        kind = request.header("apns-push-type") or "alert"
        for fault in (
            header_fault(request),
            payload_fault(request.body, kind),
        ):
            if fault is not None:
                raise _Refused(fault, None)
        fault = topic_fault(topic, kind, bundles)
        if fault is not None:
            raise _Refused(fault, None)
        self._check_device(token, topic or "")

    def _sender(
        self, request: Request, visit: Visit, unix: float
    ) -> tuple[tuple[str, ...], str | None]:
        """Return the applications a sender may push to, and the topic it means."""
        topic = request.header("apns-topic")
        if visit.certificate is not None:
            # A certificate is for one application, and what belongs to it.
            return (visit.certificate,), topic or visit.certificate
        key = self.tokens.check(request.header("authorization"), visit, self.environment, unix)
        if isinstance(key, str):
            raise _Refused(key, None)
        return self.bundles.get(key.team, ()) if key.topics is None else key.topics, topic

    def _check_device(self, token: str, topic: str) -> None:
        if not _TOKEN.match(token):
            raise _Refused("BadDeviceToken", None)
        device = self.devices.find(token)
        if device is None or device.environment not in (None, self.environment):
            raise _Refused("BadDeviceToken", None)
        if device.topic not in (None, topic):
            raise _Refused("DeviceTokenNotForTopic", None)
        if device.gone is not None:
            raise _Refused("Unregistered", device.gone)


def _of_both(request: Request, visit: Visit) -> tuple[str, ...]:
    """Return what is wrong where a token is shown that nobody looks at."""
    is_both = visit.certificate is not None and request.header("authorization") is not None
    return ("a provider token on a connection with a certificate",) if is_both else ()

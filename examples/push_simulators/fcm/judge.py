"""FCM's rules for `POST /v1/projects/<project>/messages:send`, and Google's token endpoint."""

import re
import secrets
from typing import Any

from attrs import define, field, frozen
from cryptography.hazmat.primitives.asymmetric import rsa

from examples.push_simulators.access_tokens import AccessTokens
from examples.push_simulators.devices import Devices
from examples.push_simulators.exchange import Reply, Request, Verdict, Visit
from examples.push_simulators.fcm import answers
from examples.push_simulators.fcm.assertions import granted
from examples.push_simulators.fcm.message_fields import fault_of
from examples.push_simulators.json_replies import json_object, text_at

LARGEST_DATA = 4096
"""Octets of names and values; of a topic's messages 2048."""
LARGEST_FOR_TOPIC = 2048

_PATH = re.compile(r"/v1/projects/([^/]+)/messages:send\Z")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{8,}(:[A-Za-z0-9_-]{20,})?\Z|[A-Za-z0-9_:-]{20,4096}\Z")
_RESERVED = re.compile(r"(from|message_type|collapse_key|google.*|gcm.*)\Z", re.DOTALL)


@frozen(kw_only=True)
class Account:
    """A service account that may send in a project."""

    email: str
    project: str
    public: rsa.RSAPublicKey
    key_id: str


class _Refused(Exception):
    """Google refuses, by a reply, for a reason."""


@define(eq=False, kw_only=True)
class FcmJudge:
    """FCM with its projects."""

    accounts: dict[str, Account]
    """By e-mail address."""
    token_uri: str
    """What assertions have to be made out to."""
    access: AccessTokens = field(factory=lambda: AccessTokens(3599.0, "ya29."))
    devices: Devices = field(factory=Devices)
    """Their topic is the project they have registered with."""
    name: str = "fcm"
    rows: tuple[str, ...] = ("200", *answers.ROWS)

    def judge(self, request: Request, visit: Visit, unix: float) -> Verdict:
        """Find out what Google would say."""
        if request.path == "/token":
            return self._token(request, unix)
        said = json_object(request.body) or {}
        message = said.get("message")
        fields: dict[str, Any] = message if isinstance(message, dict) else {}
        token = fields.get("token")
        tokens = (token,) if isinstance(token, str) else ()
        push_id = text_at(fields, "data", "id")
        try:
            reply = self._send(request, unix)
        except _Refused as refused:
            reply, refusal = refused.args
            return Verdict(reply=reply, refusal=refusal, tokens=tokens, id=push_id)
        return Verdict(reply=reply, tokens=tokens, id=push_id, remarks=_remarks(request, fields))

    def answer(self, row: str, verdict: Verdict, since: float) -> Reply:
        """Return the answer of a row."""
        return verdict.reply if row == "200" else answers.ROWS[row]

    def _token(self, request: Request, unix: float) -> Verdict:
        found = granted(request, self.accounts, self.token_uri, unix)
        if isinstance(found, str):
            token = self.access.issue(found, unix)
            return Verdict(reply=answers.access(token, self.access.life), is_push=False)
        reply, refusal = found
        return Verdict(reply=reply, refusal=refusal, is_push=False)

    def _send(self, request: Request, unix: float) -> Reply:
        project = self._project(request, unix)
        if request.media_type != "application/json":
            raise _Refused(answers.bad_field("", "Invalid content type"), "content-type")
        said = json_object(request.body)
        if said is None:
            reply = answers.error(400, "INVALID_ARGUMENT", "Invalid JSON payload received.")
            raise _Refused(reply, "no JSON")
        fault = fault_of(said)
        if fault is not None:
            raise _Refused(answers.bad_field(*fault), fault[1])
        message: dict[str, Any] = said.get("message") or {}
        _check_data(message)
        self._check_device(message, project)
        number = "fake_message_id" if said.get("validate_only") else f"0:{secrets.token_hex(16)}"
        return answers.success(project, number)

    def _project(self, request: Request, unix: float) -> str:
        found = _PATH.match(request.path)
        if found is None or request.method != "POST":
            raise _Refused(answers.html(404, "Not Found"), "path or method")
        if request.header("authorization") is None:
            reply = answers.no_credential("CREDENTIALS_MISSING", answers.MISSING)
            raise _Refused(reply, "no authorization")
        grant = self.access.bearer(request, unix)
        if grant is None:
            raise _Refused(answers.ROWS["401 UNAUTHENTICATED"], "access token")
        project = found[1]
        account = self.accounts.get(grant.client)
        if account is None or account.project != project:
            # Whether there is such a project is nothing a stranger is told.
            raise _Refused(answers.ROWS["403 PERMISSION_DENIED"], "project")
        return project

    def _check_device(self, message: dict[str, Any], project: str) -> None:
        recipients = [name for name in ("token", "topic", "condition") if message.get(name)]
        if len(recipients) != 1:
            text = "Recipient of the message is not set." if not recipients else "More than one"
            reply = answers.of_fcm(400, "INVALID_ARGUMENT", text, "INVALID_ARGUMENT")
            raise _Refused(reply, text)
        if recipients != ["token"]:
            return
        token = message["token"]
        device = self.devices.find(token) if _TOKEN.match(token) else None
        if device is None:
            raise _Refused(answers.ROWS["400 INVALID_ARGUMENT token"], "token")
        if device.topic not in (None, project):
            raise _Refused(answers.ROWS["403 SENDER_ID_MISMATCH"], "another project's token")
        if device.gone is not None:
            raise _Refused(answers.ROWS["404 UNREGISTERED"], "UNREGISTERED")


def _check_data(message: dict[str, Any]) -> None:
    android = message.get("android") or {}
    webpush = message.get("webpush") or {}
    for data in (message.get("data"), android.get("data"), webpush.get("data")):
        for name in data or ():
            if _RESERVED.match(name):
                text = f"Invalid data payload key: {name}"
                reply = answers.of_fcm(400, "INVALID_ARGUMENT", text, "INVALID_ARGUMENT")
                raise _Refused(reply, text)
    data = android.get("data") or message.get("data") or {}
    size = sum(len(name.encode()) + len(value.encode()) for name, value in data.items())
    if size > (LARGEST_DATA if "token" in message else LARGEST_FOR_TOPIC):
        text = "Android message is too big"
        reply = answers.of_fcm(400, "INVALID_ARGUMENT", text, "INVALID_ARGUMENT")
        raise _Refused(reply, text)


def _remarks(request: Request, message: dict[str, Any]) -> tuple[str, ...]:
    found = []
    android = message.get("android") or {}
    if android.get("priority", "normal").lower() == "high" and "ttl" not in android:
        found.append("high priority with the longest time to live")
    if not (request.header("authorization") or "").startswith("Bearer "):
        found.append("authorization does not begin with Bearer")
    if "notification" in message and "data" in message:
        found.append("notification and data: an application in the background sees no data")
    return tuple(found)

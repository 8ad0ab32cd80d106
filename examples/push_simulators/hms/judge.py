"""Push Kit's rules for `/v1/<app>/messages:send`, `/v3/<project>/messages:send`, and its OAuth."""

import re
from typing import Any

from attrs import define, evolve, field

from examples.push_simulators.access_tokens import AccessTokens
from examples.push_simulators.devices import Devices
from examples.push_simulators.exchange import Reply, Request, Verdict, Visit
from examples.push_simulators.hms import codes
from examples.push_simulators.hms.credentials import HmsAccount, give_token, project_of
from examples.push_simulators.hms.message_fields import (
    Malformed,
    check_android,
    check_harmony,
    check_size,
    tokens_of,
)
from examples.push_simulators.json_replies import json_object, text_at

TOKEN_PATH = "/oauth2/v3/token"

_PATH = re.compile(r"/(v1|v3)/([0-9A-Za-z]+)/messages:send\Z")
_TOKEN = re.compile(r"[!-~]{16,1024}\Z")
_NOT_FOUND = Reply(404, (("content-type", "text/plain"),), b"404 page not found")


@define(eq=False, kw_only=True)
class HmsJudge:
    """Push Kit with its applications."""

    secrets: dict[str, str]
    """Of applications for Android, by client id."""
    accounts: dict[str, HmsAccount] = field(factory=dict)
    """Of projects for HarmonyOS, by name."""
    access: AccessTokens = field(factory=AccessTokens)
    devices: Devices = field(factory=Devices)
    """Their topic is the application's id."""
    name: str = "hms"
    rows: tuple[str, ...] = codes.ROWS

    def judge(self, request: Request, visit: Visit, unix: float) -> Verdict:
        """Find out what Huawei would say."""
        if request.path == TOKEN_PATH:
            reply, refusal = give_token(request, self.secrets, self.access, unix)
            return Verdict(reply=reply, refusal=refusal, is_push=False)
        found = _PATH.match(request.path)
        if found is None or request.method != "POST":
            return Verdict(reply=_NOT_FOUND, refusal="path or method")
        version, owner = found.groups()
        said = json_object(request.body) or {}
        tokens = tokens_of(said)
        verdict = Verdict(
            reply=codes.answer("80000000"), tokens=tokens, id=_id(said), remarks=_remarks(said)
        )
        try:
            self._check(request, version, owner, said, unix)
        except Malformed as fault:
            reply = codes.answer(fault.code, str(fault))
            return evolve(verdict, reply=reply, refusal=f"{fault.code} {fault}", remarks=())
        illegal = tuple(token for token in tokens if not self._is_good(token, owner))
        if not illegal:
            return verdict
        if len(illegal) == len(tokens):
            reply = codes.answer("80300007")
            return evolve(verdict, reply=reply, refusal="80300007 all tokens are illegal")
        reply = codes.some_illegal(tokens, illegal)
        return evolve(verdict, reply=reply, refusal="80100000 some tokens are illegal")

    def answer(self, row: str, verdict: Verdict, since: float) -> Reply:
        """Return the answer of a row; `80100000` finds the first token illegal."""
        if row == "503 flow control":
            return codes.FLOW_CONTROL
        if row == "80100000":
            return codes.some_illegal(verdict.tokens, verdict.tokens[:1])
        return codes.answer(row)

    def _check(
        self, request: Request, version: str, owner: str, said: dict[str, Any], unix: float
    ) -> None:
        if version == "v1":
            grant = self.access.bearer(request, unix)
            if grant is None:
                raise Malformed("80200003", "the access token is unknown or expired")
            known = grant.client
        else:
            known, code = project_of(request, self.accounts, unix)
            if code:
                raise Malformed(code, "the account's token is not right")
        if known != owner:
            raise Malformed("80300002", "the credential belongs to another application")
        if request.media_type != "application/json" or not said:
            raise Malformed("80100003", "the body is no JSON object")
        check_size(request.body, tokens_of(said))
        if version == "v1":
            check_android(said)
        else:
            check_harmony(said, request.header("push-type"))

    def _is_good(self, token: str, owner: str) -> bool:
        device = self.devices.find(token) if _TOKEN.match(token) else None
        return device is not None and device.gone is None and device.topic in (None, owner)


def _id(said: dict[str, Any]) -> str:
    """Return what the sender calls the push: it is in the data, wherever those are."""
    return (
        text_at(said, "message", "data", "id")
        or text_at(said, "payload", "extraData", "id")
        or text_at(said, "payload", "notification", "appMessageId")
    )


def _remarks(said: dict[str, Any]) -> tuple[str, ...]:
    message = said.get("message")
    android = message.get("android") if isinstance(message, dict) else None
    is_urgent = isinstance(android, dict) and android.get("urgency") == "HIGH"
    if is_urgent and (android or {}).get("category") not in ("VOIP", "PLAY_VOICE"):
        return ("data of high priority without a category that has a right to it",)
    return ()

"""WNS' rules for `POST <channel>`, and the token endpoints of both kinds of applications."""

import base64
import hmac
import re
import secrets
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

from attrs import define, field

from examples.push_simulators.access_tokens import AccessTokens, form
from examples.push_simulators.devices import Devices
from examples.push_simulators.exchange import Headers, Reply, Request, Verdict, Visit
from examples.push_simulators.json_replies import json_object, json_reply, text_at

LARGEST = 5000
"""Octets."""
OLD_TOKEN_PATH = "/accesstoken.srf"
OLD_SCOPE, SCOPE = "notify.windows.com", "https://wns.windows.com/.default"

TYPES = {
    "wns/toast": "text/xml",
    "wns/badge": "text/xml",
    "wns/tile": "text/xml",
    "wns/raw": "application/octet-stream",
}

ERRORS: dict[str, str] = {
    "400 Bad Request": "One or more headers were specified incorrectly or conflict",
    "401 Unauthorized": "The cloud service did not present a valid authentication ticket",
    "403 Forbidden": "The cloud service is not authorized to send a notification to this URI",
    "404 Not Found": "The channel URI is not valid or is not recognized by WNS",
    "405 Method Not Allowed": "Invalid method; only POST or DELETE is allowed",
    "406 Not Acceptable": "The cloud service exceeded its throttle limit",
    "410 Gone": "The channel expired",
    "410 Domain Blocked": "The domain is blocked",
    "411 Length Required": "Content-Length is missing",
    "413 Request Entity Too Large": "The notification payload exceeds the 5000 byte size limit",
    "500 Internal Server Error": "An internal failure caused notification delivery to fail",
    "503 Service Unavailable": "The server is currently unavailable",
}
STATUSES = ("received", "dropped", "channelthrottled")
"""With 200, in `X-WNS-Status`."""

_TENANT = re.compile(r"/[0-9A-Za-z.-]+/oauth2/(v2\.0/)?token\Z")
_LAUNCH = re.compile(r"""<toast\b[^>]*?\blaunch=(?:"([^"]*)"|'([^']*)')""")
_NUMBER = re.compile(r"[0-9]{1,9}\Z")


class _Refused(Exception):
    """WNS refuses: a row, and why."""


@define(eq=False, kw_only=True)
class WnsJudge:
    """WNS with its applications."""

    secrets: dict[str, str]
    """By package SID or application id."""
    access: AccessTokens = field(factory=lambda: AccessTokens(86_400.0))
    devices: Devices = field(factory=Devices)
    """Their topic is the application's SID or id."""
    name: str = "wns"
    rows: tuple[str, ...] = (*(f"200 {status}" for status in STATUSES), *ERRORS)

    def judge(self, request: Request, visit: Visit, unix: float) -> Verdict:
        """Find out what WNS would say."""
        url = urlsplit(request.path)
        if url.path == OLD_TOKEN_PATH or _TENANT.match(url.path):
            return self._token(request, url.path, unix)
        channel = parse_qs(url.query).get("token", [""])[0]
        push_id = text_at(_data(request.body), "id")
        try:
            self._check(request, channel, unix)
        except _Refused as refused:
            row, why = refused.args
            reply = _error(row, why)
            return Verdict(reply=reply, refusal=f"{row}: {why}", tokens=(channel,), id=push_id)
        wants_status = (request.header("x-wns-requestforstatus") or "").lower() == "true"
        reply = Reply(200, _headers("received", wants_status))
        return Verdict(reply=reply, tokens=(channel,), id=push_id)

    def answer(self, row: str, verdict: Verdict, since: float) -> Reply:
        """Return the answer of a row."""
        if row.startswith("200 "):
            return Reply(200, _headers(row[4:], True))
        return _error(row, ERRORS[row])

    def _token(self, request: Request, path: str, unix: float) -> Verdict:
        members = form(request) if request.method == "POST" else None
        scope = OLD_SCOPE if path == OLD_TOKEN_PATH else SCOPE
        fault = "invalid_request"
        if members is not None:
            client, secret = members.get("client_id", ""), members.get("client_secret", "")
            known = self.secrets.get(client)
            if members.get("grant_type") != "client_credentials":
                fault = "unsupported_grant_type"
            elif members.get("scope") != scope:
                fault = "invalid_scope"
            elif known is None or not hmac.compare_digest(known.encode(), secret.encode()):
                fault = "invalid_client"
            else:
                said = {
                    "token_type": "bearer",
                    "access_token": self.access.issue(client, unix),
                    "expires_in": int(self.access.life),
                }
                return Verdict(reply=json_reply(200, said), is_push=False)
        reply = json_reply(400, {"error": fault, "error_description": f"{fault}."})
        return Verdict(reply=reply, refusal=fault, is_push=False)

    def _check(self, request: Request, channel: str, unix: float) -> None:
        if request.method != "POST":
            raise _Refused("405 Method Not Allowed", request.method)
        if request.header("content-length") is None:
            raise _Refused("411 Length Required", "no chunked bodies are taken")
        grant = self.access.bearer(request, unix)
        if grant is None:
            raise _Refused("401 Unauthorized", "no valid access token")
        device = self.devices.find(channel) if channel else None
        if device is None:
            raise _Refused("404 Not Found", "no such channel")
        if device.topic not in (None, grant.client):
            raise _Refused("403 Forbidden", "another application's channel")
        if device.gone is not None:
            raise _Refused("410 Gone", "the channel has expired")
        kind = request.header("x-wns-type") or ""
        if TYPES.get(kind) != request.media_type:
            raise _Refused("400 Bad Request", "X-WNS-Type and Content-Type")
        if not _NUMBER.match(request.header("x-wns-ttl") or "0"):
            raise _Refused("400 Bad Request", "X-WNS-TTL")
        if len(request.body) > LARGEST:
            raise _Refused("413 Request Entity Too Large", f"{len(request.body)} octets")


def _data(body: bytes) -> dict[str, Any] | None:
    """Return what the application is told: raw, or at the start that a toast leads to."""
    found = _LAUNCH.search(body.decode("utf-8", "replace"))
    return json_object(unescape(found[1] or found[2]).encode() if found else body)


def _headers(status: str, with_connection: bool) -> Headers:
    trace = base64.b64encode(secrets.token_bytes(12)).decode().rstrip("=")
    headers = (
        ("x-wns-status", status),
        ("x-wns-msg-id", secrets.token_hex(8).upper()),
        ("x-wns-debug-trace", "DB3WNS4011534"),
        ("ms-cv", f"{trace}.0"),
    )
    if with_connection:
        return (*headers, ("x-wns-deviceconnectionstatus", "connected"))
    return headers


def _error(row: str, why: str) -> Reply:
    status = int(row[:3])
    headers: Headers = (("x-wns-error-description", why), *_headers("dropped", False))
    if status == 401:
        headers = (("www-authenticate", 'Bearer error="invalid_token"'), *headers)
    if row == "410 Domain Blocked":
        headers = (("x-wns-error-description", "Domain Blocked"), *_headers("dropped", False))
    return Reply(status, headers)

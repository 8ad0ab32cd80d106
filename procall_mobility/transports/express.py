"""Requests to desks that come whole, as small ones do, are read at once.

twisted.web takes several times as long, line by line, for what it need not know here.  Whatever is
not as plain as can be is left to it, and so is all that concerns the connection.
"""

# mypy: allow-untyped-calls
# Twisted is typed in part only.

import re
from http import HTTPStatus
from typing import Any

from attrs import field, frozen
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.http import datetimeToString

from procall_mobility.gateway.desks import Desk
from procall_mobility.protocols.ucclient.http_answer import HttpAnswer
from procall_mobility.protocols.ucclient.intentions import HttpRequest
from procall_mobility.transports.patience import PatientChannel

_HEAD = re.compile(
    rb"POST (/[A-Za-z0-9._~/-]*) HTTP/1\.1"
    rb"((?:\r\n[A-Za-z0-9!#$%&'*+.^_`|~-]+:[\t -~]*)+)\r\n\r\n"
)
"""Without a query, escapes, folded lines (RFC 9112 section 5.2) or octets beyond ASCII."""

_LEFT_ALONE = frozenset({"transfer-encoding", "expect", "upgrade"})
"""Fields that make more of a request than its octets."""

_BROKEN = HttpAnswer(500, (("Content-Length", "0"),), b"")
_PHRASES = {status.value: status.phrase for status in HTTPStatus}


@frozen
class Plain:
    """A request that came whole."""

    path: str = field(repr=False)
    """Some are secrets: whoever knows a capability URL may send there."""
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    """Names in lower case."""
    body: bytes = field(repr=False)


def read_plain(data: bytes, largest_head: int) -> Plain | None:
    """Read octets that are one plain request from the first to the last; None of all others."""
    match = _HEAD.match(data)
    if match is None or match.end() > largest_head:
        return None
    headers = []
    said: dict[str, str] = {}
    for line in match[2].decode("ascii").split("\r\n")[1:]:
        name, _, value = line.partition(":")
        name, value = name.lower(), value.strip(" \t")
        headers.append((name, value))
        # Twice is once too often for those below.
        said[name] = f"{said[name]}, {value}" if name in said else value
    if said.get("content-length") != str(len(data) - match.end()):
        return None
    if said.get("connection", "keep-alive").lower() != "keep-alive" or _LEFT_ALONE & said.keys():
        return None
    return Plain(match[1].decode("ascii"), tuple(headers), data[match.end() :])


class ExpressChannel(PatientChannel):
    """A channel on which desks get plain requests without detour."""

    desks: tuple[Desk, ...] = ()
    body_size = 0
    """Largest request body in octets."""
    _secure: bool | None = None

    def dataReceived(self, data: bytes) -> None:
        """Serve a request that is all there is; else let twisted.web see."""
        if self.requests or self._buffer or not (self.persistent and self.line_mode):
            super().dataReceived(data)
            return
        plain = read_plain(data, self.totalHeadersSize)
        desk = None
        if plain is not None and len(plain.body) <= self.body_size:
            desk = next((each for each in self.desks if each.wants(plain.path)), None)
        if plain is None or desk is None:
            super().dataReceived(data)
            return
        # From here on it is twisted.web's request under way, until it is done.
        self.requests.append(PlainRequest(self, desk, plain))
        self._command, self._path, self._version = b"POST", plain.path.encode(), b"HTTP/1.1"
        self.allContentReceived()

    @property
    def is_secure(self) -> bool:
        """Whether it is TLS; that does not change."""
        if self._secure is None:
            self._secure = bool(self.isSecure())
        return self._secure


class PlainRequest:
    """What a channel knows of a request under way."""

    _log = Logger()

    def __init__(self, channel: ExpressChannel, desk: Desk, plain: Plain) -> None:
        """Prepare for being served by a desk."""
        self._channel: ExpressChannel | None = channel
        self._desk = desk
        self._plain = plain

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        """Have it served."""
        channel, plain = self._channel, self._plain
        assert channel is not None
        request = HttpRequest(
            method="POST",
            path=plain.path,
            query=(),
            headers=plain.headers,
            body=plain.body,
            client_address=getattr(channel.getPeer(), "host", ""),
            secure=channel.is_secure,
            host=next((value for name, value in plain.headers if name == "host"), ""),
        )
        try:
            self._desk.serve(request, self._reply)
        except Exception:  # noqa: BLE001  # The guard: a bug costs this request, not the client.
            self._log.failure("bug in a desk")
            self._reply(_BROKEN)

    def connectionLost(self, reason: Failure) -> None:
        """Drop the answer: nobody is there any more."""
        self._channel = None

    def _reply(self, answer: HttpAnswer) -> None:
        channel, self._channel = self._channel, None
        if channel is not None:
            channel.write(octets_of(answer, datetimeToString()))
            done: Any = self
            channel.requestDone(done)


def octets_of(answer: HttpAnswer, date: bytes) -> bytes:
    """Return an answer as it is sent; no value can begin another line."""
    phrase = _PHRASES.get(answer.status, "Unknown")
    lines = [f"HTTP/1.1 {answer.status} {phrase}", f"Date: {date.decode('ascii')}"]
    lines += [f"{name}: {' '.join(value.splitlines())}" for name, value in answer.headers]
    return "\r\n".join([*lines, "", ""]).encode() + answer.body

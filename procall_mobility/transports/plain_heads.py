"""Heads of HTTP requests that are as plain as can be, and known again when they come again.

A customer's server says the same with every request: where to, who it is, what it sends.  Only how
long that is differs.
"""

import re
from collections.abc import Mapping

from attrs import define, field

from procall_mobility.protocols.ucclient.intentions import HttpRequest

_HEAD = re.compile(
    rb"POST (/[A-Za-z0-9._~/-]*) HTTP/1\.1"
    rb"((?:\r\n[A-Za-z0-9!#$%&'*+.^_`|~-]+:[\t -~]*)+)\r\n\r\n"
)
"""Without a query, escapes, folded lines (RFC 9112 section 5.2) or octets beyond ASCII."""

_LENGTH = re.compile(rb"\r\ncontent-length:[\t ]*", re.IGNORECASE)

_LEFT_ALONE = frozenset({"transfer-encoding", "expect", "upgrade"})
"""Fields that make more of a request than its octets."""


@define(eq=False)
class PlainHead:
    """A head, whatever length it says its body has."""

    path: str = field(repr=False)
    """Some are secrets: whoever knows a capability URL may send there."""
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    """Names in lower case; without Content-Length."""
    host: str
    fields: Mapping[str, str] = field(repr=False)
    """The first values of these headers, by their names."""
    _before: bytes = field(repr=False)
    """The octets up to the length."""
    _after: bytes = field(repr=False)
    """Those behind it."""

    @property
    def size(self) -> int:
        """How many octets it has, without the length."""
        return len(self._before) + len(self._after)

    def body(self, data: bytes) -> bytes | None:
        """Return the body of octets that are one request with this very head; None of others."""
        before, after = self._before, self._after
        if not data.startswith(before):
            return None
        at = data.find(b"\r", len(before))
        start = at + len(after)
        # Compared as it is written: any other way to say the number is left alone.
        if data[len(before) : at] != b"%d" % (len(data) - start) or not data.startswith(after, at):
            return None
        return data[start:]

    def request(self, body: bytes, client: str, *, secure: bool) -> HttpRequest:
        """Return what is asked with this head."""
        return HttpRequest(
            "POST",
            self.path,
            (),
            (*self.headers, ("content-length", str(len(body)))),
            body,
            client,
            secure,
            self.host,
            self.fields,
        )


def read_head(data: bytes, largest: int) -> PlainHead | None:
    """Read the head that octets begin with; None if it is not plain, or has no one length."""
    match = _HEAD.match(data)
    if match is None or match.end() > largest:
        return None
    headers = []
    said: dict[str, str] = {}
    for line in match[2].decode("ascii").split("\r\n")[1:]:
        name, _, value = line.partition(":")
        name, value = name.lower(), value.strip(" \t")
        if name != "content-length":
            headers.append((name, value))
        elif name in said:
            return None
        # Twice is once too often for those below.
        said[name] = f"{said[name]}, {value}" if name in said else value
    length = _LENGTH.search(data, 0, match.end())
    if length is None:
        return None
    if said.get("connection", "keep-alive").lower() != "keep-alive" or _LEFT_ALONE & said.keys():
        return None
    host = next((value for name, value in headers if name == "host"), "")
    before, after = data[: length.end()], data[data.index(b"\r", length.end()) : match.end()]
    fields = dict(reversed(headers))
    return PlainHead(match[1].decode("ascii"), tuple(headers), host, fields, before, after)

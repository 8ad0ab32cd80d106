"""Requests as octets (RFC 9112 sections 2, 3 and 5)."""

import re

from procall_mobility.protocols.push.exchange import ProviderRequest

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+", re.ASCII)
_VALUE = re.compile(r"[\x20-\x7e]*", re.ASCII)
_TARGET = re.compile(r"/[\x21-\x7e]*", re.ASCII)

OURS = frozenset({"connection", "content-length", "host", "transfer-encoding"})
"""Fields that say how a request is carried; nobody else may."""


def octets_of(request: ProviderRequest, authority: str) -> bytes:
    """Return a whole request; the body has its length before it and comes in one piece.

    Raises:
        ValueError: the target, or a header field, has characters that it may not have.
    """
    if not _TARGET.fullmatch(request.path):
        raise ValueError("a request's target is not of printable ASCII, or does not begin with /")
    lines = [f"{request.method} {request.path} HTTP/1.1", f"host: {authority}"]
    for name, value in request.headers:
        if not _NAME.fullmatch(name) or name in OURS:
            raise ValueError("a header field's name is none, or not in lower case, or ours")
        if not _VALUE.fullmatch(value):
            raise ValueError("a header field has characters that are not printable ASCII")
        lines.append(f"{name}: {value}")
    lines.append(f"content-length: {len(request.body)}")
    head = "\r\n".join(lines)
    return f"{head}\r\n\r\n".encode("ascii") + request.body

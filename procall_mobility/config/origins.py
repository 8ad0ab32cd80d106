"""What clients are told to call, an origin (RFC 6454), and the hosts that one may name."""

import ipaddress
import re
from typing import Any

from procall_mobility.config import kinds

LONGEST_NAME = 253
"""Characters (RFC 1035 section 2.3.4, without the dot at the end)."""

_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?", re.ASCII)
_ORIGIN = re.compile(
    r"https?://(?P<host>\[[^\[\]]*\]|[^\[\]:]*)(?::(?P<port>[0-9]{1,5}))?", re.ASCII
)


def is_host(text: str) -> bool:
    """Tell whether a text is a name in the letters of the DNS, or an address, IPv6 in brackets."""
    if text.startswith("["):
        return text.endswith("]") and "%" not in text and _is_address(text[1:-1], 6)
    labels = text.split(".")
    # A last label of digits alone makes it an IPv4 address for everybody who reads it.
    if labels[-1].isdecimal():
        return _is_address(text, 4)
    return len(text) <= LONGEST_NAME and all(map(_LABEL.fullmatch, labels))


def origin(value: Any) -> str:
    """Read scheme and host, perhaps a port, and no path; the empty text is "not set"."""
    found = _ORIGIN.fullmatch(value) if isinstance(value, str) else None
    is_one = found and is_host(found["host"]) and int(found["port"] or 443) <= kinds.HIGHEST_PORT
    if value != "" and not is_one:
        raise ValueError('expected a text like "https://mobility.example.net"')
    return str(value)


def _is_address(text: str, version: int) -> bool:
    try:
        return ipaddress.ip_address(text).version == version
    except ValueError:
        return False

"""The kinds of value a setting can have: each reads what TOML gives, or says what it expects."""

import ipaddress
import re
from collections.abc import Callable
from typing import Any

Reader = Callable[[Any], Any]
"""Takes a TOML value, returns the setting's; raises ValueError with the cure."""

HOST_PORT = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+|localhost)):([0-9]{1,5})")
LOOPBACK = "127.0.0.1"
HIGHEST_PORT = 65_535
SERVER_ADDRESS = re.compile(r"enetctis?://[!-.0-~]+:[0-9]{1,5}")
ICE_URL = re.compile(r"(?:stun|stuns|turn|turns):[!-~]+")
NODE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62})")
"""A word that is safe in logs and labels."""
REALM = re.compile(r"[ !#-\[\]-~]{1,64}")
"""Short: every refusal carries it."""
PEER_RULE = re.compile(
    r"(?:\[(?P<v6>[0-9A-Fa-f:.]+(?:/[0-9]{1,3})?)\]|(?P<v4>[0-9.]+(?:/[0-9]{1,2})?))"
    r"(?::(?P<first>[0-9]{1,5})(?:-(?P<last>[0-9]{1,5}))?)?"
)
INTERFACE = re.compile(r"(?!\.{1,2}$)[!-.0-9;-~]{1,15}")
"""As the kernel takes them: no space, slash or colon."""
WEB_PATH = re.compile(r"(?:/[A-Za-z0-9._~-]+)+")
CLOSE_CODE = re.compile(r"[1-4][0-9]{3}")


def text(value: Any) -> str:
    """Read any text."""
    if not isinstance(value, str):
        raise ValueError('expected a text, as in "..."')
    return value


def flag(value: Any) -> bool:
    """Read true or false."""
    if not isinstance(value, bool):
        raise ValueError("expected true or false")
    return value


def whole(lowest: int, highest: int) -> Reader:
    """Return a reader of whole numbers."""

    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
            raise ValueError(f"expected a whole number from {lowest} to {highest}")
        return value

    return read


def seconds(lowest: float, highest: float) -> Reader:
    """Return a reader of times in seconds."""

    def read(value: Any) -> float:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not lowest <= value <= highest:
            raise ValueError(f"expected seconds from {lowest:g} to {highest:g}")
        return float(value)

    return read


def one_of(*allowed: str) -> Reader:
    """Return a reader of one of several words."""

    def read(value: Any) -> str:
        if value not in allowed:
            raise ValueError("expected one of " + ", ".join(f'"{word}"' for word in allowed))
        return str(value)

    return read


def matching(pattern: re.Pattern[str], example: str, *, may_be_empty: bool = False) -> Reader:
    """Return a reader of texts of a form; the empty text may say "not set"."""

    def read(value: Any) -> str:
        is_unset = may_be_empty and value == ""
        if not isinstance(value, str) or not (is_unset or pattern.fullmatch(value)):
            raise ValueError(f'expected a text like "{example}"')
        return value

    return read


def address(value: Any) -> tuple[str, int]:
    """Read `host:port`, IPv6 in brackets; `localhost` is the loopback address of IPv4."""
    match = HOST_PORT.fullmatch(value) if isinstance(value, str) else None
    problem = ValueError('expected "host:port", as in "0.0.0.0:443" or "[::]:443"')
    if match is None or int(match[3]) > 65535:
        raise problem
    host = match[1] or match[2]
    if host == "localhost":
        host = LOOPBACK
    try:
        if ipaddress.ip_address(host).version != (6 if match[1] else 4):
            raise problem
    except ValueError:
        raise problem from None
    return (host, int(match[3]))


def loopback_address(value: Any) -> tuple[str, int]:
    """Read `host:port` of this machine's own loopback."""
    host, port = address(value)
    if not ipaddress.ip_address(host).is_loopback:
        raise ValueError('expected a loopback address, as in "127.0.0.1:8080": this is not TLS')
    return (host, port)


def network(value: Any) -> str:
    """Read an IP network or a single address."""
    try:
        return str(ipaddress.ip_network(text(value)))
    except ValueError:
        raise ValueError('expected a network, as in "10.0.0.0/8" or "192.0.2.7"') from None


def rate(lowest: float, highest: float) -> Reader:
    """Return a reader of numbers that are so many per second or minute."""

    def read(value: Any) -> float:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not lowest <= value <= highest:
            raise ValueError(f"expected a number from {lowest:g} to {highest:g}")
        return float(value)

    return read


def ip_address(value: Any) -> str:
    """Read an IP address."""
    try:
        return str(ipaddress.ip_address(text(value)))
    except ValueError:
        raise ValueError('expected an IP address, as in "192.0.2.7" or "2001:db8::7"') from None


def ip_address_or_none(value: Any) -> str:
    """Read an IP address; the empty text is "not set"."""
    return "" if value == "" else ip_address(value)


def mapping(value: Any) -> str:
    """Read an address and what it is outside: `inside=outside`, of one family."""
    inside, _, outside = text(value).partition("=")
    try:
        pair = ipaddress.ip_address(inside), ipaddress.ip_address(outside)
    except ValueError:
        raise ValueError('expected "inside=outside", as in "10.0.0.5=198.51.100.7"') from None
    if pair[0].version != pair[1].version:
        raise ValueError("both addresses have to be IPv4, or both IPv6")
    return f"{pair[0]}={pair[1]}"


def port_range(value: Any) -> tuple[int, int]:
    """Read `first-last`."""
    found = re.fullmatch(r"([0-9]{1,5})-([0-9]{1,5})", value) if isinstance(value, str) else None
    if found is None or not 1024 <= int(found[1]) < int(found[2]) <= 65_535:
        raise ValueError('expected a range of ports from 1024 on, as in "49152-65535"')
    return int(found[1]), int(found[2])


def peer_rule(value: Any) -> str:
    """Read a network with or without ports."""
    found = PEER_RULE.fullmatch(value) if isinstance(value, str) else None
    plain = value if isinstance(value, str) and "[" not in value else ""
    problem = ValueError(
        'expected a network, as in "192.0.2.0/24", "192.0.2.7:5000-6000" or "[2001:db8::]:443"'
    )
    try:
        if found is None:
            ipaddress.IPv6Network(plain)
            return plain
        ipaddress.ip_network(found["v6"] or found["v4"])
    except ValueError:
        raise problem from None
    first = int(found["first"] or 1)
    if not 0 < first <= int(found["last"] or first) <= 65_535:
        raise ValueError("ports go from 1 to 65535, the smaller one first")
    return str(value)


def nat64_prefix(value: Any) -> str:
    """Read a prefix of a translator (RFC 6052 section 2.2)."""
    try:
        prefix = ipaddress.IPv6Network(text(value))
    except ValueError:
        prefix = None
    if prefix is None or prefix.prefixlen not in (32, 40, 48, 56, 64, 96):
        raise ValueError("expected an IPv6 prefix of 32, 40, 48, 56, 64 or 96 bits") from None
    return str(prefix)


def sink(value: Any) -> str:
    """Read where a log goes."""
    if value in ("journal", "stderr") or (isinstance(value, str) and value.startswith("/")):
        return str(value)
    raise ValueError('expected "journal", "stderr" or an absolute path')


def path(value: Any) -> str:
    """Read an absolute path; the empty text is "not set"."""
    if not isinstance(value, str) or (value and not value.startswith("/")) or "\0" in value:
        raise ValueError('expected an absolute path, as in "/etc/procall-mobility/cert.pem"')
    return value


def list_of(read_item: Reader) -> Reader:
    """Return a reader of lists; its errors name the item."""

    def read(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise ValueError("expected a list, as in [...]")
        items = []
        problems = []
        for index, item in enumerate(value):
            try:
                items.append(read_item(item))
            except ValueError as error:
                problems.append((f"[{index}]", str(error)))
        if problems:
            raise ItemErrors(problems)
        return tuple(items)

    return read


def codes(value: Any) -> dict[int, int]:
    """Read a table of WebSocket close codes, ours to the one to send instead."""
    if not isinstance(value, dict):
        raise ValueError('expected a table, as in { "1012" = 4012 }')
    read: dict[int, int] = {}
    for ours, theirs in value.items():
        is_code = isinstance(theirs, int) and 1000 <= theirs <= 4999
        if not CLOSE_CODE.fullmatch(ours) or not is_code:
            raise ValueError('expected close codes from 1000 to 4999, as in { "1012" = 4012 }')
        read[int(ours)] = theirs
    return read


class ItemErrors(ValueError):
    """Several items of one list are wrong: `problems` has their index and text."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        super().__init__("some items are wrong")
        self.problems = problems

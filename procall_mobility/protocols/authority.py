"""A host with or without its port, as URLs have it (RFC 3986 section 3.2)."""

from typing import Final

HTTPS: Final = 443


def split(authority: str, port: int = HTTPS) -> tuple[str, int]:
    """Return host and port of `host:port`, `[address]:port` or a host alone, which has `port`."""
    host, colon, named = authority.rpartition(":")
    if not colon or not named.isdigit() or (":" in host and not host.startswith("[")):
        return authority.strip("[]"), port
    return host.strip("[]"), int(named)

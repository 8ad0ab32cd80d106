"""Which names of hosts mean the same to everybody."""

import re

LONGEST_NAME = 253
"""Characters (RFC 1035 section 2.3.4, without the dot at the end)."""

NOT_PUBLIC_ENDINGS = frozenset({
    # Never in the public DNS (RFC 2606, RFC 6761, RFC 6762, RFC 7686, RFC 9476), or not of hosts.
    "alt", "arpa", "example", "invalid", "local", "localhost", "onion", "test",
    # Reserved by ICANN for private use, and others that companies and routers give to themselves.
    "corp", "domain", "home", "internal", "intranet", "lan", "localdomain", "mail", "private",
})  # fmt: skip

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
# A last label that begins with a digit makes a name some parsers read as an IPv4 address.
_NAME = re.compile(rf"(?:{_LABEL}\.)+(?=[A-Za-z])({_LABEL})", re.ASCII)


def is_public_name(host: str) -> bool:
    """Tell whether a host's name may stand in the public DNS; no address does.

    Names are taken as the wire has them, that is, in ASCII and without a dot at the end.
    """
    found = _NAME.fullmatch(host) if len(host) <= LONGEST_NAME else None
    return found is not None and found[1].lower() not in NOT_PUBLIC_ENDINGS

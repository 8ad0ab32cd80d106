"""Whom a browser believes it asks.

A page of elsewhere can have its own name point to this machine's loopback once it is loaded (DNS
rebinding): to the browser what we answer is its own then.  It cannot do so with an address.
"""

import ipaddress

LOCALHOST = "localhost"
"""Browsers ask no DNS for it (RFC 6761 section 6.3)."""


def is_of_nobody_else(host: bytes | None) -> bool:
    """Tell whether a value of `Host` is an address, or `localhost`; or is not there.

    Browsers always send it.
    """
    if host is None:
        return True
    name = host.decode("ascii", "replace").strip().lower()
    name = name[1:].partition("]")[0] if name.startswith("[") else name.partition(":")[0]
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return name == LOCALHOST
    return True

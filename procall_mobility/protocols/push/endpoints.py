"""Endpoints of push services: addresses that strangers choose and we shall call (RFC 8030)."""

import re
from ipaddress import IPv6Network, ip_address

from attrs import field, frozen

from procall_mobility.protocols.public_addresses import WELL_KNOWN_NAT64, forms, is_public
from procall_mobility.protocols.public_names import is_public_name
from procall_mobility.protocols.push.unsayable import MalformedToken, Unsayable

HTTPS = 443

PRIVILEGED = 1024
"""Below it live the services of operating systems, which are nobody's push service."""

LONGEST = 2048
"""Characters.  No specification of browsers has a bound; those seen have up to 700."""

_ENDPOINT = re.compile(
    r"https://(?:\[(?P<literal>[0-9A-Fa-f:.]{2,45})\]|(?P<host>[A-Za-z0-9.-]{1,253}))"
    r"(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>[/?][A-Za-z0-9._~!$&'()*+,;=:@/?%-]*)?",
    re.ASCII,
)
"""Of RFC 3986, without user information and without a fragment.  The scheme is taken in lower
case, as browsers write it."""


class ForbiddenEndpoint(Unsayable):
    """We do not call there."""

    reason = "endpoint-forbidden"


@frozen
class Endpoint:
    """Where a push service takes the messages for one device and application.

    Whoever knows it all may send there: its path is a secret.
    """

    host: str
    """A name in lower case, or an address without brackets."""
    port: int
    path: str = field(repr=False)
    """With the query."""

    @property
    def origin(self) -> str:
        """The origin (RFC 6454 section 6.1): what connections and VAPID tokens are for."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"https://{host}" if self.port == HTTPS else f"https://{host}:{self.port}"


def endpoint(text: str, longest: int = LONGEST) -> Endpoint:
    """Read an endpoint.  Whether we call it is `EndpointPolicy`'s to say.

    Raises:
        MalformedToken: it is none.
    """
    found = _ENDPOINT.fullmatch(text) if len(text) <= longest else None
    if found is None:
        raise MalformedToken(f"an endpoint is an https URL of up to {longest} characters")
    port = int(found["port"] or HTTPS)
    if not 0 < port < 65_536:
        raise MalformedToken("an endpoint's port is a number from 1 to 65535")
    path = found["path"] or "/"
    return Endpoint(
        host=(found["literal"] or found["host"]).lower(),
        port=port,
        path=path if path.startswith("/") else f"/{path}",
    )


@frozen(kw_only=True)
class EndpointPolicy:
    """Whom endpoints may name.

    Whoever registers a token chooses a URL that this daemon will call: it must not be made to
    call its neighbours (server-side request forgery).
    """

    inside: frozenset[str] = frozenset()
    """Hosts the operator allows whatever their addresses and ports are: the company's own."""
    nat64: tuple[IPv6Network, ...] = (WELL_KNOWN_NAT64,)
    """Prefixes through which this machine reaches IPv4 (RFC 6052)."""

    def check(self, endpoint: Endpoint) -> None:
        """Find out whether an endpoint may be called, as far as its text says so.

        Raises:
            ForbiddenEndpoint: it may not.
        """
        if endpoint.host in self.inside:
            return
        if not is_public_name(endpoint.host):
            raise ForbiddenEndpoint("an endpoint's host is a name of the public DNS")
        if endpoint.port < PRIVILEGED and endpoint.port != HTTPS:
            raise ForbiddenEndpoint(f"an endpoint's port is {HTTPS}, or {PRIVILEGED} and more")

    def may_reach(self, endpoint: Endpoint, address: str) -> bool:
        """Tell whether an endpoint may be called at an address its name was found to have.

        The connection must go to that address, and to none that another look-up brings.
        """
        if endpoint.host in self.inside:
            return True
        try:
            found = ip_address(address)
        except ValueError:
            return False
        # An address of NAT64 is not public itself; it counts by what comes out of it.
        is_translated = any(found in each for each in self.nat64)
        return all(map(is_public, forms(found, self.nat64)[is_translated:]))

"""Makes applications of Microsoft's, whose channels are at many hosts."""

import re
from typing import Final

from procall_mobility.gateway.push.applications.destinations import Destination, Wire
from procall_mobility.gateway.push.applications.registrations import Registration
from procall_mobility.gateway.push.applications.ways import Places
from procall_mobility.gateway.push.providers.wns_carrier import WnsCarrier
from procall_mobility.gateway.push.providers.workshop import Workshop
from procall_mobility.protocols.push import wns
from procall_mobility.protocols.push.client_secrets import ClientSecret, client_secret
from procall_mobility.protocols.push.credentials import CredentialError
from procall_mobility.protocols.push.exchange import ProviderRequest
from procall_mobility.protocols.push.wns import WnsTarget

_PACKAGE: Final = re.compile(r"ms-app://[sS](?:-[0-9]+){3,15}", re.ASCII)
"""The security id of a package, as the Store shows it."""

_APPLICATION: Final = re.compile(r"[0-9A-Za-z-]{1,64}", re.ASCII)


def branches(told: Registration, octets: bytes, workshop: Workshop) -> dict[bool, Places]:
    """Return an application whose credential is a client's secret, of the Store's or Entra's.

    Raises:
        CredentialError: the credential cannot be used.
    """
    found = client_secret(octets, may_have_tenant=True)
    asked = _token_request(found)
    usual = wns.STORE_HOST if found.tenant is None else wns.ENTRA_HOST
    parts = tuple(part.encode() for part in (found.client, found.secret, found.tenant or ""))
    family = workshop.lane(f"wns:{found.client.removeprefix('ms-app://')}", parts)
    tokens = workshop.fetched(
        family,
        parts,
        workshop.host("wns-tokens", usual),
        lambda _: asked,
    )
    target = WnsTarget(title=told.options.get("title"))
    places = Places(
        family=family,
        judge=lambda notification: wns.check(notification, target),
        place_of=lambda token: wns.channel(token).host,
        at=lambda host: WnsCarrier(
            target, tokens, Destination(host=workshop.host("wns", host), wire=Wire.HTTP1)
        ),
    )
    return {False: places}


def _token_request(found: ClientSecret) -> ProviderRequest:
    """Return what asks for an access token; it is the same each time."""
    if found.tenant is None:
        if not _PACKAGE.fullmatch(found.client):
            raise CredentialError(
                "client_id is no package's (ms-app://s-1-15-2-...), and there is no tenant_id"
            )
        return wns.store_token_request(found.client, found.secret)
    if not _APPLICATION.fullmatch(found.client):
        raise CredentialError("client_id is no application's id, as Entra shows it")
    if not wns.TENANT.fullmatch(found.tenant):
        raise CredentialError("tenant_id is neither an id nor a domain")
    return wns.entra_token_request(found.tenant, found.client, found.secret)

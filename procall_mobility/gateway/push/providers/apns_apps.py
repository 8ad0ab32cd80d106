"""Makes applications of Apple's: with a team's signing key, or with a certificate of their own."""

import hashlib
from collections.abc import Callable

from procall_mobility.gateway.push.applications.carriers import Carrier
from procall_mobility.gateway.push.applications.destinations import Destination
from procall_mobility.gateway.push.applications.expiry import Expiring
from procall_mobility.gateway.push.applications.registrations import Environment, Registration
from procall_mobility.gateway.push.applications.ways import Branch
from procall_mobility.gateway.push.providers.apns_carrier import ApnsCarrier
from procall_mobility.gateway.push.providers.apns_certificate_carrier import ApnsCertificateCarrier
from procall_mobility.gateway.push.providers.workshop import Workshop
from procall_mobility.protocols.push.apns import ApnsTarget
from procall_mobility.protocols.push.apple_certificates import (
    AppleCertificate,
    apple_certificate,
    is_certificate,
)
from procall_mobility.protocols.push.apple_keys import apple_key
from procall_mobility.protocols.push.apple_tokens import AppleTokens
from procall_mobility.protocols.push.credentials import CredentialError

Speaker = Callable[[ApnsTarget, bool, str], Carrier]
"""Makes a carrier for a target, by whether it has another environment, and its host."""


def branches(told: Registration, octets: bytes, workshop: Workshop) -> dict[bool, Branch]:
    """Return an application in the environments where it has its tokens.

    Raises:
        CredentialError: the key or the certificate cannot be used.
    """
    where = Environment(told.options.get("environment", Environment.PRODUCTION))
    both = where is Environment.BOTH
    sandboxes = (False, True) if both else (where is Environment.SANDBOX,)
    make = _by_certificate if is_certificate(octets) else _by_key
    whose, speaker = make(told, octets, workshop, sandboxes)
    made = {}
    for sandbox in sandboxes:
        target = ApnsTarget(
            topic=told.options["topic"], title=told.options["title"], sandbox=sandbox
        )
        name = "apns-sandbox" if sandbox else "apns"
        carrier = speaker(target, both, workshop.host(name, target.host))
        made[sandbox] = Branch(lane=f"{name}:{whose}", carrier=carrier)
    return made


def _by_key(
    told: Registration, pem: bytes, workshop: Workshop, _sandboxes: tuple[bool, ...]
) -> tuple[str, Speaker]:
    """Return whose the lanes are, and who speaks in them with tokens of the team's."""
    team, key_id = told.options.get("team"), told.options.get("key_id")
    if team is None or key_id is None:
        raise CredentialError("with a key, the team's id and the key's are needed")
    key = apple_key(pem, team=team, key_id=key_id)
    tokens = workshop.share(
        AppleTokens,
        (team.encode(), key_id.encode(), pem),
        lambda: AppleTokens(key, wall_clock=workshop.wall_clock, memory=workshop.memory),
    )
    mark = hashlib.sha256(pem).hexdigest()

    def speaker(target: ApnsTarget, both: bool, host: str) -> Carrier:
        # Apple takes tokens of one key alone on a connection.
        destination = Destination(host=host, credential=mark)
        return ApnsCarrier(target, tokens, destination, has_other=both)

    return f"{team}.{key_id}", speaker


def _by_certificate(
    told: Registration, octets: bytes, workshop: Workshop, sandboxes: tuple[bool, ...]
) -> tuple[str, Speaker]:
    """Return whose the lanes are, and who speaks in them on connections with a certificate."""
    found = apple_certificate(octets)
    _check(found, told.options["topic"], sandboxes, workshop.wall_clock())
    workshop.share(
        Expiring,
        (octets,),
        lambda: Expiring(name=told.name, at=found.expires.timestamp()),
    )

    def speaker(target: ApnsTarget, both: bool, host: str) -> Carrier:
        destination = Destination(host=host, certificate=found)
        return ApnsCertificateCarrier(target, found, destination, has_other=both)

    return f"certificate.{found.mark}", speaker


def _check(found: AppleCertificate, topic: str, sandboxes: tuple[bool, ...], unix: float) -> None:
    if topic not in found.topics:
        known = ", ".join(sorted(found.topics)) or "nothing"
        raise CredentialError(f"the certificate is for {known}, and not for {topic}")
    if True in sandboxes and not found.is_for_sandbox:
        raise CredentialError("the certificate is not for the sandbox")
    if False in sandboxes and not found.is_for_production:
        raise CredentialError("the certificate is for the sandbox alone")
    if unix >= found.expires.timestamp():
        raise CredentialError(f"the certificate has expired on {found.expires:%Y-%m-%d}")

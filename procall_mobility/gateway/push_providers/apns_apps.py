"""Makes applications of Apple's."""

from procall_mobility.gateway.push_apps import Branch
from procall_mobility.gateway.push_providers.apns_carrier import ApnsCarrier
from procall_mobility.gateway.push_providers.workshop import Workshop
from procall_mobility.gateway.push_registrations import Environment, Registration
from procall_mobility.protocols.push.apns import ApnsTarget
from procall_mobility.protocols.push.apple_keys import apple_key
from procall_mobility.protocols.push.apple_tokens import AppleTokens


def branches(told: Registration, pem: bytes, workshop: Workshop) -> dict[bool, Branch]:
    """Return an application in the environments where it has its tokens.

    Raises:
        CredentialError: the key cannot be used.
    """
    team, key_id = told.options["team"], told.options["key_id"]
    key = apple_key(pem, team=team, key_id=key_id)
    tokens = workshop.share(
        AppleTokens,
        (team.encode(), key_id.encode(), pem),
        lambda: AppleTokens(key, wall_clock=workshop.wall_clock),
    )
    where = Environment(told.options.get("environment", Environment.PRODUCTION))
    both = where is Environment.BOTH
    made = {}
    for sandbox in (False, True) if both else (where is Environment.SANDBOX,):
        target = ApnsTarget(
            topic=told.options["topic"], title=told.options["title"], sandbox=sandbox
        )
        name = "apns-sandbox" if sandbox else "apns"
        carrier = ApnsCarrier(
            target, tokens, has_other=both, host=workshop.host(name, target.host)
        )
        made[sandbox] = Branch(lane=f"{name}:{team}.{key_id}", carrier=carrier)
    return made

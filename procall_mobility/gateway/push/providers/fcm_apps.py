"""Makes applications of Google's."""

from procall_mobility.gateway.push.applications.destinations import Destination
from procall_mobility.gateway.push.applications.registrations import Registration
from procall_mobility.gateway.push.applications.ways import Branch
from procall_mobility.gateway.push.providers.fcm_carrier import FcmCarrier
from procall_mobility.gateway.push.providers.workshop import Workshop
from procall_mobility.protocols.push import fcm
from procall_mobility.protocols.push.fcm import FcmTarget
from procall_mobility.protocols.push.service_accounts import service_account


def branches(told: Registration, octets: bytes, workshop: Workshop) -> dict[bool, Branch]:
    """Return the application of a service account's project.

    Raises:
        CredentialError: the account cannot be used.
    """
    account = service_account(octets)
    lane = workshop.lane(f"fcm:{account.project}", (octets,))
    tokens = workshop.fetched(
        lane,
        (octets,),
        workshop.host("fcm-tokens", account.token_host),
        lambda unix: account.token_request(fcm.SCOPE, unix),
    )
    target = FcmTarget(project=account.project)
    carrier = FcmCarrier(target, tokens, Destination(host=workshop.host("fcm", fcm.HOST)))
    return {False: Branch(lane=lane, carrier=carrier)}

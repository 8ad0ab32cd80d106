"""Makes applications of Huawei's."""

import hashlib
import re

from procall_mobility.gateway.push.applications.destinations import Destination
from procall_mobility.gateway.push.applications.registrations import Registration
from procall_mobility.gateway.push.applications.ways import Branch
from procall_mobility.gateway.push.providers.hms_carrier import (
    FetchedTokens,
    HmsCarrier,
    SignedTokens,
    Tokens,
)
from procall_mobility.gateway.push.providers.workshop import Workshop
from procall_mobility.protocols.push import hms
from procall_mobility.protocols.push.client_secrets import client_secret
from procall_mobility.protocols.push.credentials import CredentialError
from procall_mobility.protocols.push.hms import HmsTarget, System
from procall_mobility.protocols.push.hms_accounts import HmsTokens, hms_account


def branches(told: Registration, octets: bytes, workshop: Workshop) -> dict[bool, Branch]:
    """Return an application for the devices of one system; its credential tells what it is for.

    Raises:
        CredentialError: the credential cannot be used.
    """
    system = System(told.options["system"])
    make = _android if system is System.ANDROID else _harmony
    lane, owner, tokens = make(octets, workshop)
    destination = Destination(
        host=workshop.host("hms", hms.HOST), credential=hashlib.sha256(octets).hexdigest()
    )
    target = HmsTarget(
        system=system,
        id=told.options.get("id", owner),
        title=told.options["title"],
        body=told.options["body"],
        category=told.options.get("category", "IM"),
        may_ring=told.options.get("may_ring") == "yes",
    )
    carrier = HmsCarrier(target, tokens, destination)
    return {False: Branch(lane=lane, carrier=carrier)}


def _android(octets: bytes, workshop: Workshop) -> tuple[str, str, Tokens]:
    """Return lane, owner and tokens of an OAuth client."""
    found = client_secret(octets)
    if not re.fullmatch(hms.IDENTIFIER, found.client):
        raise CredentialError("client_id is not of up to 64 letters and digits")
    parts = (found.client.encode(), found.secret.encode())
    lane = workshop.lane(f"hms:android.{found.client}", parts)
    tokens = workshop.fetched(
        lane,
        parts,
        workshop.host("hms-tokens", hms.TOKEN_HOST),
        lambda _: hms.token_request(found.client, found.secret),
    )
    return lane, found.client, FetchedTokens(tokens)


def _harmony(octets: bytes, workshop: Workshop) -> tuple[str, str, Tokens]:
    """Return lane, owner and tokens of a service account."""
    account = hms_account(octets)
    if not re.fullmatch(hms.IDENTIFIER, account.project):
        raise CredentialError("project_id is not of up to 64 letters and digits")
    tokens = workshop.share(HmsTokens, (octets,), account.tokens)
    lane = workshop.lane(f"hms:harmony.{account.project}", (octets,))
    return lane, account.project, SignedTokens(tokens)

"""Applications as the operator has registered them."""

import enum
from collections.abc import Mapping

from attrs import field, frozen


class Provider(enum.StrEnum):
    """Who carries pushes."""

    APNS = "apns"
    FCM = "fcm"
    HMS = "hms"
    WNS = "wns"
    WEBPUSH = "webpush"


class Environment(enum.StrEnum):
    """Where an application of Apple's has its tokens."""

    PRODUCTION = "production"
    SANDBOX = "sandbox"
    BOTH = "both"


@frozen(kw_only=True)
class Registration:
    """An application as the operator has registered it."""

    name: str
    """The channel customers' servers name it by."""
    ucsid: str | None = None
    """The customer it is for; None for all."""
    provider: Provider
    credential: str
    """The file of its key, certificate, secret or service account."""
    options: Mapping[str, str] = field(factory=dict)
    """What else is told of it (`options`)."""

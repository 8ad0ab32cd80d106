"""The settings of the push gateway."""

import re

from attrs import frozen

from procall_mobility.config import kinds
from procall_mobility.config.declaring import section, setting
from procall_mobility.config.kinds import flag, list_of, path, whole

PROVIDER = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(?::[0-9]{1,5})?")

OWN_SERVICE = re.compile(r"[A-Za-z0-9.-]{1,253}|[0-9A-Fa-f:.]{2,45}")


def _host(purpose: str) -> str:
    read = kinds.matching(PROVIDER, "push.example.net:443", may_be_empty=True)
    host: str = setting("", read, purpose)
    return host


@frozen(kw_only=True)
class PushHosts:
    """Where the providers are, if not where they say: for proxies and tests."""

    apns: str = _host("Apple's production.")
    apns_sandbox: str = _host("Apple's sandbox.")
    fcm: str = _host("Google's messages.")
    fcm_tokens: str = _host("Google's access tokens.")
    hms: str = _host("Huawei's messages.")
    hms_tokens: str = _host("Huawei's access tokens.")
    wns: str = _host("Microsoft's, instead of all the hosts that channels name.")
    wns_tokens: str = _host("Microsoft's access tokens.")


@frozen(kw_only=True)
class PushLimits:
    """What each customer may push; calls have a share of their own, of the same size."""

    rate: float = setting(500.0, kinds.rate(0.01, 100_000), "Pushes per second on average.")
    burst: float = setting(10_000.0, kinds.rate(1, 1_000_000), "Pushes at once.")
    queued: int = setting(20_000, whole(1, 10_000_000), "Pushes that may wait at one provider.")
    queued_octets: int = setting(
        50_000_000, whole(10_000, 10_000_000_000), "Their size in all, likewise."
    )
    url_rate: float = setting(
        1.0, kinds.rate(0.01, 1000), "Messages per second to one capability URL, on average."
    )
    url_burst: float = setting(60.0, kinds.rate(1, 10_000), "Messages to one at once.")
    sender_rate: float = setting(
        200.0,
        kinds.rate(0.01, 100_000),
        "Requests per second by Matrix' and Mattermost's APIs from one address, on average.",
    )
    sender_burst: float = setting(2000.0, kinds.rate(1, 1_000_000), "Such requests at once.")


@frozen(kw_only=True)
class Push:
    """The push gateway: customers' servers wake sleeping phones."""

    enabled: bool = setting(True, flag, "Whether pushes are taken.")
    queue: str = setting("", path, "SQLite file of accepted pushes; empty: push.sqlite in data.")
    key: str = setting(
        "", path, "File with the key they are sealed with; empty: one is made in data."
    )
    authorities: str = setting(
        "", path, "PEM of who issues the providers' certificates; empty: whom the system trusts."
    )
    endpoints_inside: tuple[str, ...] = setting(
        (),
        list_of(kinds.matching(OWN_SERVICE, "push.example.net")),
        "Your own Web Push and UnifiedPush servers: called whatever their addresses and ports.",
    )
    hosts: PushHosts = section(PushHosts)
    limits: PushLimits = section(PushLimits)

"""Every setting: its name, default, kind of value, and what it is for.

The commented file in `etc/` and the table in `docs/settings.md` are made from this module.
"""

import attrs
from attrs import frozen

from procall_mobility.config import kinds
from procall_mobility.config.assumption_settings import Assumptions
from procall_mobility.config.daemon_settings import Admin, Demo, Log, Service, Store, Tls
from procall_mobility.config.declaring import section, setting
from procall_mobility.config.drain_settings import Drain
from procall_mobility.config.kinds import list_of, path, seconds, text, whole
from procall_mobility.config.push_settings import Push
from procall_mobility.config.turn_settings import Turn
from procall_mobility.config.uc_settings import UcClient, UcServer


@frozen(kw_only=True)
class Listen:
    """Where connections are taken."""

    tls: tuple[tuple[str, int], ...] = setting(
        (("0.0.0.0", 443), ("::", 443)),  # noqa: S104  # The public door of a public service.
        list_of(kinds.address),
        "The one port for clients and servers, in TLS.",
    )
    http: tuple[tuple[str, int], ...] = setting(
        (), list_of(kinds.loopback_address), "Plain HTTP for this machine only; for a demo."
    )
    link: tuple[tuple[str, int], ...] = setting(
        (), list_of(kinds.address), "Server links that begin in plain and must use asnStartTLS."
    )
    proxy_from: tuple[str, ...] = setting(
        (), list_of(kinds.network), "Load balancers that must send a PROXY v2 header."
    )


@frozen(kw_only=True)
class Connections:
    """Bounds on connections before they say who they are."""

    per_address: int = setting(
        1000,
        whole(1, 1_000_000),
        "Connections from one IPv4 address or IPv6 /64; the users of an office may share one.",
    )
    total: int = setting(50_000, whole(10, 10_000_000), "Connections in all.")
    silence: float = setting(10.0, seconds(1, 300), "Time for the first message.")
    handshake: float = setting(15.0, seconds(1, 300), "Time for the rest of a TLS handshake.")


@frozen(kw_only=True)
class BackOffSettings:
    """Failures beyond the free ones double the wait."""

    free: int = setting(5, whole(0, 1000), "Failures that cost nothing.")
    base: float = setting(1.0, seconds(0, 3600), "First wait.")
    longest: float = setting(300.0, seconds(0, 86_400), "Longest wait.")
    forget_after: float = setting(900.0, seconds(1, 86_400), "When failures are forgotten.")


@frozen(kw_only=True)
class UserBackOff(BackOffSettings):
    """The same for one user of one customer, from wherever the attempts come."""

    free: int = setting(10, whole(0, 1000), "Failures that cost nothing.")
    longest: float = setting(60.0, seconds(0, 86_400), "Longest wait.")


@frozen(kw_only=True)
class CustomerBackOff(BackOffSettings):
    """The same for strangers at one customer, and for one address its users log on from."""

    free: int = setting(50, whole(0, 1000), "Failures that cost nothing.")
    longest: float = setting(10.0, seconds(0, 86_400), "Longest wait.")
    forget_after: float = setting(300.0, seconds(1, 86_400), "When failures are forgotten.")


@frozen(kw_only=True)
class BackOffs:
    """How failed log-ons are slowed down: by strange address, user, customer, server address."""

    client: BackOffSettings = section(BackOffSettings)
    user: UserBackOff = section(UserBackOff)
    customer: CustomerBackOff = section(CustomerBackOff)
    server: BackOffSettings = section(BackOffSettings)


@frozen(kw_only=True)
class IceServerSettings:
    """One STUN or TURN server."""

    urls: tuple[str, ...] = setting(
        (),
        list_of(kinds.matching(kinds.ICE_URL, "turn:turn.example.net:3478?transport=udp")),
        "Its addresses.",
    )
    secret_file: str = setting("", path, "File with the secret it shares with us (REST scheme).")
    username: str = setting("", text, "A fixed user name, where it has no shared secret.")
    credential_file: str = setting("", path, "File with the password of that user.")


@frozen(kw_only=True)
class Ice:
    """STUN/TURN servers that customers' servers get for their clients."""

    ttl: int = setting(86_400, whole(60, 31_536_000), "How long credentials are valid, seconds.")
    servers: tuple[IceServerSettings, ...] = attrs.field(
        default=(), metadata={"tables": IceServerSettings, "purpose": "One table for each server."}
    )


@frozen(kw_only=True)
class Settings:
    """All of them."""

    service: Service = section(Service)
    listen: Listen = section(Listen)
    tls: Tls = section(Tls)
    connections: Connections = section(Connections)
    ucserver: UcServer = section(UcServer)
    ucclient: UcClient = section(UcClient)
    back_off: BackOffs = section(BackOffs)
    turn: Turn = section(Turn)
    push: Push = section(Push)
    ice: Ice = section(Ice)
    drain: Drain = section(Drain)
    log: Log = section(Log)
    store: Store = section(Store)
    admin: Admin = section(Admin)
    demo: Demo = section(Demo)
    assumptions: Assumptions = section(Assumptions)

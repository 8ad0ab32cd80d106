"""The settings of the STUN/TURN relay."""

from typing import Literal

from attrs import frozen

from procall_mobility.config import kinds
from procall_mobility.config.declaring import section, setting
from procall_mobility.config.kinds import flag, list_of, rate, whole

EVERYWHERE = (("0.0.0.0", 3478), ("::", 3478))  # noqa: S104  # The public door of a service.
EVERYWHERE_TLS = (("0.0.0.0", 5349), ("::", 5349))  # noqa: S104

Addresses = tuple[tuple[str, int], ...]


@frozen(kw_only=True)
class TurnLimits:
    """How much of everything; octets per second of 0 are not bounded."""

    allocations: int = setting(10_000, whole(1, 1_000_000), "Allocations at once, in all.")
    allocations_per_customer: int = setting(
        5000, whole(1, 1_000_000), "Allocations of one customer."
    )
    allocations_per_user: int = setting(50, whole(1, 1_000_000), "Allocations of one user.")
    allocations_per_address: int = setting(
        1000, whole(1, 1_000_000), "Allocations from one client address."
    )
    permissions: int = setting(200, whole(1, 10_000), "Permissions of one allocation.")
    channels: int = setting(200, whole(1, 4096), "Channels of one allocation.")
    new_peers_per_second: float = setting(
        20.0, rate(0.1, 100_000), "New peers one allocation may turn to; more is a scan."
    )
    customer_octets_per_second: float = setting(
        125_000_000.0, rate(0, 1e12), "What a customer may relay, each way."
    )
    user_octets_per_second: float = setting(
        12_500_000.0, rate(0, 1e12), "What a user may relay, each way."
    )
    address_octets_per_second: float = setting(
        25_000_000.0, rate(0, 1e12), "What the users behind one address may relay, each way."
    )
    kernel_channels: int = setting(
        32_768,
        whole(1, 1_000_000),
        "Channels the kernel relays of each IP version; memory for all is taken at start.",
    )
    tcp_connections: int = setting(
        20, whole(1, 1000), "TCP connections to peers of one allocation."
    )
    wrong_passwords_per_minute: float = setting(
        60.0, rate(1, 100_000), "Wrong passwords from one address; then it is not answered."
    )
    unauthenticated_per_second: float = setting(
        50.0, rate(1, 1_000_000), "Answers to one address before it shows who it is."
    )


@frozen(kw_only=True)
class TurnPeers:
    """Which peers clients may reach; by themselves only public addresses."""

    allow: tuple[str, ...] = setting(
        (), list_of(kinds.peer_rule), 'Allow these too, as in "192.0.2.0/24:5000-6000".'
    )
    deny: tuple[str, ...] = setting(
        (), list_of(kinds.peer_rule), "Deny these, although they are public."
    )
    nat64: tuple[str, ...] = setting(
        ("64:ff9b::/96",),
        list_of(kinds.nat64_prefix),
        "Prefixes behind which a translator has IPv4.",
    )


@frozen(kw_only=True)
class Turn:
    """The STUN/TURN relay for calls; TLS on `listen.tls` takes its clients as well."""

    udp: Addresses = setting(EVERYWHERE, list_of(kinds.address), "Where it listens for UDP.")
    tcp: Addresses = setting(EVERYWHERE, list_of(kinds.address), "Where it listens for TCP.")
    tls: Addresses = setting(
        EVERYWHERE_TLS, list_of(kinds.address), "Where it listens for TLS, besides listen.tls."
    )
    dtls: Addresses = setting((), list_of(kinds.address), "Where it listens for DTLS.")
    realm: str = setting(
        "",
        kinds.matching(kinds.REALM, "mobility.example.net", may_be_empty=True),
        "What clients mix into their keys; the host of service.origin when empty.",
    )
    relay: tuple[str, ...] = setting(
        (),
        list_of(kinds.ip_address),
        "Addresses relays are opened on; when empty, those that lead to the internet.",
    )
    external: tuple[str, ...] = setting(
        (),
        list_of(kinds.mapping),
        'What a relay\'s address is outside a 1:1 NAT, as in "10.0.0.5=198.51.100.7".',
    )
    ports: tuple[int, int] = setting((49_152, 65_535), kinds.port_range, "Ports of relays.")
    urls: tuple[str, ...] = setting(
        (),
        list_of(kinds.matching(kinds.ICE_URL, "turn:turn.example.net:3478?transport=udp")),
        "What clients are told; made from service.origin and the listeners when empty.",
    )
    lifetime: int = setting(600, whole(600, 3600), "Seconds of an allocation.")
    longest_lifetime: int = setting(
        3600, whole(600, 86_400), "Seconds of an allocation whose client asks for more."
    )
    mobility: bool = setting(True, flag, "Let allocations move with their clients (RFC 8016).")
    tcp_relay: bool = setting(True, flag, "Relay TCP connections too (RFC 6062).")
    md5: bool = setting(True, flag, "Take keys made with MD5; browsers have no others yet.")
    old_channels: bool = setting(
        False, flag, "Take channels above 0x4FFF, which very old clients choose (RFC 5766)."
    )
    alternate: str = setting(
        "",
        kinds.ip_address_or_none,
        "A second address for finding out what a NAT does (RFC 5780); off when empty.",
    )
    datapath: Literal["auto", "kernel", "python"] = setting(
        "auto",
        kinds.one_of("auto", "kernel", "python"),
        'Who relays bound channels over UDP; "auto" takes Python where the kernel cannot.',
    )
    interfaces: tuple[str, ...] = setting(
        (),
        list_of(kinds.matching(kinds.INTERFACE, "eth0")),
        "Where packets come in for the kernel to relay; when empty, where our addresses are.",
    )
    limits: TurnLimits = section(TurnLimits)
    peers: TurnPeers = section(TurnPeers)

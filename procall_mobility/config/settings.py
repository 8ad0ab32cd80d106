"""Every setting: its name, default, kind of value, and what it is for.

The commented file in `etc/` and the table in `docs/settings.md` are made from this module.
"""

import attrs
from attrs import frozen

from procall_mobility.config import kinds
from procall_mobility.config.declaring import section, setting
from procall_mobility.config.kinds import flag, list_of, path, seconds, text, whole
from procall_mobility.config.push_settings import Push
from procall_mobility.config.turn_settings import Turn

ORIGIN = kinds.matching(kinds.ORIGIN, "https://mobility.example.net", may_be_empty=True)
DATA = "/var/lib/procall-mobility"


@frozen(kw_only=True)
class Service:
    """This node, and what it is called from outside."""

    node: str = setting(
        "node1",
        kinds.matching(kinds.NODE, "node1"),
        "Name of this node in logs and in the status.",
    )
    origin: str = setting(
        "", ORIGIN, "What the look-up tells clients: scheme and host, no path. Needed."
    )
    data: str = setting(DATA, path, "Folder for what the daemon keeps.")


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
class Tls:
    """The certificate; both files are read again when they change, and on SIGHUP."""

    certificate: str = setting(
        "/etc/procall-mobility/certificate.pem", path, "Certificate and its chain, PEM."
    )
    key: str = setting("/etc/procall-mobility/key.pem", path, "Its private key, PEM.")
    check_every: float = setting(10.0, seconds(1, 3600), "How often the files are looked at.")


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
class UcServer:
    """Customers' servers and their links."""

    registration_timeout: float = setting(20.0, seconds(1, 300), "Time to register.")
    keep_alive: float = setting(30.0, seconds(1, 600), "How often a keep-alive is sent.")
    silence: float = setting(90.0, seconds(2, 3600), "Silence after which a link is given up.")
    write_stall: float = setting(
        60.0, seconds(1, 3600), "Time a server may take nothing at all before it is cut off."
    )
    loopback_may_skip_tls: bool = setting(
        False, flag, "Let servers on this machine skip asnStartTLS; for a demo."
    )
    links_per_customer: int = setting(
        1, whole(1, 8), "Links one customer may hold to this node at once."
    )
    redirect: tuple[str, ...] = setting(
        (),
        list_of(kinds.matching(kinds.SERVER_ADDRESS, "enetctis://node2.example.net:443")),
        "Send registering servers to these nodes instead of letting them in.",
    )
    hide_unknown_ucsid: bool = setting(
        False, flag, "Answer an unknown UCSID like a wrong password (error 3, not 2)."
    )
    message_size: int = setting(9_999_999, whole(10_000, 9_999_999), "Largest message, in octets.")


@frozen(kw_only=True)
class UcClient:
    """Clients and their sessions."""

    answer_timeout: float = setting(20.0, seconds(1, 300), "Time a server has to answer.")
    upgrade_timeout: float = setting(60.0, seconds(1, 3600), "Time until the WebSocket comes.")
    grace: float = setting(10.0, seconds(0, 600), "How long a session outlives its WebSocket.")
    ping_every: float = setting(30.0, seconds(1, 3600), "How often clients are pinged.")
    pings_missed: int = setting(2, whole(1, 100), "Unanswered pings until a client is given up.")
    message_size: int = setting(9_999_999, whole(10_000, 9_999_999), "Largest message, in octets.")
    frames_per_second: float = setting(
        50.0, seconds(0.1, 100_000), "Messages a client may send, on average."
    )
    frame_burst: int = setting(500, whole(1, 1_000_000), "Messages a client may send at once.")
    queue_octets: int = setting(
        1_000_000, whole(10_000, 1_000_000_000), "What may wait for a slow client."
    )
    calls_per_session: int = setting(200, whole(1, 50_000), "Unanswered calls of one client.")
    server_calls_per_session: int = setting(
        100, whole(1, 50_000), "Unanswered calls of the server to one client."
    )
    logins_per_customer: int = setting(
        100, whole(1, 10_000), "Log-ons under way at once, for each link."
    )
    retry_after: int = setting(5, whole(1, 3600), "Seconds a client waits when all is busy.")
    body_size: int = setting(1_000_000, whole(1000, 9_999_999), "Largest request body, in octets.")
    header_size: int = setting(
        65_536, whole(4096, 1_000_000), "Largest request header, in octets."
    )
    idle_timeout: float = setting(60.0, seconds(1, 3600), "How long an HTTP connection may idle.")


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
class Log:
    """The log books."""

    access: str = setting("journal", kinds.sink, "Links, sessions, pushes and refusals.")
    service: str = setting("journal", kinds.sink, "Start, stop and faults of the daemon.")
    format: str = setting("text", kinds.one_of("text", "json"), "For people or for machines.")
    level: str = setting(
        "info", kinds.one_of("debug", "info", "warn", "error"), "Least level of the service book."
    )
    pushes: str = setting(
        "calls", kinds.one_of("all", "calls", "none"), "Pushes that have a line in access."
    )


@frozen(kw_only=True)
class Store:
    """What is remembered."""

    path: str = setting(f"{DATA}/customers.sqlite", path, "SQLite file of the customers.")


@frozen(kw_only=True)
class Admin:
    """How the command line reaches the daemon, and whoever watches it."""

    socket: str = setting("/run/procall-mobility/admin.sock", path, "Unix socket, owner only.")
    http: tuple[tuple[str, int], ...] = setting(
        (),
        list_of(kinds.loopback_address),
        'Metrics and health by plain HTTP on this machine only, as in ["127.0.0.1:8081"].',
    )
    token_file: str = setting(
        "",
        path,
        "File with the token metrics are asked for with; admin.token in service.data when empty.",
    )
    customers_in_metrics: bool = setting(
        False, flag, "Count links, sessions and allocations of each customer by its name too."
    )


@frozen(kw_only=True)
class Demo:
    """What only a demonstration wants."""

    web_root: str = setting("", path, "Folder shown under /demo/; nothing when empty.")
    origin_from_request: bool = setting(
        False, flag, "Answer look-ups with the scheme and host of the request."
    )


LINK_PATHS = ("/ws/ucserver", "/ws/server", "/ucserver", "/ws/server/websocket")


@frozen(kw_only=True)
class Assumptions:
    """What a first meeting with a real server or app may overturn; leave it alone otherwise."""

    a15_one_shot_error_status: int = setting(
        400, whole(200, 599), "Status that carries a ROSE error of a one-shot call."
    )
    a16_bad_session_status: int = setting(403, whole(400, 499), "Status for an unknown session.")
    a22_close_codes: dict[int, int] = attrs.field(
        factory=dict,
        metadata={"read": kinds.codes, "purpose": "Close codes to send instead of ours."},
    )
    a24_link_paths: tuple[str, ...] = setting(
        LINK_PATHS,
        list_of(kinds.matching(kinds.WEB_PATH, "/ws/ucserver")),
        "Where server links may come as WebSockets.",
    )
    a28_turn_capability: str = setting(
        "asnWebServiceCapabilityTypeTurn", text, "The text that says TURN is available."
    )
    a38_guess_registration: bool = setting(
        True, flag, "Take an unnamed first call of the right shape for a registration."
    )
    a41_own_operations: bool = setting(
        True, flag, "Take operations whose names begin with `mobility` for ours, not a server's."
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
    log: Log = section(Log)
    store: Store = section(Store)
    admin: Admin = section(Admin)
    demo: Demo = section(Demo)
    assumptions: Assumptions = section(Assumptions)

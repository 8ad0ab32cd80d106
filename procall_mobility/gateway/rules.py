"""The gateway's limits; times in seconds, sizes in octets."""

from attrs import field, frozen

from procall_mobility.gateway.back_off import BackOffRules


@frozen(kw_only=True)
class GatewayRules:
    """Every bound of the gateway; `composition.terms` fills it from the settings."""

    answer_timeout: float = 20.0
    """How long a customer's server may take for a call made over HTTP (Wire 2.7)."""
    upgrade_timeout: float = 60.0
    """How long a new session may wait for its WebSocket (A-21)."""
    grace: float = 10.0
    """How long a session outlives its WebSocket (A-21)."""
    handshake_timeout: float = 30.0
    """How long a multi-step log-on may pause between two requests (A-12)."""
    probe_timeout: float = 3.0
    """How long an old link may take to show life when a second one comes (A-27)."""
    negotiation_cache: float = 300.0
    """How long the schemes a server offers are remembered (A-30)."""
    stickiness: float = 60.0
    """How long a client address is sent to the same link (A-03)."""
    write_stall: float = 60.0
    """How long a server may take nothing at all before its link is cut."""
    retry_after: int = 5
    """What a client is told when its server is slow or at its limits."""
    links_per_customer: int = 1
    frames_per_second: float = 50.0
    frame_burst: float = 500.0
    queue_octets: int = 1_000_000
    """What may wait for a slow client."""
    calls_per_session: int = 200
    server_calls_per_session: int = 100
    logins_per_customer: int = 100
    """Log-ons under way at once, waiting multi-step ones included."""
    hide_unknown_servers: bool = False
    """Answer error 3 instead of 2 to a server with an unknown UCSID (Wire 5.2)."""
    oldest_protocol: int = 60
    """iVersion below this is refused with error 1."""
    redirect: tuple[str, ...] = ()
    """Where servers are sent instead of being let in (A-25)."""
    client_back_off: BackOffRules = field(factory=BackOffRules)
    user_back_off: BackOffRules = field(factory=lambda: BackOffRules(free=10, longest=60.0))
    customer_back_off: BackOffRules = field(
        factory=lambda: BackOffRules(free=50, longest=10.0, forget_after=300.0)
    )
    """For strangers at one customer, see `Guesses`."""
    server_back_off: BackOffRules = field(factory=BackOffRules)

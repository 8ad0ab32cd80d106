"""Customers' servers and their links, clients and their sessions."""

from attrs import frozen

from procall_mobility.config import kinds
from procall_mobility.config.declaring import setting
from procall_mobility.config.kinds import flag, list_of, seconds, whole


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

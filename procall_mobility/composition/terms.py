"""Hands settings on as the numbers and names each room asks for."""

from collections.abc import Callable, Sequence
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from attrs import define

from procall_mobility.config import Settings
from procall_mobility.config.settings import BackOffSettings, IceServerSettings
from procall_mobility.gateway.back_off import BackOff, BackOffRules
from procall_mobility.gateway.customer_door import CustomerDoor
from procall_mobility.gateway.drain import DrainRules
from procall_mobility.gateway.ice import IceIssuer, IceServer, OwnRelay
from procall_mobility.gateway.rules import GatewayRules
from procall_mobility.gateway.turn_desk import TurnDesk
from procall_mobility.gateway.turn_issuing import TurnIssuing
from procall_mobility.gateway.turn_urls import made_urls
from procall_mobility.protocols.ucclient.assumptions import ClientAssumptions
from procall_mobility.protocols.ucclient.client_socket import SocketRules
from procall_mobility.protocols.ucclient.intentions import HttpRequest
from procall_mobility.protocols.ucclient.socket_rules import CloseCode
from procall_mobility.protocols.ucserver.rules import LinkRules

DEMO_REALM = "procall-mobility"
"""The realm of a daemon that was told no origin."""


def gateway_rules(settings: Settings) -> GatewayRules:
    """Return the bounds of the gateway."""
    client, server = settings.ucclient, settings.ucserver
    return GatewayRules(
        answer_timeout=client.answer_timeout,
        upgrade_timeout=client.upgrade_timeout,
        grace=client.grace,
        write_stall=server.write_stall,
        retry_after=client.retry_after,
        links_per_customer=server.links_per_customer,
        frames_per_second=client.frames_per_second,
        frame_burst=client.frame_burst,
        queue_octets=client.queue_octets,
        calls_per_session=client.calls_per_session,
        server_calls_per_session=client.server_calls_per_session,
        logins_per_customer=client.logins_per_customer,
        hide_unknown_servers=server.hide_unknown_ucsid,
        redirect=server.redirect,
        client_back_off=_back_off(settings.back_off.client),
        user_back_off=_back_off(settings.back_off.user),
        customer_back_off=_back_off(settings.back_off.customer),
        server_back_off=_back_off(settings.back_off.server),
    )


def link_rules(settings: Settings) -> LinkRules:
    """Return the limits of server links."""
    server = settings.ucserver
    return LinkRules(
        message_size=server.message_size,
        registration_timeout=server.registration_timeout,
        keep_alive=server.keep_alive,
        silence=server.silence,
        guess_registration=settings.assumptions.a38_guess_registration,
    )


def socket_rules(settings: Settings) -> SocketRules:
    """Return the limits of clients' WebSockets."""
    client = settings.ucclient
    return SocketRules(
        message_size=client.message_size,
        ping_every=client.ping_every,
        pings_missed=client.pings_missed,
    )


def client_assumptions(settings: Settings) -> ClientAssumptions:
    """Return what is assumed of clients."""
    told = settings.assumptions
    known = {int(code) for code in CloseCode}
    return ClientAssumptions(
        one_shot_error_status=told.a15_one_shot_error_status,
        bad_session_status=told.a16_bad_session_status,
        close_codes={
            CloseCode(ours): theirs
            for ours, theirs in told.a22_close_codes.items()
            if ours in known
        },
    )


def ice_issuer(
    settings: Settings, own: OwnRelay | None, wall_clock: Callable[[], float]
) -> IceIssuer:
    """Return the issuer of STUN/TURN servers.

    Raises:
        OSError: a secret cannot be read.
    """
    return IceIssuer(
        servers=tuple(map(_ice_server, settings.ice.servers)),
        own=own,
        ttl=settings.ice.ttl,
        wall_clock=wall_clock,
        capability=settings.assumptions.a28_turn_capability,
    )


def needs_certificate(settings: Settings) -> bool:
    """Tell whether TLS is spoken anywhere."""
    listen, turn = settings.listen, settings.turn
    return bool(listen.tls or listen.link or turn.tls or turn.dtls)


def drain_rules(settings: Settings) -> DrainRules:
    """Return how long the end may take."""
    return DrainRules(
        on_stop=settings.drain.on_stop,
        on_hand_over=settings.drain.on_hand_over,
        spread=settings.drain.spread,
        patience=settings.ucclient.answer_timeout,
    )


def turn_is_on(settings: Settings) -> bool:
    """Tell whether the relay has a listener of its own; then the TLS port serves it too."""
    turn = settings.turn
    return bool(turn.udp or turn.tcp or turn.tls or turn.dtls)


def turn_realm(settings: Settings) -> str:
    """Return what clients of the relay mix into their keys."""
    return settings.turn.realm or urlsplit(settings.service.origin).hostname or DEMO_REALM


def turn_urls(settings: Settings, relays: Sequence[str]) -> tuple[str, ...]:
    """Return what clients are told to find the relay by.

    Args:
        settings: all of them.
        relays: relayed addresses, for a machine that has no name.
    """
    turn = settings.turn
    if turn.urls:
        return turn.urls
    named = [host for host, _ in turn.udp if not ip_address(host).is_unspecified]
    host = urlsplit(settings.service.origin).hostname or next(iter((*named, *relays)), "localhost")
    return made_urls(host, udp=turn.udp, tcp=turn.tcp, tls=(*settings.listen.tls, *turn.tls))


def turn_desk(settings: Settings, own: OwnRelay, door: CustomerDoor) -> TurnDesk:
    """Return what hands out credentials by HTTP."""
    issuing = TurnIssuing(users=own.users, urls=own.urls, ttl=settings.ice.ttl)
    return TurnDesk(door=door, issuing=issuing)


@define(eq=False)
class ToldOrigin:
    """What look-ups tell clients: scheme and host of the settings, or of the request in a demo."""

    settings: Settings
    """May be replaced at any time."""

    def __call__(self, request: HttpRequest) -> str:
        """Return the origin."""
        if self.settings.demo.origin_from_request:
            return f"{'https' if request.secure else 'http'}://{request.host}"
        return self.settings.service.origin


def server_back_off(settings: Settings) -> BackOff:
    """Return how customers' programs are slowed down that show wrong passwords."""
    return BackOff(_back_off(settings.back_off.server))


def _back_off(told: BackOffSettings) -> BackOffRules:
    return BackOffRules(
        free=told.free, base=told.base, longest=told.longest, forget_after=told.forget_after
    )


def _ice_server(told: IceServerSettings) -> IceServer:
    secret = Path(told.secret_file).read_bytes().strip() if told.secret_file else None
    credential = (
        Path(told.credential_file).read_text("utf-8").strip() if told.credential_file else None
    )
    return IceServer(
        urls=told.urls, secret=secret, username=told.username or None, credential=credential
    )

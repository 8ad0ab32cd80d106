"""Hands settings on as the numbers and names each room asks for."""

from collections.abc import Callable
from pathlib import Path

from procall_mobility.config import Settings
from procall_mobility.config.settings import BackOffSettings, IceServerSettings
from procall_mobility.gateway.back_off import BackOffRules
from procall_mobility.gateway.ice import IceIssuer, IceServer
from procall_mobility.gateway.rules import GatewayRules
from procall_mobility.protocols.ucclient.assumptions import ClientAssumptions
from procall_mobility.protocols.ucclient.client_socket import SocketRules
from procall_mobility.protocols.ucclient.socket_rules import CloseCode
from procall_mobility.protocols.ucserver.rules import LinkRules


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


def ice_issuer(settings: Settings, wall_clock: Callable[[], float]) -> IceIssuer:
    """Return the issuer of STUN/TURN servers.

    Raises:
        OSError: a secret cannot be read.
    """
    return IceIssuer(
        servers=tuple(map(_ice_server, settings.ice.servers)),
        ttl=settings.ice.ttl,
        wall_clock=wall_clock,
        capability=settings.assumptions.a28_turn_capability,
    )


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

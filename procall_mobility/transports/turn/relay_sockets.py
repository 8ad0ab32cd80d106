"""Opens relay sockets: the port `RelaySockets` of the relay."""

from typing import Any

from procall_mobility.protocols.turn.server import TurnServer
from procall_mobility.transports.pump import Household
from procall_mobility.transports.turn.hub import DatagramHub
from procall_mobility.transports.turn.peer_stream import TcpRelay, open_tcp
from procall_mobility.transports.turn.udp_relay import UdpRelay, open_udp, report_errors

RELAY_BUFFER = 256 * 1024
"""Octets asked of the kernel for each relay: video of a second, while we are busy."""


class HostSockets:
    """Opens sockets of this machine."""

    server: TurnServer
    """Whose relays they are; set once, as the two need each other."""

    def __init__(self, hub: DatagramHub, reactor: Any, household: Household) -> None:
        self._hub = hub
        self._reactor = reactor
        self._household = household

    def open(self, host: str, port: int) -> UdpRelay | None:
        """Open a UDP socket; None when the port is not to be had."""
        try:
            sock = open_udp(host, port, RELAY_BUFFER)
        except OSError:
            return None
        report_errors(sock)
        return UdpRelay(sock, self._hub, self.server)

    def open_tcp(self, host: str, port: int) -> TcpRelay | None:
        """Listen for TCP connections; None when the port is not to be had."""
        try:
            sock = open_tcp(host, port)
        except OSError:
            return None
        return TcpRelay(sock, self._reactor, self._household, self.server)

"""Makes `twistd procall-mobility` known; imports nothing of ours until it is asked for."""

from twisted.application.service import ServiceMaker

procall_mobility = ServiceMaker(
    "ProCall Mobility",
    "procall_mobility.tap",
    "Server tunnels, client WebSockets, TURN relay and push for UC servers",
    "procall-mobility",
)

"""A client, its relayed address and a peer, of either family, and the flows between them."""

from dataclasses import dataclass, replace
from typing import Any

from tests.datapath.turn_relay.packets import Datagram, End, channel_data, end
from tests.datapath.turn_relay.program import Program

NUMBER = 0x4001
FAMILIES = (4, 6)


def place(family: int, host: int, port: int) -> End:
    return end(f"192.0.2.{host}" if family == 4 else f"2001:db8::{host:x}", port)


@dataclass(frozen=True)
class Ends:
    """Who takes part in one channel, and its number."""

    client: End
    server: End
    relayed: End
    peer: End
    number: int = NUMBER

    def to_peer(self, data: bytes, **fields: Any) -> Datagram:
        """What the client sends through the channel."""
        return Datagram(self.client, self.server, channel_data(self.number, data), **fields)

    def at_peer(self, data: bytes, **fields: Any) -> Datagram:
        """What of it arrives."""
        return Datagram(self.relayed, self.peer, data, **{"hops": 63, **fields})

    def to_client(self, data: bytes, **fields: Any) -> Datagram:
        return Datagram(self.peer, self.relayed, data, **fields)

    def at_client(self, data: bytes, **fields: Any) -> Datagram:
        fields = {"hops": 63, **fields}
        return Datagram(self.server, self.client, channel_data(self.number, data), **fields)

    def bind(self, program: Program, **fields: Any) -> None:
        """Write down the flows of both directions."""
        self.bind_out(program, **fields)
        self.bind_in(program, **fields)

    def bind_out(self, program: Program, **fields: Any) -> None:
        program.put(self.client, self.server, self.number, self.relayed, self.peer, 0, **fields)

    def bind_in(self, program: Program, **fields: Any) -> None:
        program.put(self.peer, self.relayed, 0, self.server, self.client, self.number, **fields)


def ends(family: int, number: int = NUMBER) -> Ends:
    hosts = ((1, 40001), (2, 3478), (3, 50003), (4, 6004))
    return Ends(*(place(family, host, port) for host, port in hosts), number)


def bound(program: Program, family: int, **fields: Any) -> Ends:
    """Ends of a bound channel that may carry as much as it wants."""
    channel = ends(family)
    channel.bind(program, **fields)
    program.allow(fields.get("slot", 0))
    return channel


def without_choice(datagram: Datagram) -> Datagram:
    """Without what the program chooses: an identification to be fragmented by, the flow label."""
    identification = datagram.identification if datagram.dont_fragment else 0
    return replace(datagram, identification=identification, flow_label=0)

"""Lets a client find out how its NAT behaves (RFC 5780): four sockets that answer for each other.

The four are two hosts with the same two ports each.  A client asks one of them to be answered by
another, or at another port of its own, and sees what its NAT lets through.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from attrs import field, frozen

from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.stun.addresses import (
    TransportAddress,
    address_of,
    encode_address,
    encode_xor_address,
)
from procall_mobility.protocols.stun.codes import Attribute, Class
from procall_mobility.protocols.stun.message import Message, build

CHANGE_HOST: Final = 0x04
CHANGE_PORT: Final = 0x02
"""The flags of CHANGE-REQUEST (RFC 5780 section 7.2)."""

MOST_PADDING: Final = 1500
"""Octets: with its headers this is a fragmented datagram on every Ethernet, which is the point."""

Send = Callable[[bytes, TransportAddress, TransportAddress], None]
"""Sends a message from one of the four sockets, named by what it is bound to, to an address."""


@frozen
class Reply:
    """An answer, the socket it leaves from, and where it goes."""

    message: bytes
    origin: TransportAddress
    to: TransportAddress


@frozen(kw_only=True)
class NatBehaviour:
    """The service at one pair of hosts."""

    hosts: tuple[str, str]
    """What the sockets are bound to; both of one family."""
    ports: tuple[int, int]
    send: Send
    seen_as: Mapping[str, str] = field(factory=dict)
    """What clients see instead of a host, where that is behind a 1:1 NAT."""

    def places(self) -> Sequence[TransportAddress]:
        """Return the four addresses that are listened at."""
        return [address_of(host, port) for host in self.hosts for port in self.ports]

    def reply(self, request: Message, client: TransportAddress, at: TransportAddress) -> Reply:
        """Answer a Binding request that came to one of the four (RFC 5780 section 6.1).

        Raises:
            PeerError: it asks for what cannot be; the answer is 400.
        """
        wish = request.get(Attribute.CHANGE_REQUEST)
        response_port = request.get(Attribute.RESPONSE_PORT)
        padding = request.get(Attribute.PADDING)
        if wish is not None and len(wish) != 4:
            raise PeerError("protocol-error", "a CHANGE-REQUEST is malformed")
        # Two octets and padding, which some count in the length.
        if response_port is not None and len(response_port) not in (2, 4):
            raise PeerError("protocol-error", "a RESPONSE-PORT is malformed")
        if response_port is not None and padding is not None:
            raise PeerError("protocol-error", "RESPONSE-PORT and PADDING exclude each other")
        flags = 0 if wish is None else wish[3]
        across = self._across(at)
        origin = address_of(
            across[0] if flags & CHANGE_HOST else at[0],
            across[1] if flags & CHANGE_PORT else at[1],
        )
        attributes = [
            (Attribute.XOR_MAPPED_ADDRESS, encode_xor_address(client, request.transaction_id)),
            # Without the mask too: a client sees whether somebody on the way rewrites addresses.
            (Attribute.MAPPED_ADDRESS, encode_address(client)),
            (Attribute.RESPONSE_ORIGIN, encode_address(self._seen(origin))),
            (Attribute.OTHER_ADDRESS, encode_address(self._seen(across))),
        ]
        if padding is not None:
            # Never more than came: nobody is made to send much by saying little.
            attributes.append((Attribute.PADDING, bytes(min(len(padding), MOST_PADDING))))
        message = build(
            request.method,
            Class.SUCCESS,
            request.transaction_id,
            attributes,
            fingerprint=request.has_fingerprint,
        )
        if response_port is None:
            return Reply(message, origin, client)
        # Another port of the same host: no third party can be aimed at.
        return Reply(message, origin, address_of(client[0], int.from_bytes(response_port[:2])))

    def _across(self, at: TransportAddress) -> TransportAddress:
        """Return the one of the four that shares neither host nor port with `at`."""
        host, port = self.hosts.index(at[0]), self.ports.index(at[1])
        return address_of(self.hosts[1 - host], self.ports[1 - port])

    def _seen(self, place: TransportAddress) -> TransportAddress:
        return address_of(self.seen_as.get(place[0], place[0]), place[1])

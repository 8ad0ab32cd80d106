"""A request of somebody we know, on its way through the house."""

from collections.abc import Sequence

from attrs import define

from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.stun.addresses import TransportAddress, decode_xor_address
from procall_mobility.protocols.stun.codes import Attribute, Code
from procall_mobility.protocols.stun.message import Message
from procall_mobility.protocols.turn.allocation import Allocation
from procall_mobility.protocols.turn.identity import Identity
from procall_mobility.protocols.turn.ports import ClientPath
from procall_mobility.protocols.turn.refusal import Refusal

Answer = Sequence[tuple[int, bytes]]
"""The attributes of a success response."""


@define(eq=False)
class Request:
    """What is asked, by whom, from where, when."""

    message: Message
    path: ClientPath
    identity: Identity
    allocation: Allocation | None
    """The allocation of the five-tuple it came on."""
    now: float

    def needed_allocation(self) -> Allocation:
        """Return the allocation.

        Raises:
            Refusal: 437, there is none.
        """
        if self.allocation is None:
            raise Refusal(Code.ALLOCATION_MISMATCH)
        return self.allocation

    def number(self, attribute: Attribute, size: int) -> int | None:
        """Return an attribute of `size` octets as a number.

        Raises:
            Refusal: 400, it has another size.
        """
        value = self.message.get(attribute)
        if value is None:
            return None
        if len(value) != size:
            raise Refusal(Code.BAD_REQUEST)
        return int.from_bytes(value)

    def has(self, attribute: Attribute) -> bool:
        """Tell whether an attribute is there."""
        return self.message.get(attribute) is not None

    def peers(self) -> list[TransportAddress]:
        """Return all XOR-PEER-ADDRESS.

        Raises:
            Refusal: 400, there is none or one is malformed.
        """
        try:
            found = [
                decode_xor_address(value, self.message.transaction_id)
                for value in self.message.all(Attribute.XOR_PEER_ADDRESS)
            ]
        except PeerError as error:
            raise Refusal(Code.BAD_REQUEST) from error
        if not found:
            raise Refusal(Code.BAD_REQUEST)
        return found

"""The three forms a ROSE message travels in (Wire 4.7)."""

import enum

from procall_mobility.protocols.errors import PeerError


class Form(enum.Enum):
    """How a peer writes; a connection keeps the form of its first inbound message."""

    BER = "ber"
    JSON_HEADER = "json-header"
    JSON_BARE = "json-bare"


def form_of(first: int) -> Form:
    """Tell the form by a message's first octet.

    Raises:
        PeerError: none of them begins like that.
    """
    if 0xA1 <= first <= 0xA4:
        return Form.BER
    if first == 0x4A:  # J
        return Form.JSON_HEADER
    if first in b"{[":
        return Form.JSON_BARE
    raise PeerError("framing", "the first octet begins none of the known forms")

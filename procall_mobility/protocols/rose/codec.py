"""One door to all forms of a ROSE message."""

from procall_mobility.protocols.rose import ber_form, json_form
from procall_mobility.protocols.rose.ber_form import TagVariant
from procall_mobility.protocols.rose.form import Form
from procall_mobility.protocols.rose.messages import Message
from procall_mobility.protocols.rose.undecodable import Undecodable

__all__ = ["Undecodable", "decode", "encode"]


def decode(payload: bytes, form: Form) -> tuple[Message, ...]:
    """Read one payload: one message, in bare JSON perhaps an array of them.

    Raises:
        Undecodable: with the reject its sender gets.
    """
    if form is Form.BER:
        return (ber_form.decode(payload),)
    return json_form.decode(payload)


def encode(message: Message, form: Form, tags: TagVariant = TagVariant.EXPLICIT) -> bytes:
    """Write one message, without framing; `tags` matters for BER only."""
    if form is Form.BER:
        return ber_form.encode(message, tags=tags)
    return json_form.encode(message)

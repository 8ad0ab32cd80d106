"""How one server writes ROSE: its framing, form and tags, kept from its first message on."""

from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.rose import codec
from procall_mobility.protocols.rose.ber_form import TagVariant, variant_of
from procall_mobility.protocols.rose.form import Form, form_of
from procall_mobility.protocols.rose.framing import Deframer, frame
from procall_mobility.protocols.rose.messages import Message

LARGEST_OF_A_STRANGER = 400_000
"""Octets of one message before its sender is let in: the longest registration that is read has
some 300,000, and what strangers can make us hold is bounded by their connections times this."""


class Speech:
    """Reads and writes a link's messages; the dialling side has chosen the form (Wire 4.7)."""

    def __init__(self, message_size: int, *, framed: bool) -> None:
        """Be `framed` on a stream; a WebSocket frames its messages itself."""
        self._size = message_size
        self._framed = framed
        self._heard_size = min(message_size, LARGEST_OF_A_STRANGER)
        self._deframer = Deframer(self._heard_size)
        self._tags = TagVariant.EXPLICIT  # Wire 4.4: what C++ servers read.
        self.form: Form | None = None
        """The form of the first message; None before it."""

    def trust(self) -> None:
        """Take messages of any size that is allowed: their sender is known now."""
        self._heard_size = self._size
        self._deframer.allow(self._size)

    def payloads(self, data: bytes) -> list[bytes]:
        """Cut a stream, or take one WebSocket message.

        Raises:
            PeerError: the connection cannot be read any further.
        """
        if self._framed:
            found = self._deframer.feed(data)
            self.form = self._deframer.form
            return found
        if len(data) > self._heard_size:
            raise PeerError("message-too-big", "a message exceeds the limit")
        if self.form is None and data:
            form = form_of(data[0])
            self.form = Form.JSON_BARE if form is Form.JSON_HEADER else form
        return [data] if data else []

    def messages(self, payload: bytes) -> tuple[Message, ...]:
        """Decode one payload.

        Raises:
            Undecodable: with the reject its sender gets.
        """
        form = self.form or Form.JSON_BARE
        messages = codec.decode(payload, form)
        if form is Form.BER:
            self._tags = variant_of(payload) or self._tags
        return messages

    def written(self, message: Message) -> bytes | None:
        """Return a message as it is to be sent; None when it exceeds the limit."""
        form = self.form or Form.JSON_HEADER
        payload = codec.encode(message, form, self._tags)
        if len(payload) > self._size:
            return None
        return frame(payload, form) if self._framed else payload

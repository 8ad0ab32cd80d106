"""ROSE messages as BER (Wire 4.4): both tag variants are read, either can be written."""

import enum
from collections.abc import Callable
from itertools import islice

from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.rose import ber
from procall_mobility.protocols.rose.ber import Element
from procall_mobility.protocols.rose.messages import (
    AuthenticationItem,
    AuthenticationRequest,
    AuthenticationResult,
    BerValue,
    Error,
    Invoke,
    Message,
    Payload,
    Problem,
    ProblemKind,
    Reject,
    Result,
)
from procall_mobility.protocols.rose.undecodable import Undecodable, mistyped


class TagVariant(enum.Enum):
    """How sessionID and operationName are tagged: estos' two runtimes differ (Wire 4.4)."""

    EXPLICIT = enum.auto()
    """`A1 { 0C }`, the C++ runtime."""
    IMPLICIT = enum.auto()
    """`81`, the TypeScript runtime."""


INVOKE, RESULT, ERROR, REJECT = 0xA1, 0xA2, 0xA3, 0xA4
MOST_AUTHENTICATIONS = 20


def variant_of(payload: bytes) -> TagVariant | None:
    """Tell which variant a message was written in; None when it shows neither.

    Raises:
        PeerError: its elements are broken.
    """
    outer = ber.single(payload)
    reader = _Reader(outer)
    element = reader.next(0x81, 0xA1)
    # Numbers below mean something else in other messages, and in what a message carries.
    if element is None and outer.tag == INVOKE and reader.next(ber.INTEGER):
        reader.next(0x80)
        element = reader.next(0x82, 0xA2)
    if element is None:
        return None
    return TagVariant.EXPLICIT if element.tag & ber.CONSTRUCTED else TagVariant.IMPLICIT


def decode(payload: bytes) -> Message:
    """Read one message.

    Raises:
        Undecodable: with the reject its sender gets.
    """
    try:
        outer = ber.single(payload)
    except PeerError as error:
        raise mistyped(error.text, None) from error
    read = _READERS.get(outer.tag)
    if read is None:
        raise mistyped("no ROSE message begins with this BER tag", None)
    reader = _Reader(outer)
    try:
        return read(reader)
    except PeerError as error:
        if read is _invoke:
            raise mistyped(error.text, reader.invoke_id) from error
        raise Undecodable(error.text) from error


class _Reader:
    """Takes the elements inside one in order, each when it is what is expected next.

    What nobody asks for is never looked at, so that many small elements cost nothing.
    """

    def __init__(self, element: Element) -> None:
        self._rest = element.inside()
        self._ahead: Element | None = None
        self.invoke_id: int | None = None

    def next(self, *tags: int) -> Element | None:
        """Take the next element if it has one of `tags`; none given: whatever it is."""
        if self._ahead is None:
            self._ahead = next(self._rest, None)
        element = self._ahead
        if element is None or (tags and element.tag not in tags):
            return None
        self._ahead = None
        return element

    def needed(self, *tags: int) -> Element:
        """Take the next element, which has to be there."""
        element = self.next(*tags)
        if element is None:
            raise PeerError("protocol-error", "an element of the envelope is missing")
        return element

    def text(self, number: int) -> str | None:
        """Take an optional text with context tag `number`, in either variant."""
        element = self.next(0x80 | number, 0xA0 | number)
        if element is None:
            return None
        if element.tag & 0x20:
            element = element.only()
        return ber.read_text(element.contents)

    def integer(self, *tags: int) -> int:
        """Take an integer that has to be there."""
        return ber.read_integer(self.needed(*tags).contents)

    def payload(self) -> BerValue | None:
        """Take an ANY, if one is left that is no extension marker."""
        element = self.next()
        if element is None or element.whole == ber.EXTENSION_MARKER:
            return None
        return BerValue(element.whole)


def _invoke(reader: _Reader) -> Invoke:
    session_id = reader.text(1)
    reader.invoke_id = invoke_id = reader.integer(ber.INTEGER)
    linked = reader.next(0x80)
    name = reader.text(2)
    authentication = reader.next(0xA3)
    return Invoke(
        invoke_id=invoke_id,
        linked_id=ber.read_integer(linked.contents) if linked else None,
        operation_name=name or None,
        authentication=_request(authentication) if authentication else None,
        operation_id=reader.integer(ber.INTEGER),
        argument=reader.payload(),
        session_id=session_id,
    )


def _result(reader: _Reader) -> Result:
    session_id = reader.text(1)
    invoke_id = reader.integer(ber.INTEGER)
    body = reader.next(ber.SEQUENCE)
    if body is None:
        return Result(invoke_id, session_id=session_id)
    inner = _Reader(body)
    value = inner.integer(ber.INTEGER)
    return Result(invoke_id, inner.payload(), value, session_id)


def _error(reader: _Reader) -> Error:
    session_id = reader.text(1)
    invoke_id = reader.integer(ber.INTEGER)
    value = reader.integer(ber.INTEGER)
    return Error(invoke_id, reader.payload(), value, session_id)


def _reject(reader: _Reader) -> Reject:
    session_id = reader.text(1)
    invoked = reader.needed(ber.INTEGER, ber.NULL)
    problem = reader.next(0x80, 0x81, 0x82, 0x83)
    details = reader.next(ber.UTF8)
    authentication = reader.next(0xA4)
    return Reject(
        invoke_id=ber.read_integer(invoked.contents) if invoked.tag == ber.INTEGER else None,
        problem=_problem(problem) if problem else None,
        details=ber.read_text(details.contents) if details else None,
        session_id=session_id,
        authentication=_offer(authentication) if authentication else None,
    )


_READERS: dict[int, Callable[[_Reader], Message]] = {
    INVOKE: _invoke,
    RESULT: _result,
    ERROR: _error,
    REJECT: _reject,
}


def _problem(element: Element) -> Problem:
    return Problem(ProblemKind(element.tag & 0x03), ber.read_integer(element.contents))


def _untagged(element: Element, levels: int) -> Element:
    """Return the sequence behind a tag of either variant; below an explicit one stand `levels`."""
    inner: Element | None = element
    for level in range(1, levels + 1):
        inner = next(inner.inside(), None) if inner is not None else None
        if inner is None or inner.tag != ber.SEQUENCE:
            return element.only() if inner is None and level == levels else element
    return element.only()


def _request(element: Element) -> AuthenticationRequest:
    reader = _Reader(_untagged(element, 2))
    item = _item(reader.needed(ber.SEQUENCE))
    return AuthenticationRequest(item, _context(reader))


def _offer(element: Element) -> AuthenticationResult:
    reader = _Reader(_untagged(element, 3))
    items = islice(reader.needed(ber.SEQUENCE).inside(), MOST_AUTHENTICATIONS)
    return AuthenticationResult(tuple(_item(item) for item in items), _context(reader))


def _item(element: Element) -> AuthenticationItem:
    reader = _Reader(element)
    method = ber.read_text(reader.needed(ber.UTF8).contents)
    return AuthenticationItem(method, reader.needed(ber.OCTETS).contents)


def _context(reader: _Reader) -> str | None:
    element = reader.next(ber.UTF8)
    return ber.read_text(element.contents) if element else None


def encode(message: Message, *, tags: TagVariant = TagVariant.EXPLICIT) -> bytes:
    """Write a message, its operation by id and name as far as they are given."""
    parts = [] if message.session_id is None else [_tagged(1, message.session_id, tags)]
    match message:
        case Invoke():
            tag = INVOKE
            parts += _invoke_parts(message, tags)
        case Result():
            tag = RESULT
            body = ber.integer(message.result_value) + _plain(message.result)
            parts += [ber.integer(message.invoke_id), ber.element(ber.SEQUENCE, body)]
        case Error():
            tag = ERROR
            parts += [ber.integer(message.invoke_id), ber.integer(message.error_value)]
            parts.append(_plain(message.error))
        case _:
            tag = REJECT
            parts += _reject_parts(message)
    return ber.element(tag, b"".join(parts))


def _invoke_parts(invoke: Invoke, tags: TagVariant) -> list[bytes]:
    parts = [ber.integer(invoke.invoke_id)]
    if invoke.linked_id is not None:
        parts.append(ber.integer(invoke.linked_id, 0x80))
    if invoke.operation_name is not None:
        parts.append(_tagged(2, invoke.operation_name, tags))
    if invoke.authentication is not None:
        request = invoke.authentication
        body = _written_item(request.item) + _written_context(request.context)
        parts.append(ber.element(0xA3, ber.element(ber.SEQUENCE, body)))
    return [*parts, ber.integer(invoke.operation_id), _plain(invoke.argument)]


def _reject_parts(reject: Reject) -> list[bytes]:
    null = ber.element(ber.NULL, b"")
    parts = [null if reject.invoke_id is None else ber.integer(reject.invoke_id)]
    if reject.problem is not None:
        parts.append(ber.integer(reject.problem.code, 0x80 | reject.problem.kind))
    if reject.details is not None:
        parts.append(ber.text(reject.details))
    if reject.authentication is not None:
        offer = reject.authentication
        items = ber.element(ber.SEQUENCE, b"".join(_written_item(item) for item in offer.items))
        body = ber.element(ber.SEQUENCE, items + _written_context(offer.context))
        parts.append(ber.element(0xA4, body))
    return parts


def _written_item(item: AuthenticationItem) -> bytes:
    return ber.element(ber.SEQUENCE, ber.text(item.method) + ber.element(ber.OCTETS, item.data))


def _written_context(context: str | None) -> bytes:
    return b"" if context is None else ber.text(context)


def _tagged(number: int, value: str, tags: TagVariant) -> bytes:
    if tags is TagVariant.IMPLICIT:
        return ber.text(value, 0x80 | number)
    return ber.element(0xA0 | number, ber.text(value))


def _plain(payload: Payload | None) -> bytes:
    if payload is None:
        return b""
    if not isinstance(payload, BerValue):
        raise TypeError("a JSON value cannot be written as BER")
    return payload.octets

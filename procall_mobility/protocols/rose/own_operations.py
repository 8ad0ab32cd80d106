"""Operations of our own, which the published interface does not have (A-41).

Published names begin with `asn`, ours with `mobility`, so that none of them is ever the other;
they have no ids.  Their arguments and results are documents: JSON where JSON is spoken, and in BER
a sequence of one UTF8String that holds the same JSON.
"""

import json
from typing import Final

from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.rose import ber
from procall_mobility.protocols.rose.messages import BerValue, JsonValue

PREFIX: Final = "mobility"

DOCUMENT: Final = "MobilityDocument"
"""The type of all arguments and results."""


def is_ours(operation: str | None) -> bool:
    """Whether an operation is one of ours, by its name."""
    return operation is not None and operation.startswith(PREFIX)


def document(value: BerValue) -> JsonValue:
    """Return the JSON in a document.

    Raises:
        PeerError: there is none.
    """
    outer = ber.single(value.octets)
    # What follows the text is an extension, as behind any sequence (Wire 4.4).
    inner = next(outer.inside(), None) if outer.tag == ber.SEQUENCE else None
    if inner is None or inner.tag != ber.UTF8:
        raise _none()
    text = ber.read_text(inner.contents)
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        raise _none() from None
    return JsonValue(text)


def as_ber(value: JsonValue) -> BerValue:
    """Return the document that holds some JSON."""
    return BerValue(ber.element(ber.SEQUENCE, ber.text(value.text)))


def _none() -> PeerError:
    return PeerError("protocol-error", "not a document: a sequence of one text that holds JSON")

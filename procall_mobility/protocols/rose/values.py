"""Values of the schema's types between JSON and BER (Wire 4.3, 4.4)."""

from procall_mobility.protocols.rose.ber import single
from procall_mobility.protocols.rose.messages import BerValue, JsonValue
from procall_mobility.protocols.rose.value_reading import read
from procall_mobility.protocols.rose.value_writing import write


def to_json(type_name: str, value: BerValue) -> JsonValue:
    """Transcode BER into JSON as the C++ runtime writes it: times as ISO text, NULL as 0.

    Raises:
        PeerError: unknown type, or a value of another shape.
    """
    return JsonValue.of(read(type_name, single(value.octets)))


def to_ber(type_name: str, value: JsonValue, *, marker: bool = False) -> BerValue:
    """Transcode JSON into BER; `marker` appends the C++ compiler's extension marker.

    Raises:
        PeerError: unknown type, a member missing, or a value of another shape.
    """
    return BerValue(write(type_name, value.value(), marker=marker))

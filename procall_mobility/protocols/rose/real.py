"""REAL and the times made of it (Wire 4.5): days since 1899-12-30 00:00 UTC, 0 for no time."""

import datetime
import math

from procall_mobility.protocols.errors import PeerError

EPOCH = datetime.datetime(1899, 12, 30, tzinfo=datetime.UTC)
NOT_SET = ""
"""How JSON says "no date"."""

_PLUS, _MINUS = 0x80, 0xC0


def write_real(value: float) -> bytes:
    """Return the contents octets as the vendor's runtime makes them: mantissa not normalised."""
    if value == 0 or not math.isfinite(value):
        return b""
    fraction, exponent = math.frexp(abs(value))
    # The runtime shifts the mantissa left by octets of 8, 16 ... until no fraction is left, with
    # its highest bit at the top of an octet: 1.0 is 80 * 2^-7.
    mantissa = int(fraction * (1 << 56))
    size = 7
    while size > 1 and not mantissa & 0xFF:
        mantissa >>= 8
        size -= 1
    power = exponent - 8 * size
    octets = power.to_bytes(1 if -128 <= power < 128 else 2, "big", signed=True)
    sign = _PLUS if value > 0 else _MINUS
    return bytes((sign | (len(octets) - 1),)) + octets + mantissa.to_bytes(size, "big")


def read_real(contents: bytes) -> float:
    """Read contents octets: base 2, exponent of 1 to 3 octets (X.690 section 8.5).

    Raises:
        PeerError: another base, a special value, or out of range.
    """
    if not contents:
        return 0.0
    lead = contents[0]
    size = (lead & 0x03) + 1
    mantissa = contents[1 + size :]
    if lead & 0xBC != 0x80 or size > 3 or not 1 <= len(mantissa) <= 16:
        raise PeerError("protocol-error", "a REAL of this kind is not understood")
    power = int.from_bytes(contents[1 : 1 + size], "big", signed=True)
    try:
        value = math.ldexp(int.from_bytes(mantissa, "big"), power)
    except OverflowError as error:
        raise PeerError("protocol-error", "a REAL is out of range") from error
    return -value if lead & 0x40 else value


def iso_of(days: float) -> str:
    """Return the time as ISO 8601 text in UTC, milliseconds only if there are any; "" for none.

    Raises:
        PeerError: outside the years 1 to 9999.
    """
    if days == 0:
        return NOT_SET
    try:
        time = EPOCH + datetime.timedelta(milliseconds=round(days * 86_400_000))
    except (OverflowError, ValueError) as error:
        raise PeerError("protocol-error", "a time is out of range") from error
    milliseconds = time.microsecond // 1000
    fraction = f".{milliseconds:03d}" if milliseconds else ""
    return f"{time:%Y-%m-%dT%H:%M:%S}".rjust(19, "0") + fraction + "Z"


def days_of(iso: str) -> float:
    """Return the days for an ISO 8601 text; without an offset it is UTC; 0 for "".

    Raises:
        PeerError: it is no time.
    """
    if not iso:
        return 0.0
    try:
        time = datetime.datetime.fromisoformat(iso)
    except ValueError as error:
        raise PeerError("protocol-error", "a time is not ISO 8601") from error
    if time.tzinfo is None:
        time = time.replace(tzinfo=datetime.UTC)
    return (time - EPOCH) / datetime.timedelta(days=1)

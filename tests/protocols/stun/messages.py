"""Any messages there may be, for tests of whatever reads them."""

from hypothesis import strategies as st

from procall_mobility.protocols.stun.codes import Attribute, Class
from procall_mobility.protocols.stun.message import Signature, build

SPECIAL = {Attribute.MESSAGE_INTEGRITY, Attribute.MESSAGE_INTEGRITY_SHA256, Attribute.FINGERPRINT}

names = st.one_of(st.sampled_from(list(Attribute)), st.integers(0, 0xFFFF)).filter(
    lambda name: name not in SPECIAL
)
attributes = st.lists(st.tuples(names, st.binary(max_size=40)), max_size=12)
signatures = st.none() | st.builds(Signature, st.binary(max_size=40), st.booleans())

messages = st.builds(
    build,
    st.integers(0, 0xFFF),
    st.sampled_from(Class),
    st.binary(min_size=12, max_size=12),
    attributes,
    signatures,
    fingerprint=st.booleans(),
)


@st.composite
def almost_messages(draw: st.DrawFn) -> bytes:
    """Draw a message with some octets changed, cut off or added."""
    octets = bytearray(draw(messages))
    for _ in range(draw(st.integers(0, 4))):
        octets[draw(st.integers(0, len(octets) - 1))] = draw(st.integers(0, 255))
    end = draw(st.integers(0, len(octets)))
    return bytes(octets[: max(end, 20)]) + draw(st.binary(max_size=8))


@st.composite
def anything(draw: st.DrawFn) -> bytes:
    """Draw octets that look like messages more or less."""
    kind = draw(st.integers(0, 3))
    if kind == 0:
        return draw(st.binary(max_size=200))
    if kind == 1:
        # A right header over whatever comes.
        body = draw(st.binary(max_size=120))
        body += bytes(-len(body) % 4)
        head = draw(st.integers(0, 0x3FFF)).to_bytes(2) + len(body).to_bytes(2)
        return head + bytes.fromhex("2112a442") + draw(st.binary(min_size=12, max_size=12)) + body
    return draw(almost_messages()) if kind == 2 else draw(messages)


@st.composite
def channel_data(draw: st.DrawFn) -> bytes:
    """Draw ChannelData, without padding."""
    data = draw(st.binary(max_size=60))
    number = draw(st.integers(0x4000, 0x4FFF))
    return number.to_bytes(2) + len(data).to_bytes(2) + data

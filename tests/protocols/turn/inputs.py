"""What may be said to a relay: what is usual, what is wrong, and anything at all."""

from hypothesis import strategies as st

from tests.interop.turn.stun_codec import IPV4, IPV6, TCP, UDP, A, Method, Part, xor_address
from tests.protocols.turn.plays import SEEN, SEEN6

T = b"twelve bytes"
PORTS = range(50_000, 50_008)

HOSTS = ["20.0.0.1", "20.0.0.2", "2a00::1", "10.0.0.7", "::ffff:20.0.0.1", "::1", SEEN, SEEN6]
# Whatever is usual comes often enough to get somewhere.
usual = st.just(("20.0.0.1", 5000))
peers = usual | st.tuples(st.sampled_from(HOSTS), st.sampled_from([0, 80, 5000, 5001, *PORTS]))
numbers = st.just(0x4000) | st.sampled_from([0, 0x3FFF, 0x4001, 0x4FFF, 0x5000, 0xFFFF])
octets = st.binary(max_size=40)


def attribute(kind: int, *values: bytes) -> st.SearchStrategy[Part]:
    """Return an attribute with one of these values, or with any."""
    return st.tuples(st.just(int(kind)), st.sampled_from(values) | octets)


peer_parts = peers.map(lambda each: (int(A.XOR_PEER_ADDRESS), xor_address(each, T)))
parts = st.one_of(
    peer_parts,
    attribute(A.XOR_PEER_ADDRESS, b""),
    numbers.map(lambda number: (int(A.CHANNEL_NUMBER), number.to_bytes(2) + b"\0\0")),
    attribute(A.CHANNEL_NUMBER, b"@\0"),
    attribute(A.REQUESTED_TRANSPORT, UDP, TCP),
    attribute(A.LIFETIME, bytes(4), (700).to_bytes(4), b"\xff" * 4),
    attribute(A.REQUESTED_ADDRESS_FAMILY, IPV4, IPV6),
    attribute(A.ADDITIONAL_ADDRESS_FAMILY, IPV4, IPV6),
    attribute(A.EVEN_PORT, b"\0", b"\x80"),
    attribute(A.DONT_FRAGMENT, b""),
    attribute(A.RESERVATION_TOKEN, bytes(8)),
    attribute(A.CONNECTION_ID, bytes(4)),
    attribute(A.MOBILITY_TICKET, b""),
    attribute(A.DATA, b"data"),
    st.tuples(st.integers(0, 0xFFFF), octets),
)
known = st.sampled_from([int(each) for each in Method])
methods = known | known | st.integers(0, 0x0FF)
wishes = st.sampled_from(
    [
        [],
        [(int(A.MOBILITY_TICKET), b"")],
        [(int(A.EVEN_PORT), b"\x80")],
        [(int(A.ADDITIONAL_ADDRESS_FAMILY), IPV6), (int(A.MOBILITY_TICKET), b"")],
        [(int(A.REQUESTED_ADDRESS_FAMILY), IPV6)],
    ]
)

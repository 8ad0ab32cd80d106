"""The sample messages of RFC 5769 and of RFC 8489 appendix B.1 (as erratum 6268 corrects it)."""

from attrs import define

MATRIX = "マトリックス".encode()
"""The user name of the samples with long-term credentials."""


@define(frozen=True)
class Vector:
    """A sample, and what its text says is in it."""

    octets: bytes
    attributes: tuple[tuple[int, bytes], ...]
    key: bytes
    has_fingerprint: bool = True
    is_padded_by_zeros: bool = False
    """Only such ones can we write to the octet; senders may pad with anything (RFC 8489 14)."""


TRANSACTION = bytes.fromhex("b7e7a701bc34d686fa87dfae")
LONG_TERM_TRANSACTION = bytes.fromhex("78ad3433c6ad72c029da412e")
SHORT_TERM_KEY = b"VOkJxbRl1RmTxUk/WvJxBt"

IPV4, IPV6 = ("192.0.2.1", 32853), ("2001:db8:1234:5678:11:2233:4455:6677", 32853, 0, 0)

REQUEST = Vector(
    bytes.fromhex(
        "000100582112a442b7e7a701bc34d686fa87dfae"
        "802200105354554e207465737420636c69656e74"
        "002400046e0001ff80290008932ff9b151263b36"
        "000600096576746a3a68367659202020"
        "000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a280280004e57a3bcf"
    ),
    (
        (0x8022, b"STUN test client"),
        (0x0024, bytes.fromhex("6e0001ff")),
        (0x8029, bytes.fromhex("932ff9b151263b36")),
        (0x0006, b"evtj:h6vY"),
    ),
    SHORT_TERM_KEY,
)
"""RFC 5769 section 2.1."""

IPV4_RESPONSE = Vector(
    bytes.fromhex(
        "0101003c2112a442b7e7a701bc34d686fa87dfae"
        "8022000b7465737420766563746f7220002000080001a147e112a643"
        "000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96"
    ),
    ((0x8022, b"test vector"), (0x0020, bytes.fromhex("0001a147e112a643"))),
    SHORT_TERM_KEY,
)
"""RFC 5769 section 2.2."""

IPV6_RESPONSE = Vector(
    bytes.fromhex(
        "010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220"
        "002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9"
        "00080014a382954e4be67bf11784c97c8292c275bfe3ed4180280004c8fb0b4c"
    ),
    (
        (0x8022, b"test vector"),
        (0x0020, bytes.fromhex("0002a1470113a9faa5d3f179bc25f4b5bed2b9d9")),
    ),
    SHORT_TERM_KEY,
)
"""RFC 5769 section 2.3."""

LONG_TERM = Vector(
    bytes.fromhex(
        "000100602112a44278ad3433c6ad72c029da412e"
        "00060012e3839ee38388e383aae38383e382afe382b90000"
        "0015001c662f2f3439396b39353464364f4c33346f4c39465354767936347341"
        "0014000b6578616d706c652e6f726700"
        "00080014f67024656dd64a3e02b8e0712e85c9a28ca89666"
    ),
    (
        (0x0006, MATRIX),
        (0x0015, b"f//499k954d6OL34oL9FSTvy64sA"),
        (0x0014, b"example.org"),
    ),
    b"",
    has_fingerprint=False,
    is_padded_by_zeros=True,
)
"""RFC 5769 section 2.4."""

USERHASH_SHA256 = Vector(
    bytes.fromhex(
        "000100902112a44278ad3433c6ad72c029da412e"
        "001e00204a3cf38fef6992bda952c6780417da0f24819415569e60b205c46e41407f1704"
        "001500296f624d61744a6f733241414143662f2f3439396b"
        "39353464364f4c33346f4c39465354767936347341000000"
        "0014000b6578616d706c652e6f726700001d000400020000"
        "001c0020b5c7bf005b6c52a21c51c5e892f81924136296cb927c43149309278cc6518e65"
    ),
    (
        (
            0x001E,
            bytes.fromhex("4a3cf38fef6992bda952c6780417da0f24819415569e60b205c46e41407f1704"),
        ),
        (0x0015, b"obMatJos2AAACf//499k954d6OL34oL9FSTvy64sA"),
        (0x0014, b"example.org"),
        (0x001D, bytes.fromhex("00020000")),
    ),
    b"",
    has_fingerprint=False,
    is_padded_by_zeros=True,
)
"""RFC 8489 appendix B.1."""

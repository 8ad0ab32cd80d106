"""The numbers of STUN and TURN, by their registered names."""

import enum
from typing import Final

MAGIC_COOKIE: Final = b"\x21\x12\xa4\x42"
"""RFC 8489 section 5."""

HEADER_SIZE: Final = 20


class Class(enum.IntEnum):
    """Message classes (RFC 8489 section 5), as the two bits stand in the type field."""

    REQUEST = 0x000
    INDICATION = 0x010
    SUCCESS = 0x100
    ERROR = 0x110


class Method(enum.IntEnum):
    """Methods; those of TURN are RFC 8656 section 17, those of TCP relays RFC 6062 section 6.1."""

    BINDING = 0x001
    ALLOCATE = 0x003
    REFRESH = 0x004
    SEND = 0x006
    DATA = 0x007
    CREATE_PERMISSION = 0x008
    CHANNEL_BIND = 0x009
    CONNECT = 0x00A
    CONNECTION_BIND = 0x00B
    CONNECTION_ATTEMPT = 0x00C


class Attribute(enum.IntEnum):
    """Attribute types; below 0x8000 whoever does not know one must refuse the message."""

    MAPPED_ADDRESS = 0x0001
    CHANGE_REQUEST = 0x0003  # RFC 5780.
    USERNAME = 0x0006
    MESSAGE_INTEGRITY = 0x0008
    ERROR_CODE = 0x0009
    UNKNOWN_ATTRIBUTES = 0x000A
    CHANNEL_NUMBER = 0x000C
    LIFETIME = 0x000D
    XOR_PEER_ADDRESS = 0x0012
    DATA = 0x0013
    REALM = 0x0014
    NONCE = 0x0015
    XOR_RELAYED_ADDRESS = 0x0016
    REQUESTED_ADDRESS_FAMILY = 0x0017
    EVEN_PORT = 0x0018
    REQUESTED_TRANSPORT = 0x0019
    DONT_FRAGMENT = 0x001A
    MESSAGE_INTEGRITY_SHA256 = 0x001C
    PASSWORD_ALGORITHM = 0x001D
    USERHASH = 0x001E
    XOR_MAPPED_ADDRESS = 0x0020
    RESERVATION_TOKEN = 0x0022
    PADDING = 0x0026  # RFC 5780.
    RESPONSE_PORT = 0x0027  # RFC 5780.
    CONNECTION_ID = 0x002A  # RFC 6062.
    ADDITIONAL_ADDRESS_FAMILY = 0x8000
    ADDRESS_ERROR_CODE = 0x8001
    PASSWORD_ALGORITHMS = 0x8002
    ICMP = 0x8004
    SOFTWARE = 0x8022
    FINGERPRINT = 0x8028
    RESPONSE_ORIGIN = 0x802B  # RFC 5780.
    OTHER_ADDRESS = 0x802C  # RFC 5780.
    MOBILITY_TICKET = 0x8030  # RFC 8016.
    OLD_ADDITIONAL_ADDRESS_FAMILY = 0x8032  # Before it was registered; coturn's clients use it.


UNDERSTOOD: Final = frozenset(int(each) for each in Attribute if each < 0x8000)
"""Comprehension-required attributes we know in requests; others are answered with 420."""


class Algorithm(enum.IntEnum):
    """Password algorithms (RFC 8489 section 18.5)."""

    MD5 = 0x0001
    SHA_256 = 0x0002


class Family(enum.IntEnum):
    """Address families (RFC 8489 section 14.1)."""

    IPV4 = 0x01
    IPV6 = 0x02


class Code(enum.IntEnum):
    """Error codes; `phrase` is the reason phrase of the registry."""

    phrase: str

    def __new__(cls, code: int, phrase: str) -> "Code":
        """Keep the phrase beside the number."""
        member = int.__new__(cls, code)
        member._value_ = code
        member.phrase = phrase
        return member

    BAD_REQUEST = (400, "Bad Request")
    UNAUTHENTICATED = (401, "Unauthenticated")
    FORBIDDEN = (403, "Forbidden")
    MOBILITY_FORBIDDEN = (405, "Mobility Forbidden")
    UNKNOWN_ATTRIBUTE = (420, "Unknown Attribute")
    ALLOCATION_MISMATCH = (437, "Allocation Mismatch")
    STALE_NONCE = (438, "Stale Nonce")
    ADDRESS_FAMILY_NOT_SUPPORTED = (440, "Address Family not Supported")
    WRONG_CREDENTIALS = (441, "Wrong Credentials")
    UNSUPPORTED_TRANSPORT = (442, "Unsupported Transport Protocol")
    PEER_ADDRESS_FAMILY_MISMATCH = (443, "Peer Address Family Mismatch")
    CONNECTION_ALREADY_EXISTS = (446, "Connection Already Exists")
    CONNECTION_TIMEOUT_OR_FAILURE = (447, "Connection Timeout or Failure")
    ALLOCATION_QUOTA_REACHED = (486, "Allocation Quota Reached")
    INSUFFICIENT_CAPACITY = (508, "Insufficient Capacity")

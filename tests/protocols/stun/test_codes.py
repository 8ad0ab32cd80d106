"""The numbers are the registered ones, and none is claimed that is not acted upon."""

from procall_mobility.protocols.stun.codes import (
    UNDERSTOOD,
    Algorithm,
    Attribute,
    Class,
    Code,
    Family,
    Method,
)
from tests.interop.turn import stun_codec


def test_methods_and_attributes_are_those_of_the_tests_own_codec() -> None:
    for name, number in stun_codec.Method.__members__.items():
        assert Method[name] == number
    for name, number in stun_codec.A.__members__.items():
        if name in Attribute.__members__:
            assert Attribute[name] == number


def test_what_may_be_ignored_is_never_said_to_be_understood() -> None:
    """RFC 8489 section 14: the upper half of the types is optional."""
    assert all(0 <= each < 0x8000 for each in UNDERSTOOD)
    assert Attribute.XOR_PEER_ADDRESS in UNDERSTOOD
    assert Attribute.SOFTWARE not in UNDERSTOOD


def test_the_reason_phrases_are_those_of_the_registry() -> None:
    assert int(Code.UNAUTHENTICATED) == 401
    assert Code.UNAUTHENTICATED.phrase == "Unauthenticated"
    assert Code(486) is Code.ALLOCATION_QUOTA_REACHED
    assert all(400 <= each < 700 and each.phrase for each in Code)


def test_the_small_registries() -> None:
    assert [int(each) for each in Class] == [0x000, 0x010, 0x100, 0x110]
    assert [int(each) for each in Algorithm] == [1, 2]
    assert [int(each) for each in Family] == [1, 2]

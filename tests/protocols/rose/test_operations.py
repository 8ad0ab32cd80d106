"""Wire 4.1, 10: operations by id and by name."""

from procall_mobility.protocols.rose.messages import Invoke
from procall_mobility.protocols.rose.operations import OPERATIONS, LearningTable


def test_the_known_id_wins_over_the_name() -> None:
    """Wire 4.1."""
    resolved = OPERATIONS.resolve(Invoke(1, 1440, "asnSomethingElse"))
    assert resolved.operation_name == "asnChatEvent"


def test_private_operations_have_a_name_and_types_but_no_id() -> None:
    assert OPERATIONS.id_of("asnCreateUserSession") is None
    argument, result = OPERATIONS.types_of("asnCreateUserSession")
    assert (argument, result) == ("AsnCreateUserSessionArgument", "AsnCreateUserSessionResult")
    assert OPERATIONS.name_of(4711) is None
    assert OPERATIONS.error_of("asnLogon") == "AsnLogonError"


def test_what_nobody_knows_stays_as_it_is() -> None:
    for invoke in (Invoke(1, 4711, "asnX"), Invoke(1, 4711), Invoke(1, 0, "asnX"), Invoke(1)):
        assert OPERATIONS.resolve(invoke) is invoke


def test_an_unknown_id_gives_way_to_a_public_name() -> None:
    """Nobody is shown one operation and performs another."""
    assert OPERATIONS.resolve(Invoke(1, 4711, "asnLoginV2")) == Invoke(1, 1005, "asnLoginV2")


def test_public_operations_and_endless_names_are_not_learned() -> None:
    table = LearningTable()
    table.learn(0, "asnNone")
    table.learn(1005, "asnSomethingElse")
    table.learn(9001, "asn" + "x" * 98)
    assert len(table) == 0
    table.learn(9001, "asnPrivate")
    assert table.resolve(Invoke(1, 9001)) == Invoke(1, 9001, "asnPrivate")


def test_names_are_learned_up_to_a_bound() -> None:
    """Wire 10."""
    table = LearningTable(most=1)
    table.resolve(Invoke(1, 9001, "asnFirst"))
    table.resolve(Invoke(1, 9002, "asnSecond"))
    table.resolve(Invoke(1, 9001, "asnOther"))
    assert len(table) == 1
    assert table.resolve(Invoke(1, 9001)).operation_name == "asnFirst"
    assert table.resolve(Invoke(1, 9002)).operation_name is None

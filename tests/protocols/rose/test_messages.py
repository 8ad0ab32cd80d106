"""Wire 4.1: the four messages."""

from procall_mobility.protocols.rose.messages import (
    EVENT_ID,
    Invoke,
    InvokeProblem,
    JsonValue,
    Problem,
    ProblemKind,
    Reject,
    reject_invoke,
)


def test_a_reject_names_the_invoke_and_its_session() -> None:
    """As the vendor's runtime does."""
    rejected = reject_invoke(
        Invoke(9, 1, session_id="S"), InvokeProblem.INVALID_SESSION_ID, "invalidSessionID"
    )
    assert rejected == Reject(9, Problem(ProblemKind.INVOKE, 8), "invalidSessionID", "S")


def test_exactly_one_id_makes_an_event() -> None:
    assert Invoke(EVENT_ID).is_event
    assert not Invoke(EVENT_ID + 1).is_event


def test_secrets_and_what_people_say_are_not_shown() -> None:
    shown = repr(Invoke(1, argument=JsonValue.of({"u8sMessage": "psst"}), session_id="7C0E"))
    assert "psst" not in shown
    assert "7C0E" not in shown


def test_texts_stay_readable_and_lone_surrogates_are_escaped() -> None:
    assert JsonValue.of("\u00e4").text == '"\u00e4"'
    assert JsonValue.of("\u00e4\ud800").text == '"\\u00e4\\ud800"'

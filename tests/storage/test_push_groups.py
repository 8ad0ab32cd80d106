"""Groups: what is told before it is written, and what is told anew when it could not be."""

from attrs import evolve

from procall_mobility.gateway.push.ports import Answered, State
from procall_mobility.storage.push_groups import LIVING, Addition, Burial, Group, postponed
from tests.gateway.push.fakes import UNIX, push
from tests.storage.push_stores import ending


def answered(answer: bytes) -> Answered:
    return Answered(customer="acme", key="key", digest=b"digest", answer=answer, at=UNIX)


def burial(reason: str) -> Burial:
    return Burial(customer="acme", app="phone", token="dead", reason=reason, at=UNIX, since=UNIX)


def test_a_group_takes_over_what_could_not_be_written_and_newer_things_stand() -> None:
    older, newer = Group(), Group()
    for group, word, state in ((older, "older", State.SENT), (newer, "newer", State.REJECTED)):
        for name in ("both", word):
            group.endings[name] = ending(name, state)
            group.postponed[name] = push(content=word)
            group.burials[name.encode()] = burial(word)
            group.answers[name.encode()] = answered(word.encode())
    newer.take_over(older)
    assert {name: each.state for name, each in newer.endings.items()} == {
        "older": State.SENT,
        "both": State.REJECTED,
        "newer": State.REJECTED,
    }
    assert newer.postponed["both"] == push(content="newer")
    assert newer.burials[b"both"] == burial("newer")
    assert newer.answers[b"both"] == answered(b"newer")
    assert len(newer.postponed) == len(newer.burials) == len(newer.answers) == 3


def test_pushes_of_a_group_that_could_not_be_written_are_not_taken_over() -> None:
    """Their sender was told that they are refused."""
    older, newer = Group(), Group()
    older.add(Addition([push(1)], lambda _: None, {b"key": answered(b"answer")}))
    newer.take_over(older)
    assert newer == Group()


def test_the_size_of_a_group_is_all_that_it_writes() -> None:
    group = Group()
    group.add(Addition([push(1), push(2)], lambda _: None, {}))
    group.endings["a"] = ending("a")
    group.postponed["b"] = push(3)
    group.burials[b"c"] = LIVING
    group.answers[b"d"] = answered(b"answer")
    assert group.size == 6


def test_of_another_attempt_nothing_but_the_attempt_is_taken() -> None:
    hollow = evolve(push(1, customer="x", content="").postponed(UNIX + 5), sandbox=False)
    assert postponed(push(1, content="sealed"), hollow) == evolve(
        push(1, content="sealed"), not_before=UNIX + 5, attempts=1, sandbox=False
    )

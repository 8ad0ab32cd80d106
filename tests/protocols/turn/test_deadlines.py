"""Each allocation is looked at in time, and has one place however often it is refreshed."""

from random import Random

from procall_mobility.protocols.stun.message import Signature
from procall_mobility.protocols.turn.allocation import Allocation
from procall_mobility.protocols.turn.deadlines import Deadlines
from procall_mobility.protocols.turn.identity import Identity
from procall_mobility.protocols.turn.peers import PeerPolicy, Surroundings
from procall_mobility.protocols.turn.tenants import Tenant

ALICE = Identity(
    username=b"acme:alice",
    tenant=Tenant("acme", PeerPolicy([], Surroundings())),
    subject="alice",
    signature=Signature(b"key", sha256=False),
    until=None,
)


def allocation(name: str = "one") -> Allocation:
    return Allocation(
        name=name,
        identity=ALICE,
        shares=(),
        source="192.0.2.1",
        path=None,
        transaction_id=bytes(12),
        now=0.0,
    )


def test_nobody_is_due_where_nobody_is() -> None:
    deadlines = Deadlines()
    assert deadlines.next() is None
    assert deadlines.due(10**9) == []


def test_the_first_deadline_is_told_and_those_that_are_due_are_given() -> None:
    deadlines = Deadlines()
    late, soon, same = allocation(), allocation(), allocation()
    deadlines.set(late, 30)
    deadlines.set(soon, 10)
    deadlines.set(same, 10)
    assert deadlines.next() == 10
    assert deadlines.due(9.9) == []
    assert deadlines.due(10) == [soon, same]
    assert soon.alarm is None
    assert deadlines.next() == 30
    assert deadlines.due(100) == [late]


def test_a_later_deadline_moves_nothing_and_an_earlier_one_does() -> None:
    """It is looked at early, and says then when it wants to be looked at again."""
    deadlines = Deadlines()
    one = allocation()
    deadlines.set(one, 20)
    deadlines.set(one, 30)
    assert (deadlines.next(), len(deadlines)) == (20, 1)
    deadlines.set(one, 10)
    assert deadlines.next() == 10
    assert deadlines.due(100) == [one]
    assert deadlines.next() is None


def test_who_is_forgotten_is_due_no_more() -> None:
    deadlines = Deadlines()
    one, other = allocation(), allocation()
    deadlines.set(one, 10)
    deadlines.set(other, 20)
    deadlines.forget(one)
    deadlines.forget(one)
    assert deadlines.next() == 20
    assert deadlines.due(15) == []


def test_d5_places_that_are_worth_nothing_are_swept_out() -> None:
    """Whoever comes and goes a hundred thousand times leaves no more than a thousand of them."""
    deadlines = Deadlines()
    stays = allocation()
    deadlines.set(stays, 10**9)
    for n in range(20_000):
        one = allocation()
        deadlines.set(one, 1000 + n)
        deadlines.forget(one)
        assert len(deadlines) <= 1025
    assert deadlines.next() == 10**9


def test_whatever_happens_nobody_is_due_late_or_twice() -> None:
    """Against a table that is simply looked through."""
    chance = Random(7)
    deadlines, wanted, now = Deadlines(), {}, 0.0
    everybody = [allocation(str(n)) for n in range(50)]
    for _ in range(5000):
        one = chance.choice(everybody)
        if chance.random() < 0.1:
            deadlines.forget(one)
            wanted.pop(one.id, None)
        else:
            at = now + chance.random() * 50
            deadlines.set(one, at)
            wanted[one.id] = min(at, wanted.get(one.id, at))
        now += chance.random()
        assert deadlines.next() == min(wanted.values(), default=None)
        due = [each.id for each in deadlines.due(now)]
        assert sorted(due) == sorted(each for each, at in wanted.items() if at <= now)
        for each in due:
            del wanted[each]

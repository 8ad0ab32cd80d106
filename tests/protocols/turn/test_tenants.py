"""What customers, users and addresses may have at once; counted once and given back once (D5)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols.turn.peers import PeerPolicy, Surroundings
from procall_mobility.protocols.turn.rules import TurnRules
from procall_mobility.protocols.turn.tenants import SHARED_SUBJECT, Quotas, Tenant

POLICY = PeerPolicy([], Surroundings())
ACME, OTHER = Tenant("acme", POLICY), Tenant("other", POLICY)


def quotas(**bounds: int) -> Quotas:
    generous = {
        "allocations": 100,
        "allocations_per_customer": 100,
        "allocations_per_user": 100,
        "allocations_per_address": 100,
    }
    return Quotas(TurnRules(**{**generous, **bounds}))


CASES = [
    ("allocations", [(ACME, "a", "1"), (OTHER, "b", "2")], None),
    ("allocations_per_customer", [(ACME, "a", "1"), (ACME, "b", "2")], (OTHER, "a", "1")),
    ("allocations_per_user", [(ACME, "a", "1"), (ACME, "a", "2")], (OTHER, "a", "1")),
    ("allocations_per_address", [(ACME, "a", "1"), (OTHER, "b", "1")], (ACME, "a", "2")),
]


@pytest.mark.parametrize(("bound", "claims", "free"), CASES, ids=[each[0] for each in CASES])
def test_d5_each_bound_stops_those_it_is_for(bound: str, claims: list, free: tuple | None) -> None:
    """D5: and nobody else."""
    counted = quotas(**{bound: 1})
    first, second = claims
    assert counted.claim(*first, 0.0) is not None
    assert counted.claim(*second, 0.0) is None
    if free is not None:
        assert counted.claim(*free, 0.0) is not None
        counted.release(*free)
    counted.release(*first)
    assert counted.claim(*second, 0.0) is not None
    assert counted.total == 1


def test_d5_what_is_refused_is_not_counted() -> None:
    """D5: not even with those that had room."""
    counted = quotas(allocations_per_address=1)
    counted.claim(ACME, "a", "1", 0.0)
    for _ in range(5):
        assert counted.claim(OTHER, "b", "1", 0.0) is None
    assert (counted.total, len(counted)) == (1, 3)


def test_whoever_shares_uses_one_share() -> None:
    """Two allocations of a user draw from the same buckets; another customer's does not."""
    counted = quotas()
    one, two = counted.claim(ACME, "a", "1", 0.0), counted.claim(ACME, "a", "2", 0.0)
    three = counted.claim(OTHER, "a", "3", 0.0)
    assert one is not None and two is not None and three is not None
    assert [a is b for a, b in zip(one, two, strict=True)] == [True, True, False]
    assert not set(map(id, one)) & set(map(id, three))
    rules = counted.rules
    assert [each.up.holds(0.0) for each in one] == [
        rules.customer_octets_per_second,
        rules.user_octets_per_second,
        rules.address_octets_per_second,
    ]


def test_the_users_behind_a_customers_server_are_not_one_user() -> None:
    counted = quotas(allocations_per_user=1)
    shares = [counted.claim(ACME, SHARED_SUBJECT, str(n), 0.0) for n in range(3)]
    assert all(each is not None and len(each) == 2 for each in shares)


@given(
    st.lists(
        st.tuples(
            st.sampled_from((ACME, OTHER)),
            st.sampled_from(("a", "b", SHARED_SUBJECT)),
            st.sampled_from("12"),
            st.booleans(),
        ),
        max_size=60,
    )
)
def test_d5_nothing_is_left_when_everybody_is_gone(steps: list) -> None:
    """D5: freed exactly once, and no entry for whoever has nothing (D16)."""
    counted = quotas(allocations=12, allocations_per_customer=8, allocations_per_user=4)
    living: list[tuple] = []
    for tenant, subject, source, comes in steps:
        who = (tenant, subject, source)
        if comes:
            if counted.claim(*who, 0.0) is not None:
                living.append(who)
        elif who in living:
            living.remove(who)
            counted.release(*who)
        assert counted.total == len(living)
    for who in living:
        counted.release(*who)
    assert (counted.total, len(counted)) == (0, 0)

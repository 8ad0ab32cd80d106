"""push.md section 2: quotas per customer: rate, queued rows and octets; 429 with a time."""

import pytest

from procall_mobility.gateway.push.quota import OverQuota, PushShare, Quotas
from procall_mobility.gateway.push.waiting import OVERHEAD, Waiting, waiting
from procall_mobility.protocols.push.notification import Urgency
from tests.gateway.push.fakes import UNIX, push


def one(number: int = 1, urgency: Urgency = Urgency.ALERT, customer: str = "acme") -> Waiting:
    return waiting(push(number, urgency, customer=customer), number, 0.0, UNIX)


def quotas(**members: float) -> Quotas:
    return Quotas(lambda _: PushShare(**members))  # type: ignore[arg-type]


def test_the_burst_and_then_the_rate() -> None:
    book = quotas(rate=0.5, burst=2.0)
    assert [book.refuses(one(), "apns", 0.0) for _ in range(3)] == [
        None,
        None,
        OverQuota(reason="too-fast", retry_after=2),
    ]
    assert book.refuses(one(), "apns", 2.0) is None


def test_calls_have_a_rate_of_their_own() -> None:
    """A flood of chats keeps no phone from ringing."""
    book = quotas(burst=1.0)
    for _ in range(5):
        book.refuses(one(), "apns", 0.0)
    assert book.refuses(one(urgency=Urgency.CALL), "apns", 0.0) is None


def test_other_customers_have_theirs() -> None:
    book = quotas(burst=1.0)
    for _ in range(5):
        book.refuses(one(), "apns", 0.0)
    assert book.refuses(one(customer="other"), "apns", 0.0) is None


def test_so_many_may_wait_in_a_lane() -> None:
    book = quotas(queued=2)
    for number in range(2):
        book.take(one(number), "apns")
    assert book.refuses(one(), "apns", 0.0) == OverQuota(
        reason="too-many-queued", retry_after=30.0
    )
    assert book.refuses(one(), "fcm", 0.0) is None, "a dead lane takes nothing from others"
    assert book.refuses(one(urgency=Urgency.CALL), "apns", 0.0) is None
    book.release(one(), "apns")
    assert book.refuses(one(), "apns", 0.0) is None


def test_so_much_may_wait_in_a_lane() -> None:
    size = one().octets
    assert size > OVERHEAD
    book = quotas(octets=2 * size)
    book.take(one(), "apns")
    assert book.refuses(one(2), "apns", 0.0) is None
    book.take(one(2), "apns")
    found = book.refuses(one(3), "apns", 0.0)
    assert found is not None
    assert found.reason == "too-much-queued"


def test_what_was_accepted_counts_whatever_the_quota() -> None:
    book = quotas(queued=1)
    for number in range(3):
        book.take(one(number), "apns")
    for number in range(3):
        assert book.refuses(one(), "apns", 0.0) is not None
        book.release(one(number), "apns")
    assert book.refuses(one(), "apns", 0.0) is None


def test_nothing_is_remembered_of_a_lane_that_has_nothing() -> None:
    book = quotas()
    book.take(one(), "apns")
    book.release(one(), "apns")
    assert not book._queued
    with pytest.raises(KeyError):
        book.release(one(), "apns")


def test_a_changed_share_holds_at_once() -> None:
    shares = {"acme": PushShare(burst=1.0)}
    book = Quotas(shares.__getitem__)
    book.refuses(one(), "apns", 0.0)
    assert book.refuses(one(), "apns", 0.0) is not None
    shares["acme"] = PushShare(burst=100.0)
    book.changed("acme")
    assert book.refuses(one(), "apns", 0.0) is None


def test_one_place_among_many_uses_no_more_than_its_part() -> None:
    """A dead origin of Web Push shall leave room for pushes to the others."""
    quotas = Quotas(lambda _: PushShare(queued=4))
    for _ in range(2):
        quotas.take(one(), "web:key@dead")
    refused = quotas.refuses(one(), "web:key@dead", 0.0)
    assert refused is not None and refused.reason == "too-many-queued"
    assert quotas.refuses(one(), "web:key@other", 0.0) is None


def test_all_places_together_have_one_share() -> None:
    """Otherwise whoever makes up tokens has as many shares as there are names."""
    quotas = Quotas(lambda _: PushShare(queued=4))
    for number in range(4):
        assert quotas.refuses(one(), f"web:key@{number}", 0.0) is None
        quotas.take(one(), f"web:key@{number}")
    assert quotas.refuses(one(), "web:key@4", 0.0) is not None
    assert quotas.refuses(one(), "web:other@4", 0.0) is None
    assert quotas.refuses(one(), "apns:x", 0.0) is None
    for number in range(4):
        quotas.release(one(), f"web:key@{number}")
    assert quotas.refuses(one(), "web:key@4", 0.0) is None


def test_the_size_of_what_waits_for_one_place_counts_likewise() -> None:
    quotas = Quotas(lambda _: PushShare(octets=4 * one().octets))
    quotas.take(one(), "web:key@dead")
    assert quotas.refuses(one(), "web:key@dead", 0.0) is None
    quotas.take(one(), "web:key@dead")
    refused = quotas.refuses(one(), "web:key@dead", 0.0)
    assert refused is not None and refused.reason == "too-much-queued"
    assert quotas.refuses(one(), "web:key@other", 0.0) is None


def test_a_changed_share_of_all_holds_at_once_and_gives_nobody_a_fresh_burst() -> None:
    shares = {"acme": PushShare(rate=1.0, burst=2.0), "other": PushShare()}
    book = Quotas(shares.__getitem__)
    for _ in range(2):
        book.refuses(one(), "apns", 0.0)
    shares["acme"] = PushShare(rate=100.0, burst=50.0)
    book.changed(None)
    assert book.refuses(one(), "apns", 0.0) == OverQuota(reason="too-fast", retry_after=1)
    assert book.refuses(one(), "apns", 0.5) is None

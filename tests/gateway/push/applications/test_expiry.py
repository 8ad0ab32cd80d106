"""Somebody is told 30, 14 and 3 days before a credential ends, and at its end."""

from procall_mobility.gateway.push.applications.expiry import DAY, Expiries, Expiring, ExpiryNear

END = 1_800_000_000.0
KNOWN = {b"mark": Expiring(name="ios.example", at=END)}


def told(expiries: Expiries, before: float) -> list[int]:
    found = expiries.due(KNOWN, END - before * DAY)
    assert all(each.name == "ios.example" for each in found)
    return [each.days for each in found]


def test_each_warning_is_given_once() -> None:
    expiries = Expiries()
    days = [31, 30.1, 30, 29.5, 20, 14, 13.9, 5, 3, 2.5, 1, 0.5, 0, -1]
    assert [told(expiries, each) for each in days] == [
        [], [], [30], [], [], [14], [], [], [3], [], [], [], [0], [],
    ]  # fmt: skip


def test_who_comes_late_is_told_what_matters_now() -> None:
    """A daemon that is started two days before the end does not tell of thirty."""
    assert told(Expiries(), 2.0) == [2]
    assert told(Expiries(), -100.0) == [0]


def test_another_certificate_begins_anew() -> None:
    expiries = Expiries()
    assert told(expiries, 2.0) == [2]
    assert expiries.due({}, END) == []
    assert expiries.due(KNOWN, END - 10 * DAY) == [ExpiryNear(name="ios.example", days=10, at=END)]

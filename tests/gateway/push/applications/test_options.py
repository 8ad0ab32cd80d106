"""What is to be told of an application, and what is said when it is wrong."""

import pytest

from procall_mobility.gateway.push.applications.options import (
    OPTIONS,
    OptionError,
    by_name,
    check,
    options_of,
)
from procall_mobility.gateway.push.applications.registrations import Provider

APPLE = {"topic": "org.example.app", "team": "TEAM123456", "key_id": "KEY1234567",
         "title": "Example"}  # fmt: skip


def test_every_provider_says_what_it_needs() -> None:
    assert set(OPTIONS) == set(Provider)


def test_what_was_not_told_is_as_usual() -> None:
    given = {**APPLE, "environment": None}
    assert options_of(Provider.APNS, given) == {**APPLE, "environment": "production"}
    both = {**APPLE, "environment": "both"}
    assert options_of(Provider.APNS, both) == both


@pytest.mark.parametrize(
    ("provider", "given", "name", "why"),
    [
        (Provider.APNS, {}, "topic", "is needed for apns"),
        (Provider.APNS, {**APPLE, "topic": "a b"}, "topic", "is no bundle id"),
        (Provider.APNS, {**APPLE, "title": "x" * 101}, "title", "is not of 1 to 100 characters"),
        (Provider.APNS, {**APPLE, "environment": "moon"}, "environment",
         "is none of production, sandbox, both"),
        (Provider.FCM, {"topic": "org.example.app"}, "topic", "means nothing to fcm"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(
    provider: Provider, given: dict[str, str | None], name: str, why: str
) -> None:
    with pytest.raises(OptionError) as caught:
        options_of(provider, given)
    assert (caught.value.name, caught.value.why) == (name, why)
    assert str(caught.value) == f"{name} {why}"


def test_what_is_registered_may_lack_what_is_usual() -> None:
    """It may have been registered before there was such an option."""
    check(Provider.APNS, APPLE)


def test_an_option_of_several_providers_is_one() -> None:
    assert next(provider for provider, _ in by_name()["title"]) is Provider.APNS
    assert set(by_name()) == {each.name for known in OPTIONS.values() for each in known}

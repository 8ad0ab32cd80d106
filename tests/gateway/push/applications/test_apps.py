"""Which applications there are, and by which lane their pushes go."""

from attrs import evolve

from procall_mobility.gateway.push.applications.apps import PushApp, PushApps
from procall_mobility.gateway.reasons import Reason
from tests.gateway.push.some_applications import PUSH, app


def apps(*known: PushApp) -> PushApps:
    made = PushApps()
    made.replace(list(known))
    return made


def test_an_application_of_the_operator_is_for_every_customer() -> None:
    known = apps(app(None, False))
    assert known.lane(PUSH) == "apns:all:False"
    assert known.lane(evolve(PUSH, customer="other")) == "apns:all:False"


def test_a_customers_own_goes_before_and_is_no_one_elses() -> None:
    known = apps(app(None, False), app("acme", False))
    assert known.lane(PUSH) == "apns:acme:False"
    assert known.lane(evolve(PUSH, customer="other")) == "apns:all:False"
    assert apps(app("acme", False)).lane(evolve(PUSH, customer="other")) is None


def test_what_nobody_has_registered_has_no_lane() -> None:
    assert apps(app(None, False)).lane(evolve(PUSH, app="android.example")) is None


def test_a_token_goes_where_it_belongs_and_else_where_the_application_begins() -> None:
    both = apps(app(None, False, True))
    assert both.lane(PUSH) == "apns:all:False"
    assert both.lane(evolve(PUSH, sandbox=True)) == "apns:all:True"
    assert apps(app(None, False, True, first=True)).lane(PUSH) == "apns:all:True"
    only = apps(app(None, True))
    assert only.lane(PUSH) == "apns:all:True"
    assert only.lane(evolve(PUSH, sandbox=False)) is None


def test_applications_are_replaced_all_at_once() -> None:
    known = apps(app(None, False), app("acme", False))
    assert sorted(known.standing()) == ["apns:acme:False", "apns:all:False"]
    known.replace([app("acme", True)])
    assert len(known) == 1
    assert sorted(known.standing()) == ["apns:acme:True"]


def test_what_waits_of_a_customer_that_is_off_has_a_lane_of_its_own() -> None:
    known = apps(app(None, False))
    assert not known.switch("acme", is_on=True)
    assert known.switch("acme", is_on=False)
    assert not known.switch("acme", is_on=False)
    lane = known.lane(PUSH)
    assert lane == "switched-off:acme"
    assert (known.is_off("acme"), known.is_rest(lane), known.serves(lane)) == (True, True, True)
    assert not known.is_rest("apns:all:False")
    assert known.lane(evolve(PUSH, customer="other")) == "apns:all:False"
    assert known.carrier(lane) is None
    assert known.switch("acme", is_on=True)
    assert (known.is_off("acme"), known.serves(lane)) == (False, False)
    assert known.lane(PUSH) == "apns:all:False"


def test_what_waits_of_a_customer_that_is_gone_has_none() -> None:
    known = apps(app(None, False))
    known.remove("acme")
    assert (known.is_off("acme"), known.lane(PUSH)) == (True, None)
    assert known.switch("acme", is_on=True)
    assert known.lane(PUSH) == "apns:all:False"


def test_a_customer_may_do_without_a_provider() -> None:
    known = apps(app(None, False))
    known.forbid("acme", ["apns"])
    assert known.find("acme", "ios.example") is None
    assert known.why_not("acme", "ios.example") is Reason.PROVIDER_FORBIDDEN
    assert known.why_not("acme", "other") is Reason.UNKNOWN_APP
    assert known.lane(PUSH) is None
    assert known.lane(evolve(PUSH, customer="other")) == "apns:all:False"
    known.forbid("acme", ["fcm"])
    assert known.lane(PUSH) == "apns:all:False"
    known.forbid("acme", [])
    assert known.lane(PUSH) == "apns:all:False"


def test_whoever_keeps_customers_says_which_there_are() -> None:
    apps = PushApps()
    assert apps.knows("acme"), "nobody has said anything else"
    apps.is_customer = {"acme"}.__contains__
    assert apps.knows("acme")
    assert not apps.knows("bell")

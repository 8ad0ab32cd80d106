"""Applications and credentials that change while pushes wait: connections and pushes follow."""

from attrs import evolve
from twisted.logger import capturedLogs

from procall_mobility.gateway.push.applications.destinations import Destination
from procall_mobility.gateway.push.ports import State
from procall_mobility.protocols.push.exchange import NoAnswer
from tests.gateway.push.fakes import push
from tests.transports.push_stage import LANE, PlainCarrier, Stage


def test_a_push_whose_application_was_taken_away_is_rejected() -> None:
    stage = Stage()
    stage.line.opens(0)
    stage.takes(push(1))
    line = stage.line
    stage.registers("other")
    stage.runner.apps_changed()
    line.opens(10)
    assert stage.became(push(1)) == (State.REJECTED, "unknown-app")


def test_lanes_come_and_go_with_the_applications() -> None:
    stage = Stage()
    first = stage.line
    stage.registers("phone", lane="another")
    stage.runner.apps_changed()
    assert first.stopped is not None
    assert len(stage.lines) == 2
    stage.line.opens()
    stage.takes(evolve(push(1)))
    assert len(stage.line.asked) == 1


def test_what_waits_when_a_credential_is_changed_goes_by_the_new_one() -> None:
    """Accepted is accepted, whatever is done to credentials meanwhile."""
    stage = Stage()
    stage.line.opens(1)
    stage.takes(push(1))
    stage.takes(push(2))
    first = stage.line
    stage.registers("phone", lane="another")
    stage.runner.apps_changed()
    stage.line.opens(10)
    assert [request.path for request, _ in stage.line.asked] == [f"/{push(2).id}"]
    first.answers(NoAnswer(was_processed=False, why="closed"))
    assert [request.path for request, _ in stage.line.asked] == [
        f"/{push(2).id}",
        f"/{push(1).id}",
    ]


def test_what_was_about_to_go_when_a_credential_is_changed_too() -> None:
    stage = Stage()
    stage.line.opens(0)
    stage.takes(push(1))
    first = stage.line
    stage.registers("phone", lane="another")
    first.opens(10)
    assert first.asked == []
    stage.runner.apps_changed()
    stage.line.opens(10)
    stage.clock.advance(10.0)
    assert [request.path for request, _ in stage.line.asked] == [f"/{push(1).id}"]


def test_pushes_of_an_application_without_credential_wait_for_it_to_come() -> None:
    """Also across a start: a file that cannot be read shall cost nobody a push."""
    stage = Stage(carrier=PlainCarrier(destination=None, token=None))
    assert stage.lines == []
    stage.takes(push(1))
    stage.clock.advance(60)
    assert stage.became(push(1)) == (State.QUEUED, None)
    stage.carrier = PlainCarrier()
    stage.registers("phone", lane="mended")
    stage.runner.apps_changed()
    stage.line.opens()
    stage.line.answers(200)
    assert stage.became(push(1)) == (State.SENT, None)


def test_another_credential_gets_connections_of_its_own() -> None:
    """Apple takes tokens of one key alone on a connection; what is in flight is waited for."""
    stage = Stage()
    stage.takes(push(1))
    old = stage.line
    stage.carrier.destination = Destination(host="push.example", credential="another")
    stage.runner.apps_changed()
    assert (len(stage.lines), old.stopped is not None) == (2, True)
    stage.takes(push(2))
    assert stage.line.asked == [], "it is not open yet"
    old.answers(200)
    stage.line.opens()
    stage.line.answers(200)
    assert [stage.became(push(each)) for each in (1, 2)] == [(State.SENT, None)] * 2
    stage.runner.apps_changed()
    assert len(stage.lines) == 2, "nothing has changed"


def test_a_lane_that_was_suspended_goes_on_with_another_credential() -> None:
    stage = Stage()
    stage.takes(push(1))
    stage.line.answers(403)
    assert stage.runner.trouble_of(LANE) == "who are you"
    stage.carrier.destination = Destination(host="push.example", credential="another")
    stage.runner.apps_changed()
    stage.line.opens()
    stage.line.answers(200)
    assert stage.became(push(1)) == (State.SENT, None)
    assert stage.runner.trouble_of(LANE) is None


def test_a_certificate_that_openssl_does_not_want_is_told() -> None:
    stage = Stage()
    stage.carrier.destination = Destination(host="weak.example")
    with capturedLogs() as events:
        stage.runner.apps_changed()
    stage.takes(push(1))
    assert [each["error"] for each in events] == ["too weak"]
    assert stage.became(push(1)) == (State.QUEUED, None)
    stage.carrier.destination = Destination(host="push.example")
    stage.runner.apps_changed()
    stage.line.opens()
    stage.line.answers(200)
    assert stage.became(push(1)) == (State.SENT, None)

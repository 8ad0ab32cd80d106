"""The runner where tokens name whom to call: connections come and go with lanes."""

from attrs import evolve

from procall_mobility.gateway.push.applications.apps import PushApp
from procall_mobility.gateway.push.applications.destinations import Destination
from procall_mobility.gateway.push.applications.ways import Places
from procall_mobility.gateway.push.ports import State
from procall_mobility.protocols.push.exchange import NoAnswer
from tests.gateway.push.fakes import push
from tests.transports.push_stage import PlainCarrier, Stage


def stage() -> Stage:
    made = Stage()
    registers(made, "web")
    return made


def registers(made: Stage, *families: str) -> None:
    """Register applications whose tokens are hosts, and what these were before."""

    def way(family: str) -> Places:
        return Places(
            family=family,
            judge=lambda notification: None,
            place_of=lambda token: token,
            at=lambda host: PlainCarrier(destination=Destination(host=host)),
        )

    made.apps.replace(
        [
            PushApp(name="phone", ucsid=None, provider="x", branches={False: way(family)})
            for family in families
        ]
    )
    made.runner.apps_changed()


def hosts(made: Stage) -> list[str]:
    return [line.destination.host for line in made.lines[1:]]


def test_a_push_to_a_new_host_connects_there() -> None:
    made = stage()
    for number, host in enumerate(("a.example", "b.example", "a.example")):
        made.takes(push(number, token=host))
    assert hosts(made) == ["a.example", "b.example"]
    assert set(made.runner.lanes) == {"web@a.example", "web@b.example"}
    made.lines[1].opens()
    assert len(made.lines[1].asked) == 2
    made.lines[1].answers(200)
    assert made.became(push(0)) == (State.SENT, None)
    assert made.became(push(1)) == (State.QUEUED, None)


def test_an_idle_lane_lets_its_connections_go_and_nothing_of_it_is_kept() -> None:
    """Names of lanes are made of what strangers say, for years."""
    made = stage()
    made.takes(push(1, token="a.example"))
    made.line.opens()
    made.line.answers(200)
    made.clock.advance(301.0)
    assert made.line.stopped is not None
    assert not made.runner.lanes
    assert "web@a.example" not in made.runner._flights
    made.line.opens(5)
    assert not made.runner.pipeline.lanes, "what closes offers nothing"
    (past,) = made.runner.account()
    assert (past["lane"], past["accepted"], past["sent"]) == ("closed lanes", 1, 1)


def test_what_is_in_flight_when_a_family_is_no_more_is_told_of_and_goes_elsewhere() -> None:
    made = stage()
    made.takes(push(1, token="a.example"))
    made.line.opens()
    old = made.line
    registers(made, "other")
    assert old.stopped is not None
    old.answers(NoAnswer(was_processed=False, why="closed"))
    assert "web@a.example" not in made.runner._flights
    made.line.opens()
    assert hosts(made) == ["a.example", "a.example"]
    made.line.answers(200)
    assert made.became(push(1)) == (State.SENT, None)


def test_a_host_whose_credential_is_renewed_is_asked_again() -> None:
    made = stage()
    made.takes(push(1, token="a.example"))
    made.line.opens()
    made.line.answers(401)
    assert len(made.line.asked) == 1, "with another token"
    made.line.answers(200)
    assert made.became(push(1)) == (State.SENT, None)


def test_a_token_that_names_no_host_any_more_is_rejected() -> None:
    made = stage()
    made.takes(evolve(push(1, token="a.example")))
    registers(made)
    made.clock.advance(1.0)
    assert made.became(push(1)) == (State.REJECTED, "unknown-app")

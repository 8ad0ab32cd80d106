"""The connections of all lanes: none is left open when the gateway has stopped."""

from attrs import define, evolve, field

from procall_mobility.gateway.push.applications.destinations import Destination
from procall_mobility.transports.push_clients import LaneClients
from tests.transports.push_stage import Line

PLACE = Destination(host="provider.example")


@define
class Hall:
    """Lanes' clients; each is a line of which the test is the provider."""

    lines: list[Line] = field(factory=list)
    clients: LaneClients = field(init=False)

    def __attrs_post_init__(self) -> None:
        def make(destination: Destination, changed: object) -> Line:
            self.lines.append(Line(destination, changed))  # type: ignore[arg-type]
            return self.lines[-1]

        self.clients = LaneClients(make, lambda lane: None)

    def stops(self) -> list[None]:
        """Stop; the list has something when all is over."""
        ended: list[None] = []
        self.clients.stop().addCallback(ended.append)
        return ended

    def ends(self, number: int) -> None:
        stopped = self.lines[number].stopped
        assert stopped is not None
        stopped.callback(None)


def test_a_stop_waits_for_every_lane() -> None:
    hall = Hall()
    hall.clients.connect("a", PLACE)
    hall.clients.connect("b", PLACE)
    ended = hall.stops()
    hall.ends(0)
    assert ended == []
    hall.ends(1)
    assert ended == [None]


def test_a_stop_waits_for_connections_of_lanes_that_are_no_more() -> None:
    """Else they are cut off, and what they are answered comes when the queue is closed."""
    hall = Hall()
    hall.clients.connect("a", PLACE)
    hall.clients.disconnect("a")
    assert hall.clients.all.get("a") is None
    ended = hall.stops()
    assert ended == []
    hall.ends(0)
    assert ended == [None]


def test_a_stop_waits_for_connections_to_where_a_lane_went_before() -> None:
    hall = Hall()
    hall.clients.connect("a", PLACE)
    hall.clients.connect("a", evolve(PLACE, host="other.example"))
    ended = hall.stops()
    hall.ends(1)
    assert ended == []
    hall.ends(0)
    assert ended == [None]


def test_what_has_ended_before_is_not_waited_for() -> None:
    hall = Hall()
    hall.clients.connect("a", PLACE)
    hall.clients.disconnect("a")
    hall.ends(0)
    assert hall.stops() == [None]


def test_nothing_is_connected_after_a_stop() -> None:
    """Somebody may still look for applications that were changed."""
    hall = Hall()
    assert hall.stops() == [None]
    assert not hall.clients.connect("a", PLACE)
    assert (hall.lines, hall.clients.all.get("a")) == ([], None)

"""The kernel's part is turned off and on while people talk: nothing is lost or doubled."""

import pytest

from tests.interop.datapath.site import CHANNEL, Crossing
from tests.interop.datapath.ways import Way
from tests.interop.turn.talk import Side, talk

pytestmark = pytest.mark.interop

PACE = 400
"""Packets a second each way; a turn of the daemon brings several."""
EVERY = 0.25
TIMES = 6


def sides(way: Way) -> tuple[Side, Side]:
    mine, theirs = way.sockets

    def to_peer(data: bytes) -> None:
        way.caller.says(CHANNEL, data)

    client = Side(to_peer, lambda: [data for _, data in way.caller.arrived()], lambda: [mine])
    peer = Side(way.is_answered, way.peer.heard, lambda: [theirs])
    return client, peer


@pytest.fixture
def switched_back(site: Crossing):
    yield
    site.relay.must("turn", "datapath", "on")


@pytest.mark.usefixtures("switched_back")
def test_switching_loses_and_doubles_nothing(site: Crossing, v6: bool) -> None:
    """`turn datapath off` and `on`, again and again, under traffic."""
    way = Way(site, v6=v6)
    client, peer = sides(way)
    words = ("off", "on") * (TIMES // 2)
    events = [
        ((number + 1) * EVERY, lambda word=word: site.relay.must("turn", "datapath", word))
        for number, word in enumerate(words)
    ]
    talk(client, peer, PACE, events, (TIMES + 1) * EVERY)
    assert len(client.sent) > 200
    assert client.lost(peer) == []
    assert peer.lost(client) == []


@pytest.mark.usefixtures("switched_back")
def test_what_is_off_carries_nothing_and_what_is_on_again_everything(site: Crossing) -> None:
    """The flows stay where they are, and those bound meanwhile fly as well."""
    way = Way(site, v6=False)
    assert way.flies_up(b"on")
    site.relay.must("turn", "datapath", "off")
    for number in range(20):
        way.says(b"%d" % number)
        assert way.heard_by_peer() == b"%d" % number
    meanwhile = Way(site, v6=False)
    with site.asleep():
        way.says(b"off")
    assert way.heard_by_peer() == b"off"
    site.relay.must("turn", "datapath", "on")
    for each in (way, meanwhile):
        assert each.flies_up(b"on again")
        assert each.flies_down(b"on again")

"""How the connections to a provider end, and are exchanged for others."""

import pytest

from procall_mobility.protocols.push.exchange import NoAnswer
from tests.transports.http2.client_stage import Stage


def test_renewed_connections_finish_what_they_have() -> None:
    """A key was revoked, or a client certificate has changed."""
    stage = Stage().started(answers=False)
    old = list(stage.network.lines)
    stage.request(1)
    stage.talk()
    stage.client.renew()
    assert len(stage.network.waiting) == 2 and stage.client.capacity == 0
    while stage.network.waiting:
        stage.network.succeed()
    assert stage.told == [100, 200, 0, 100, 200]
    (busy,) = [line for line in old if line.provider.heard]
    assert [line.wire.disconnecting for line in old].count(True) == 1
    busy.provider.answer(1)
    stage.talk()
    assert all(line.wire.disconnecting for line in old)
    assert len(stage.results) == 1 and stage.client.trouble is None


def test_connections_that_were_exchanged_are_forgotten() -> None:
    stage = Stage().started()
    for _ in range(20):
        stage.client.renew()
        stage.close_down()
        while stage.network.waiting:
            stage.network.succeed()
    assert len(stage.alive) == 2
    client = stage.client
    assert len(client._unproven) == len(client._open) == 2
    assert not client._leaving and not len(client._coming)


def test_a_stop_waits_for_answers() -> None:
    stage = Stage().started(answers=False)
    stage.request(1)
    stage.talk()
    stopped: list[None] = []
    stage.client.stop(30.0).addCallback(stopped.append)
    assert stage.client.stop(30.0) is not None
    stage.close_down()
    assert stopped == [] and stage.client.capacity == 0
    (busy,) = stage.alive
    busy.provider.answer(1)
    stage.talk()
    stage.close_down()
    assert [result.status for result in stage.results] == [200]
    assert stopped == [None]
    assert stage.clock.getDelayedCalls() == []


def test_a_stop_gives_up_after_its_time() -> None:
    stage = Stage().started(answers=False)
    stage.request(1)
    stage.talk()
    stopped: list[None] = []
    stage.client.stop(5.0).addCallback(stopped.append)
    stage.clock.advance(5.0)
    assert stage.results == [NoAnswer(was_processed=None, why="stopped")]
    stage.close_down()
    assert stopped == [None]


def test_a_stop_cuts_what_is_not_open_yet() -> None:
    stage = Stage()
    stage.client.start()
    line = stage.network.connect_only()
    stage.network.waiting.clear()
    stage.client.stop(5.0)
    assert line.wire.aborted


@pytest.mark.parametrize("connected", [False, True])
def test_a_stop_ends_attempts_that_are_on_their_way(connected: bool) -> None:
    stage = Stage()
    stage.client.start()
    if connected:
        stage.network.succeed(limit=1)
    stopped: list[None] = []
    stage.client.stop(5.0).addCallback(stopped.append)
    assert stage.network.cancelled == len(stage.network.waiting)
    stage.close_down()
    assert stopped == [None]
    assert stage.network.cancelled == (1 if connected else 2)
    assert stage.clock.getDelayedCalls() == []


def test_a_stop_while_waiting_to_try_again_ends_the_wait() -> None:
    stage = Stage()
    stage.client.start()
    stage.network.fail()
    stage.network.fail()
    stopped: list[None] = []
    stage.client.stop(5.0).addCallback(stopped.append)
    assert stopped == [None]
    assert stage.clock.getDelayedCalls() == []

"""Several hand-overs in a row, while the daemons of before still carry calls."""

import signal
import time

import pytest

from tests.interop.hand_over.relayed import Calls
from tests.interop.hand_over.test_drain import Relaying, play

__all__ = ["play"]

pytestmark = pytest.mark.interop


def test_each_of_four_daemons_carries_its_calls_until_they_end(play: Relaying) -> None:
    """All of them have sockets at the same port; the kernel tells their clients apart."""
    manager = play.service.manager
    where = ("127.0.0.1", play.service.daemons.turn)
    daemons, calls = [manager.main], [play.calls]
    try:
        for _ in range(3):
            manager.signals(signal.SIGUSR2)
            daemons.append(manager.until_main_is_another_than(daemons[-1]))
            manager.until_said("READY=1", by=daemons[-1])
            calls.append(Calls.of(2, where, play.issued["username"], play.issued["credential"]))
            calls[-1].go_on()
        time.sleep(0.5)
        assert manager.ended == {}, "each has calls"
        for each in calls:
            each.refresh()
        for number in (1, 0, 2):
            calls[number].end()
            calls[number].hang_up()
            assert manager.until_ended(daemons[number]) == 0
        assert daemons[3] not in manager.ended
        calls[3].end()
        calls[3].hang_up()
        manager.signals(signal.SIGTERM)
        assert manager.until_ended(daemons[3]) == 0
        for each in (relayed for group in calls for relayed in group.all):
            assert each.out.sent > 5
            assert (each.out.lost, each.back.lost) == ([], [])
            assert (each.refreshed, each.failed) == (1, [])
    finally:
        for group in calls:
            group.close()

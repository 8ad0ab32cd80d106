"""The bad modes of coturn's client: we fare as coturn itself does, in the same run.

`-N` leaves things out in places; `-R` bends octets of one message in ten at random, and waits
forever for the answer to one that could not be read; `-O` sends everything many times, bent.
What happens to one client is a matter of luck, so several are let loose on each server.
"""

import enum
import itertools
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from tests.interop.turn.coturn_server import Coturn
from tests.interop.turn.coturn_tools import Outcome, run
from tests.interop.turn.servers import CUSTOMER, PASSWORD, Relay

pytestmark = pytest.mark.interop

NUMBERS = itertools.count(1)
SEVERAL = 5
WAITED, PATIENCE = 9, 240
"""Seconds a run is given where it may wait forever, and where it has to come to an end."""


class Ending(enum.Enum):
    COMPLETE = "everything came back"
    REFUSED = "the server answered with an error"
    WAITING = "the client waits for the answer to what was no message"
    LOSING = "it ended, but something was lost"


ENDINGS = {
    "-N": {Ending.COMPLETE},
    "-R": {Ending.COMPLETE, Ending.REFUSED, Ending.WAITING},
    "-O": {Ending.COMPLETE, Ending.REFUSED},
}
"""How a run may end; coturn is held to it as well, else it would be no comparison."""


def ending(outcome: Outcome) -> Ending:
    if outcome.status is None:
        return Ending.WAITING
    if outcome.status != 0:
        return Ending.REFUSED
    # In its worst mode the client may end before it has sent anything.
    if "tot_send_msgs" not in outcome.said or outcome.sent == outcome.received:
        return Ending.COMPLETE
    return Ending.LOSING


def one_run(port: int, user: str, options: str) -> Outcome:
    words = options.split()
    return run(
        "turnutils_uclient", "-u", user, "-w", PASSWORD, "-p", port, "-n", 5, "-y",
        *words, "127.0.0.1", seconds=WAITED if "-R" in words else PATIENCE,
    )  # fmt: skip


@pytest.mark.parametrize("way", ["", " -t"], ids=["UDP", "TCP"])
@pytest.mark.parametrize("mode", ENDINGS)
def test_mischief_ends_as_it_does_at_coturn(
    loopback_relay: Relay, coturn: Coturn, mode: str, way: str
) -> None:
    *users, calm = (f"{CUSTOMER}:user{next(NUMBERS)}" for _ in range(SEVERAL + 1))
    for user in (*users, calm):
        loopback_relay.add_user(*user.split(":"))
    with ThreadPoolExecutor(2 * SEVERAL) as pool:
        # Each as a user of its own: one user's reservations have a bound.
        ours = [
            pool.submit(partial(one_run, loopback_relay.port, user, mode + way)) for user in users
        ]
        theirs = [
            pool.submit(partial(one_run, coturn.port, coturn.user, mode + way))
            for _ in range(SEVERAL)
        ]
        found = [[ending(each.result()) for each in runs] for runs in (theirs, ours)]
    for endings in found:
        assert set(endings) <= ENDINGS[mode], found
    assert loopback_relay.is_well(), loopback_relay.said()
    assert ending(one_run(loopback_relay.port, calm, way)) is Ending.COMPLETE

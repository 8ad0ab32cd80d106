"""What a scrape costs a node that is full: many short turns, and none that calls would feel.

`pytest -s tests/operations/metrics/test_cost.py` prints the figures.
"""

import gc
import time
from collections.abc import Callable, Iterator

import pytest
from twisted.internet.task import Cooperator

from procall_mobility.gateway.customers import Customer
from procall_mobility.operations.metrics.catalogue import of_process
from procall_mobility.operations.metrics.connections import ConnectionMetrics
from procall_mobility.operations.metrics.pushes import PushMetrics
from procall_mobility.operations.metrics.scrape import Scraper
from procall_mobility.protocols.ucclient.intentions import LogOn
from procall_mobility.protocols.ucclient.outcomes import LoggedIn
from tests.gateway.fakes import House
from tests.gateway.push_fakes import Apps
from tests.gateway.push_house import PushHouse

CUSTOMERS, SESSIONS, LANES = 1_000, 10_000, 1_000
LONGEST = 0.05
"""Seconds of the processor for a turn.  Some 5 ms are usual; a scrape in one piece takes 100."""


@pytest.fixture(scope="module")
def house() -> House:
    made = House(*(Customer(ucsid=f"c{number}") for number in range(CUSTOMERS)))
    for number in range(CUSTOMERS):
        ucsid = f"c{number}"
        made.registers(ucsid=ucsid, system_id=ucsid)
        (link,) = made.gateway.links.of(ucsid)
        for each in range(SESSIONS // CUSTOMERS):
            user = LoggedIn(session_id=f"{ucsid}-{each}", user="alice", own_contact={}, extra={})
            asked = LogOn(ucsid_or_alias=ucsid, app_id=15)
            assert made.gateway.sessions.open(asked, link, user, made.now) is None
    assert len(made.gateway.sessions) == SESSIONS
    return made


@pytest.fixture(scope="module")
def pushes() -> PushHouse:
    lanes = {f"a{number}": f"webpush:1@https://h{number}.example" for number in range(LANES)}
    return PushHouse(apps=Apps(lanes=lanes)).opens(10, *lanes.values())


@pytest.fixture
def no_garbage() -> Iterator[None]:
    """What other tests have left is not to be looked through in a turn of ours."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_garbage")
@pytest.mark.parametrize("customers", [False, True], ids=["together", "each customer"])
def test_no_turn_of_a_scrape_is_long(house: House, pushes: PushHouse, customers: bool) -> None:
    sources = [
        ConnectionMetrics(
            gateway=house.gateway, connections=lambda: SESSIONS, most=50_000, customers=customers
        ),
        PushMetrics(pipeline=pushes.pipeline, acknowledged={}, expiring=lambda: ()),
        of_process(),
    ]
    later: list[Callable[[], None]] = []
    cooperator = Cooperator(lambda: lambda: True, scheduler=later.append)
    answer = Scraper(sources, cooperator).scrape()
    turns = []
    while later:
        began = time.thread_time()
        later.pop()()
        turns.append(time.thread_time() - began)
    text = answer.result
    assert text.count(b"procall_customer_sessions{") == (CUSTOMERS if customers else 0)
    print(
        f"\n{len(turns)} turns, {sum(turns) * 1000:.0f} ms together, the longest "
        f"{max(turns) * 1000:.1f} ms, {len(text)} octets"
    )
    assert max(turns) < LONGEST

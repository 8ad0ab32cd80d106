"""What watching costs a node that is full: many short turns, and none that calls would feel.

`pytest -s tests/operations/metrics/test_cost.py` prints the figures.
"""

import gc
import time
from collections.abc import Callable, Iterable, Iterator

import pytest
from twisted.internet.defer import succeed
from twisted.internet.task import Cooperator

from procall_mobility.gateway.customers import Customer
from procall_mobility.gateway.push.customers import STATES
from procall_mobility.operations.metrics.catalogue import of_process
from procall_mobility.operations.metrics.connections import ConnectionMetrics
from procall_mobility.operations.metrics.pushes import PushMetrics
from procall_mobility.operations.metrics.scrape import Scraper
from procall_mobility.operations.status_page.connection_facts import ConnectionFacts
from procall_mobility.operations.status_page.document import HistoryDocument, StatusDocument
from procall_mobility.operations.status_page.figures import ConnectionFigures, PushFigures
from procall_mobility.operations.status_page.incidents import MOST, Breakers, Incidents, Level
from procall_mobility.operations.status_page.push_facts import PushFacts
from procall_mobility.operations.status_page.sampling import Sampler
from procall_mobility.protocols.ucclient.intentions import LogOn
from procall_mobility.protocols.ucclient.outcomes import LoggedIn
from tests.gateway.fakes import House
from tests.gateway.push.fakes import Apps
from tests.gateway.push.house import PushHouse

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
    watched = PushMetrics(
        pipeline=pushes.pipeline, acknowledged={}, expiring=lambda: (), knows=lambda _: True
    )
    watched.count_customers(customers)
    if counted := pushes.pipeline.book.statistics.customers:
        for counts in (counted.accepted, counted.refused, *counted.ended.values()):
            counts.update(f"c{number}" for number in range(CUSTOMERS))
    sources = [
        ConnectionMetrics(
            gateway=house.gateway, connections=lambda: SESSIONS, most=50_000, customers=customers
        ),
        watched,
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
    ended = text.count(b"procall_customer_push_ended_total{")
    assert ended == (len(STATES) * CUSTOMERS if customers else 0)
    print(
        f"\n{len(turns)} turns, {sum(turns) * 1000:.0f} ms together, the longest "
        f"{max(turns) * 1000:.1f} ms, {len(text)} octets"
    )
    assert max(turns) < LONGEST


def turns_of(pieces: Iterable[object]) -> list[float]:
    """Seconds of the processor for each piece."""
    turns, left = [], iter(pieces)
    began = time.thread_time()
    while next(left, MOST) is not MOST:
        turns.append(time.thread_time() - began)
        began = time.thread_time()
    return turns


@pytest.mark.usefixtures("no_garbage")
def test_what_is_plotted_and_shown_costs_little(house: House, pushes: PushHouse) -> None:
    """Samples are taken every second; documents are made for whoever looks."""
    incidents = Incidents(wall_clock=time.time)
    for number in range(MOST):
        incidents.note(Level.ERROR, f"fault {number}")
    sampler = Sampler(
        [
            ConnectionFigures(gateway=house.gateway, connections=lambda: SESSIONS),
            PushFigures(pipeline=pushes.pipeline),
        ],
        time.monotonic,
    )
    breakers = Breakers(lambda: pushes.pipeline.lanes, incidents)

    def samples() -> Iterator[None]:
        for _ in range(20):
            yield sampler.sample()

    def looks() -> Iterator[None]:
        for _ in range(20):
            yield breakers.look()

    document = StatusDocument(
        about=dict,
        readiness=lambda: succeed({}),
        connections=ConnectionFacts(gateway=house.gateway),
        relay=None,
        push=PushFacts(pipeline=pushes.pipeline, trouble_of=lambda lane: None),
        endings=lambda: (),
        incidents=incidents,
        history=sampler.history,
        now=time.monotonic,
        wall_clock=time.time,
        offset=lambda: 0.0,
    )
    for at in range(90_000):
        sampler.history.add(float(at), [at / 7] * len(sampler.history.series))
    day = HistoryDocument(
        history=sampler.history, ring=sampler.history.rings[-1], offset=lambda: 0.0
    )
    for what, turns in (
        ("a sample", turns_of(samples())),
        ("a look at breakers", turns_of(looks())),
        ("status.json", turns_of(document.pieces())),
        ("history/24h.json", turns_of(day.pieces())),
    ):
        usual = sorted(turns)[len(turns) // 2]
        print(
            f"\n{what}: {len(turns)} turns, usually {usual * 1000:.2f} ms, together "
            f"{sum(turns) * 1000:.0f} ms, the longest {max(turns) * 1000:.1f} ms"
        )
        assert usual < LONGEST

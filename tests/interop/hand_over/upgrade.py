"""A service under load: clients that talk, calls that are relayed, pushes; and what is seen."""

import asyncio
import json
import random
import socket
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from attrs import define, field

from examples.uc_demo.authority import make_certificates
from tests.daemon import ROOT
from tests.interop.hand_over.clients import Client
from tests.interop.hand_over.pushes import PushSender
from tests.interop.hand_over.relayed import Calls
from tests.interop.hand_over.service_manager import ServiceManager
from tests.interop.hand_over.uc_servers import UcServer
from tests.interop.push.running import Running, running_simulators
from tests.interop.push.town import ANDROID, IPHONE, at_apple, at_google, push_settings
from tests.smoke.daemons import Daemons

CUSTOMERS = tuple(f"firm{number}" for number in range(8))
LISTENERS = 4
"""Of each customer: what is said is heard by so many."""
PASSWORD = "a-password-of-the-server-0815"
ON_STOP = 120
"""Seconds that calls may take to end; far more than a test does with them."""
HERE_WITHIN = 120.0
LIMITS = """\
[turn.peers]
allow = ["127.0.0.0/8"]
[turn.limits]
allocations_per_user = 1000
allocations_per_address = 1000
"""


@define(eq=False)
class Service:
    """The daemon, whose sockets are the manager's."""

    daemons: Daemons
    manager: ServiceManager
    providers: Running | None
    """None of a service without pushes."""
    dice: random.Random = field(factory=lambda: random.Random(20_261_127))

    def starts(self) -> int:
        pid = self.manager.starts(self.daemons.program("run"), ROOT)
        self.manager.until_said("READY=1", by=pid)
        return pid


@contextmanager
def service_with_pushes(folder: Path) -> Iterator[Service]:
    """Prepare a service that sends pushes, too."""
    with (
        running_simulators(folder / "providers") as providers,
        service_in(folder, CUSTOMERS, push_settings(providers.facts)) as service,
    ):
        service.providers = providers
        sender = ("--customer", CUSTOMERS[0])
        service.daemons.must(*at_apple("ios.demo", providers.facts, "both"), *sender)
        service.daemons.must(*at_google("android.demo", providers.facts), *sender)
        yield service


@contextmanager
def service_in(folder: Path, customers: Sequence[str], more: str = "") -> Iterator[Service]:
    """Prepare a service with customers and a relay; it is not started yet."""
    daemons, manager = Daemons(folder, on_stop=ON_STOP), ServiceManager(folder)
    make_certificates(folder)
    daemons.write_settings()
    with daemons.settings.open("a") as settings:
        settings.write(LIMITS + more)
    password = folder / "password"
    password.touch(mode=0o600)
    password.write_text(PASSWORD)
    for customer in customers:
        daemons.must("customer", "add", customer, "--password-file", str(password))
    try:
        for name, port in (("tls", daemons.tls), ("http", daemons.http), ("link", daemons.link)):
            manager.opens(name, socket.SOCK_STREAM, port)
        manager.opens("turn-tcp", socket.SOCK_STREAM, daemons.turn)
        manager.opens("turn-udp", socket.SOCK_DGRAM, daemons.turn)
        yield Service(daemons, manager, None)
    finally:
        manager.stops()


@define(eq=False)
class Load:
    """Everybody who uses the service."""

    service: Service
    people: int
    """How many clients there are."""
    relays: int
    servers: list[UcServer] = field(init=False)
    clients: list[Client] = field(init=False)
    pushes: PushSender = field(init=False)
    calls: Calls | None = None
    talks: asyncio.Event = field(factory=asyncio.Event)
    ends: asyncio.Event = field(factory=asyncio.Event)

    def __attrs_post_init__(self) -> None:
        daemons = self.service.daemons
        origin = f"http://127.0.0.1:{daemons.http}"
        self.servers = [
            UcServer(daemons.link, each, PASSWORD, random.Random(each)) for each in CUSTOMERS
        ]
        users = (("alice", "bob"), ("bob", "alice"))
        self.clients = [
            Client(
                origin,
                CUSTOMERS[number % len(CUSTOMERS)],
                *users[number // len(CUSTOMERS) % 2],
                f"client{number}",
                number // len(CUSTOMERS) < LISTENERS,
                random.Random(number),
            )
            for number in range(self.people)
        ]
        destinations = (("ios.demo", IPHONE), ("android.demo", ANDROID))
        self.pushes = PushSender(origin, CUSTOMERS[0], PASSWORD, destinations, self.service.dice)

    async def until(self, is_so: Any, within: float = HERE_WITHIN) -> None:
        deadline = time.monotonic() + within
        while not is_so():
            assert time.monotonic() < deadline, self.service.daemons.said()
            await asyncio.sleep(0.05)

    @property
    def present(self) -> int:
        """How many clients have had an answer in the session they have."""
        return sum(each.is_present for each in self.clients)

    @property
    def unanswered(self) -> list[str]:
        """Calls without an answer that had come to a server."""
        got = set().union(*(server.got for server in self.servers))
        return [said for each in self.clients for said in each.unanswered if said in got]

    async def begin_calls(self) -> None:
        server = self.servers[0]
        await self.until(lambda: any("credential" in each for each in server.ice_servers))
        issued = next(each for each in server.ice_servers if "credential" in each)
        where = ("127.0.0.1", self.service.daemons.turn)
        self.calls = await asyncio.to_thread(
            Calls.of, self.relays, where, issued["username"], issued["credential"]
        )
        self.calls.go_on()


@asynccontextmanager
async def load_on(service: Service, people: int, relays: int) -> AsyncIterator[Load]:
    """Have everybody come, and talk; all are gone in the end."""
    load = Load(service, people, relays)
    here: list[asyncio.Task[None]] = []
    tasks = [asyncio.create_task(server.runs()) for server in load.servers]
    try:
        await asyncio.wait_for(asyncio.gather(*(s.is_linked() for s in load.servers)), HERE_WITHIN)
        here += [asyncio.create_task(each.runs(load.talks, load.ends)) for each in load.clients]
        await load.until(lambda: load.present == people)
        await load.begin_calls()
        here.append(asyncio.create_task(load.pushes.runs(load.ends)))
        load.talks.set()
        yield load
        load.ends.set()
        await asyncio.wait_for(asyncio.gather(*here), HERE_WITHIN)
    finally:
        if load.calls is not None:
            await asyncio.to_thread(load.calls.close)
        for task in (*tasks, *here):
            task.cancel()


def arrivals(providers: Running) -> "Counter[str]":
    """Return how often providers have taken each push."""
    found: Counter[str] = Counter()
    last = 0
    while page := providers.ask(f"arrivals?after={last}&most=1000"):
        last = page[-1]["number"]
        for each in page:
            if each["is_push"] and each["done"] == "200":
                found[_id(each)] += 1
    return found


def _id(arrival: dict[str, Any]) -> str:
    body = json.loads(arrival["body"])
    return str(body["message"]["data"]["id"] if "message" in body else arrival["id"])


def figures(load: Load, arrived: "Counter[str]") -> str:
    """Return what there is to tell, for people."""
    clients, calls = load.clients, load.calls
    assert calls is not None
    gaps = sorted(gap for each in clients for gap in each.away)
    silent = sorted(each.longest for each in clients)
    sent = sum(each.out.sent + each.back.sent for each in calls.all)
    lost = sum(len(each.out.lost) + len(each.back.lost) for each in calls.all)
    log_ons = Counter(each.log_ons for each in clients)
    codes = sum((each.closed for each in clients), Counter())
    refused = sum((each.refused for each in clients), Counter())
    twice = sum(count - 1 for count in arrived.values())
    links_away = [
        back - gone
        for server in load.servers
        for gone, back in zip(server.lost, server.links[1:], strict=False)
    ]
    return "\n".join(
        (
            f"sessions: {len(clients)} clients of {len(load.servers)} customers, "
            f"{sum(each.answered for each in clients)} calls answered, "
            f"{len(load.unanswered)} accepted ones unanswered, "
            f"{sum(len(each.unanswered) for each in clients)} never accepted, "
            f"{sum(len(each.rejected) for each in clients)} rejected, "
            f"{sum(each.events for each in clients)} events",
            f"  sockets closed by {dict(codes)}; log-ons per client {dict(log_ons)}; "
            f"asked in vain {dict(refused)}",
            f"  gap of a session, from its end to the first answer in the next: "
            f"{gaps[-1]:.2f} s at most, median {median(gaps):.2f} s",
            f"  longest time between two answers, a client's own pauses of 1 to 4 s included: "
            f"{silent[-1]:.2f} s, median {median(silent):.2f} s",
            f"links: away for {max(links_away, default=0):.2f} s at most",
            f"relays: {len(calls.all)}, {sent} packets, {lost} lost, "
            f"{sum(each.out.spoilt + each.back.spoilt for each in calls.all)} spoilt, "
            f"{sum(each.refreshed for each in calls.all)} refreshed",
            f"pushes: {len(load.pushes.accepted)} accepted, "
            f"{len(load.pushes.accepted - arrived.keys())} lost, {twice} twice, "
            f"{len(load.pushes.doubtful)} without an answer, "
            f"{load.pushes.told_to_wait} requests told to wait",
        )
    )

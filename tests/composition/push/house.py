"""A running gateway whose providers, token servers and store are the test's."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from attrs import define, evolve, field
from twisted.internet.task import Clock

from procall_mobility.composition.push.gateway import PushGateway
from procall_mobility.gateway.push.applications.apps import PushApps
from procall_mobility.gateway.push.applications.destinations import Destination
from procall_mobility.gateway.push.applications.registrations import Provider, Registration
from procall_mobility.gateway.push.pipeline import PushPipeline
from procall_mobility.gateway.push.ports import State
from procall_mobility.gateway.push.providers.credentials import PushCredentials
from procall_mobility.gateway.push.providers.workshop import Workshop
from procall_mobility.gateway.push.quota import PushShare
from procall_mobility.gateway.push.receipts import Receipt
from procall_mobility.gateway.push.routes import Nobody
from procall_mobility.gateway.push.rules import PushPorts, PushRules
from procall_mobility.protocols.push.exchange import Answer, ProviderRequest
from procall_mobility.storage.customers import CustomerStore
from procall_mobility.storage.push_apps import PushAppStore
from procall_mobility.transports.pump import Household
from procall_mobility.transports.push_runner import PushRunner
from tests.gateway.push.fakes import UNIX, push
from tests.gateway.push.memory import MemoryStore
from tests.protocols.push.certificates import BUNDLE
from tests.transports.push_stage import Line

IOS = Registration(
    name="phone", provider=Provider.APNS, credential="",
    options={"topic": BUNDLE, "title": "Example", "team": "TEAM123456", "key_id": "KEY1234567"},
)  # fmt: skip
HUAWEI = Registration(
    name="huawei", provider=Provider.HMS, credential="",
    options={"system": "android", "title": "Example", "body": "There is news"},
)  # fmt: skip
TOKEN = "c0ffee" * 8


class ClosingStore(MemoryStore):
    is_closed = False

    def close(self) -> None:
        self.is_closed = True


@define(eq=False)
class TokenServer:
    """Who gives out tokens, at one host."""

    host: str
    asked: list[tuple[ProviderRequest, Callable[[Any], None]]] = field(factory=list)

    def request(self, request: ProviderRequest, done: Any, timeout: float) -> None:
        self.asked.append((request, done))

    def grants(self, name: str) -> None:
        body = json.dumps({"access_token": name, "expires_in": 3600}).encode()
        self.asked.pop(0)[1](Answer(status=200, headers={}, body=body))


@define(eq=False)
class House:
    """A gateway whose providers are the test."""

    folder: Path
    customers: CustomerStore
    clock: Clock = field(factory=Clock)
    store: ClosingStore = field(factory=ClosingStore)
    lines: list[Line] = field(factory=list)
    servers: list[TokenServer] = field(factory=list)
    receipts: list[Receipt] = field(factory=list)
    registered: PushAppStore = field(init=False)
    gateway: PushGateway = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.registered = PushAppStore(self.customers)
        apps, household = PushApps(), Household(reactor=self.clock, now=self.clock.seconds)
        pipeline = PushPipeline(
            PushRules(),
            PushPorts(
                store=self.store,
                routes=apps,
                presence=Nobody(),
                share_of=lambda _: PushShare(),
                wall_clock=self.unix,
                clock=self.clock.seconds,
                dice=lambda: 0.5,
                key=b"key of this process",
                stirred=lambda: self.gateway.runner.stirred(),  # noqa: PLW0108  # Not made yet.
            ),
        )
        self.gateway = PushGateway(
            desks=(),
            runner=PushRunner(pipeline, apps, household, self.connect, self.unix),
            verbs={},
            acknowledged={},
            store=self.store,
            customers=self.customers,
            registered=self.registered,
            credentials=PushCredentials(
                Workshop(
                    wall_clock=self.unix,
                    clock=self.clock.seconds,
                    dice=lambda: 0.5,
                    entropy=bytes,
                )
            ),
            network=self,
        )

    def unix(self) -> float:
        return UNIX + self.clock.seconds()

    def connect(self, destination: Destination, changed: Callable[[], None]) -> Line:
        self.lines.append(Line(destination, changed))
        return self.lines[-1]

    def http1(self, host: str) -> TokenServer:
        self.servers.append(TokenServer(host))
        return self.servers[-1]

    def file(self, name: str, content: bytes) -> str:
        file = self.folder / name
        file.write_bytes(content)
        return str(file)

    def lanes(self) -> set[str]:
        return set(self.gateway.runner.lanes)

    def takes(self, number: int, app: str, token: str = TOKEN) -> State:
        each = evolve(push(number, token=token), app=app)
        self.gateway.runner.pipeline.accept([each], self.receipts.extend, self.clock.seconds())
        self.store.commit()
        return self.became(number)

    def became(self, number: int) -> State:
        each = push(number)
        receipt = self.gateway.runner.pipeline.became(each.customer, each.id)
        assert receipt is not None
        return receipt.state

"""A pipeline with the desks of others' APIs in front of it, and a store that tests commit."""

import itertools
import json
from typing import Any

from attrs import define, evolve, field

from procall_mobility.gateway.desks import Desk
from procall_mobility.gateway.paces import Paces
from procall_mobility.gateway.push.applications.apps import PushApps
from procall_mobility.gateway.push.desks.errands import PushErrands
from procall_mobility.gateway.push.desks.matrix_desk import MatrixDesk
from procall_mobility.gateway.push.desks.mattermost_desk import MattermostDesk
from procall_mobility.gateway.push.desks.sender_door import SenderDoor
from procall_mobility.gateway.push.desks.senders import Api, Sender
from procall_mobility.gateway.push.lane.outputs import SendPush
from procall_mobility.gateway.push.pipeline import PushPipeline
from procall_mobility.gateway.push.ports import QueuedPush
from procall_mobility.gateway.push.quota import PushShare
from procall_mobility.gateway.push.routes import Nobody
from procall_mobility.gateway.push.rules import PushPorts, PushRules
from procall_mobility.gateway.reasons import Reason
from procall_mobility.protocols.ucclient.http_answer import HttpAnswer
from procall_mobility.protocols.ucclient.intentions import HttpRequest
from tests.gateway.fakes import CLIENT
from tests.gateway.push.fakes import UNIX
from tests.gateway.push.memory import MemoryStore
from tests.gateway.push.some_applications import app
from tests.gateway.relays import Site

TOKEN = "c0ffee" * 8
LANE = "apns:all:False"
SENDERS = [
    Sender(api=Api.MATRIX, name="org.example.app", ucsid="acme", channel="ios.example"),
    Sender(api=Api.MATRIX, name="org.example.lost", ucsid="acme", channel="nowhere"),
    Sender(
        api=Api.MATTERMOST, name="server-1", platform="apple_rn", ucsid="acme",
        channel="ios.example",
    ),
]  # fmt: skip


@define(eq=False)
class House:
    share: PushShare = field(factory=PushShare)
    burst: float = 100.0
    site: Site = field(factory=Site)
    store: MemoryStore = field(factory=MemoryStore)
    apps: PushApps = field(factory=PushApps)
    noted: list[tuple[str | None, Reason]] = field(factory=list)
    now: float = 0.0
    pipeline: PushPipeline = field(init=False)
    matrix: MatrixDesk = field(init=False)
    mattermost: MattermostDesk = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.apps.replace([app(None, False)])
        self.pipeline = PushPipeline(
            PushRules(),
            PushPorts(
                store=self.store,
                routes=self.apps,
                presence=Nobody(),
                share_of=lambda _: self.share,
                wall_clock=self.unix,
                clock=self.clock,
                dice=lambda: 0.5,
                key=b"key of this process",
                stirred=lambda: None,
            ),
        )
        self.pipeline.offers(LANE, 10, self.now)
        numbers = itertools.count(1)
        door = SenderDoor(
            find_sender=find,
            find_customer=self.site.customers.find,
            apps=self.apps,
            paces=Paces(rate=0.1, burst=self.burst),
            noted=lambda _request, ucsid, reason: self.noted.append((ucsid, reason)),
            clock=self.clock,
        )
        ports: dict[str, Any] = {
            "door": door,
            "errands": PushErrands(pipeline=self.pipeline, store=self.store, wall_clock=self.unix),
            "clock": self.clock,
            "wall_clock": self.unix,
            "new_id": lambda: f"{next(numbers):08x}-0000-7000-8000-000000000000",
        }
        self.matrix = MatrixDesk(**ports)
        self.mattermost = MattermostDesk(**ports, version="1.2.3")

    def clock(self) -> float:
        return self.now

    def unix(self) -> float:
        return UNIX + self.now

    def asks(self, desk: Desk, method: str, path: str, body: Any = b"") -> list[HttpAnswer]:
        """Ask, and return the list the answer will be in."""
        request = HttpRequest(
            method=method, path=path, query=(), headers=(),
            body=body if isinstance(body, bytes) else json.dumps(body).encode(),
            client_address=CLIENT, secure=True, host="mobility.example.net",
        )  # fmt: skip
        assert desk.wants(path)
        heard: list[HttpAnswer] = []
        desk.serve(request, heard.append)
        return heard

    def later(self, seconds: float) -> None:
        self.now += seconds
        self.pipeline.wake(self.now)

    def sent(self) -> list[QueuedPush]:
        return [each.push for each in self.pipeline.take() if isinstance(each, SendPush)]

    def switch_off(self, ucsid: str) -> None:
        known = self.site.customers.customers
        known[ucsid] = evolve(known[ucsid], enabled=False)


def find(api: Api, name: str, platform: str) -> Sender | None:
    """The port of the senders."""
    wanted = (api, name, platform)
    return next((each for each in SENDERS if (each.api, each.name, each.platform) == wanted), None)


def said(answer: HttpAnswer) -> dict[str, Any]:
    members: dict[str, Any] = json.loads(answer.body)
    return members

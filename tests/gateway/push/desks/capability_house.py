"""The desk for capability URLs with a pipeline behind it, its customer and who sends."""

import base64
import itertools
import json
from typing import Any

from attrs import define, field

from procall_mobility.gateway.back_off import BackOff, BackOffRules
from procall_mobility.gateway.customer_door import CustomerDoor
from procall_mobility.gateway.paces import Paces
from procall_mobility.gateway.push.applications.apps import PushApps
from procall_mobility.gateway.push.desks.capability_desk import ISSUING, PLACE, CapabilityDesk
from procall_mobility.gateway.push.lane.outputs import SendPush
from procall_mobility.gateway.push.pipeline import PushPipeline
from procall_mobility.gateway.push.quota import PushShare
from procall_mobility.gateway.push.routes import Nobody
from procall_mobility.gateway.push.rules import PushPorts, PushRules
from procall_mobility.protocols.push.capabilities import KEY, CapabilitySeal
from procall_mobility.protocols.push.vapid import Vapid
from procall_mobility.protocols.ucclient.http_answer import HttpAnswer
from procall_mobility.protocols.ucclient.intentions import HttpRequest
from tests.gateway.fakes import CLIENT, PASSWORD
from tests.gateway.push.fakes import UNIX
from tests.gateway.push.memory import MemoryStore
from tests.gateway.push.some_applications import app
from tests.gateway.relays import Site
from tests.protocols.push.pushes import ec_key
from tests.protocols.push.web_push_vectors import MESSAGE

ORIGIN = "https://mobility.example.net"
TOKEN = "c0ffee" * 8
LANE = "apns:all:False"
SENDER = Vapid(ec_key(), "mailto:push@example.com")
SENDS = {"ttl": "60", "content-encoding": "aes128gcm"}


@define(eq=False)
class House:
    """A desk with a pipeline behind it."""

    share: PushShare = field(factory=PushShare)
    site: Site = field(factory=Site)
    store: MemoryStore = field(factory=MemoryStore)
    apps: PushApps = field(factory=PushApps)
    now: float = 0.0
    pipeline: PushPipeline = field(init=False)
    desk: CapabilityDesk = field(init=False)

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
                clock=lambda: self.now,
                dice=lambda: 0.5,
                key=b"key of this process",
                stirred=lambda: None,
            ),
        )
        numbers = itertools.count(1)
        self.desk = CapabilityDesk(
            door=CustomerDoor(
                customers=self.site.customers,
                book=self.site.access,
                back_off=BackOff(BackOffRules()),
                key=b"key of this process",
                clock=lambda: self.now,
            ),
            find_customer=self.site.customers.find,
            apps=self.apps,
            pipeline=self.pipeline,
            store=self.store,
            seal=CapabilitySeal(bytes(KEY)),
            paces=Paces(rate=1.0, burst=3),
            origin=lambda _: ORIGIN,
            wall_clock=self.unix,
            clock=lambda: self.now,
            new_id=lambda: f"{next(numbers):08x}-0000-7000-8000-000000000000",
        )
        self.pipeline.offers(LANE, 10, self.now)

    def unix(self) -> float:
        return UNIX + self.now

    def asked(self, method: str, path: str, body: bytes, **headers: str) -> list[HttpAnswer]:
        assert self.desk.wants(path)
        request = HttpRequest(
            method=method, path=path, query=(), headers=tuple(headers.items()), body=body,
            client_address=CLIENT, secure=True, host="mobility.example.net",
        )  # fmt: skip
        heard: list[HttpAnswer] = []
        self.desk.serve(request, heard.append)
        return heard

    def asks(self, method: str, path: str, body: bytes = b"", **headers: str) -> HttpAnswer:
        (answer,) = self.asked(method, path, body, **headers)
        return answer

    def asks_for_url(self, body: Any = None, method: str = "POST", **changed: Any) -> HttpAnswer:
        shown = base64.b64encode(f"acme:{PASSWORD}".encode()).decode()
        told = {"channel": "ios.example", "token": TOKEN, **changed} if body is None else body
        octets = told if isinstance(told, bytes) else json.dumps(told).encode()
        return self.asks(method, ISSUING, octets, authorization=f"Basic {shown}")

    def url(self, **changed: Any) -> str:
        answer = self.asks_for_url(**changed)
        assert answer.status == 200, answer.body
        endpoint: str = json.loads(answer.body)["endpoint"]
        assert endpoint.startswith(ORIGIN + PLACE)
        return endpoint.removeprefix(ORIGIN)

    def sends(self, url: str, body: bytes = MESSAGE, **headers: str) -> HttpAnswer:
        heard = self.asked("POST", url, body, **{**SENDS, **headers})
        self.store.commit()
        (answer,) = heard
        return answer

    def sent(self) -> list[SendPush]:
        return [each for each in self.pipeline.take() if isinstance(each, SendPush)]


def told(answer: HttpAnswer) -> tuple[int, str]:
    return answer.status, json.loads(answer.body)["error"]

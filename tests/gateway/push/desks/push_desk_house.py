"""The desk for pushes with a pipeline behind it, and what a customer posts there."""

import base64
import itertools
import json
from typing import Any

from attrs import define, field

from procall_mobility.gateway.back_off import BackOff, BackOffRules
from procall_mobility.gateway.customer_door import CustomerDoor
from procall_mobility.gateway.push.applications.apps import PushApps
from procall_mobility.gateway.push.desks.orders import PushOrders
from procall_mobility.gateway.push.desks.push_desk import PushDesk
from procall_mobility.gateway.push.gathering import Soon, at_once
from procall_mobility.gateway.push.lane.outputs import SendPush
from procall_mobility.gateway.push.pipeline import PushPipeline
from procall_mobility.gateway.push.quota import PushShare
from procall_mobility.gateway.push.rounds import OrderRounds
from procall_mobility.gateway.push.routes import Nobody
from procall_mobility.gateway.push.rules import PushPorts, PushRules
from procall_mobility.protocols.ucclient.http_answer import HttpAnswer
from procall_mobility.protocols.ucclient.intentions import HttpRequest
from tests.gateway.fakes import CLIENT, PASSWORD
from tests.gateway.push.fakes import UNIX
from tests.gateway.push.memory import MemoryStore
from tests.gateway.push.some_applications import app
from tests.gateway.relays import Site

ID, OTHER = "5f0c2f6e-9a3b-4d1e-8f00-1234567890ab", "5f0c2f6e-9a3b-4d1e-8f00-1234567890ac"
THIRD = "5f0c2f6e-9a3b-4d1e-8f00-1234567890ad"
TOKEN = "c0ffee" * 8
LANE = "apns:all:False"

CHAT: dict[str, Any] = {
    "id": ID,
    "channel": "ios.example",
    "token": TOKEN,
    "kind": "chat",
    "payload": {"enc": "aes128", "data": "AAEC"},
}


@define(eq=False)
class Desk:
    share: PushShare = field(factory=PushShare)
    site: Site = field(factory=Site)
    store: MemoryStore = field(factory=MemoryStore)
    now: float = 0.0
    apps: PushApps = field(init=False)
    pipeline: PushPipeline = field(init=False)
    desk: PushDesk = field(init=False)
    soon: Soon = at_once
    bugs: list[Exception] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        self.apps = apps = PushApps()
        apps.replace([app(None, False)])
        self.pipeline = PushPipeline(
            PushRules(),
            PushPorts(
                store=self.store,
                routes=apps,
                presence=Nobody(),
                share_of=lambda _: self.share,
                wall_clock=lambda: UNIX + self.now,
                clock=lambda: self.now,
                dice=lambda: 0.5,
                key=b"key of this process",
                stirred=lambda: None,
                soon=self.soon,
            ),
        )
        numbers = itertools.count(1)
        orders = PushOrders(
            apps=apps,
            pipeline=self.pipeline,
            store=self.store,
            wall_clock=lambda: UNIX + self.now,
            new_id=lambda: f"{next(numbers):08x}-0000-7000-8000-000000000000",
        )
        self.desk = PushDesk(
            door=CustomerDoor(
                customers=self.site.customers,
                book=self.site.access,
                back_off=BackOff(BackOffRules()),
                key=b"key of this process",
                clock=lambda: self.now,
            ),
            orders=orders,
            rounds=OrderRounds(orders, self.soon, self.bugs.append),
            name_of=lambda customer, _: f"device of {customer}",
            clock=lambda: self.now,
        )
        self.pipeline.offers(LANE, 10, self.now)

    def asked(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        query: tuple[tuple[str, str], ...] = (),
        **headers: str,
    ) -> list[HttpAnswer]:
        """Ask, and return the list the answer will be in."""
        shown = base64.b64encode(f"acme:{PASSWORD}".encode()).decode()
        given = {"authorization": f"Basic {shown}", **headers}
        request = HttpRequest(
            method=method, path=path, query=query,
            headers=tuple((name.replace("_", "-"), value) for name, value in given.items()),
            body=body, client_address=CLIENT, secure=True, host="mobility.example.net",
        )  # fmt: skip
        assert self.desk.wants(path)
        heard: list[HttpAnswer] = []
        self.desk.serve(request, heard.append)
        return heard

    def answers(self, method: str, path: str, *args: Any, **headers: str) -> HttpAnswer:
        (answer,) = self.asked(method, path, *args, **headers)
        return answer

    def posts(self, *messages: dict[str, Any], ucsid: str = "acme", **headers: str) -> HttpAnswer:
        """Post messages, and let the disk do its work."""
        body = json.dumps({"ucsid": ucsid, "messages": messages}).encode()
        heard = self.asked("POST", "/push/v1/messages", body, **headers)
        self.store.commit()
        (answer,) = heard
        return answer

    def sent(self) -> list[str]:
        return [each.push.id for each in self.pipeline.take() if isinstance(each, SendPush)]


def members(answer: HttpAnswer) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(answer.body)
    return read


def results(answer: HttpAnswer) -> list[tuple[str, str | None]]:
    return [(each["status"], each.get("reason")) for each in members(answer)["results"]]

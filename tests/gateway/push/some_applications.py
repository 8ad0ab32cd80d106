"""An application at Apple, its lanes, and a push to it."""

from procall_mobility.gateway.push.applications.apps import PushApp
from procall_mobility.gateway.push.applications.destinations import Destination
from procall_mobility.gateway.push.applications.ways import Branch
from procall_mobility.gateway.push.ports import QueuedPush
from procall_mobility.gateway.push.providers.apns_carrier import ApnsCarrier
from procall_mobility.protocols.push.apns import ApnsTarget
from procall_mobility.protocols.push.notification import Notification, Urgency
from tests.gateway.push.credentials import apple_tokens

PUSH = QueuedPush(
    customer="acme",
    app="ios.example",
    notification=Notification(
        id="5f0c2f6e-9a3b-4d1e-8f00-1234567890ab", kind="chat", token="c0ffee" * 8,
        urgency=Urgency.ALERT, expires=2e9, content={},
    ),
    accepted=0.0,
    not_before=0.0,
)  # fmt: skip


def branch(lane: str, *, sandbox: bool = False) -> Branch:
    target = ApnsTarget(topic="org.example.app", title="Example", sandbox=sandbox)
    carrier = ApnsCarrier(target, apple_tokens(), Destination(host=target.host), has_other=False)
    return Branch(lane=lane, carrier=carrier)


def app(ucsid: str | None, *sandboxes: bool, first: bool = False) -> PushApp:
    owner = ucsid or "all"
    return PushApp(
        name="ios.example",
        ucsid=ucsid,
        provider="apns",
        branches={each: branch(f"apns:{owner}:{each}", sandbox=each) for each in sandboxes},
        sandbox_first=first,
    )

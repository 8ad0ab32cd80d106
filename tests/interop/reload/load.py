"""People who are busy while the daemon's settings change: they talk, call and wake phones.

Each counts what has come of it; whatever is lost, or comes twice, is remembered as a fault.
"""

import itertools
import socket
import threading
from collections.abc import Callable

from attrs import define, field

from examples.uc_demo.server.directory import PEOPLE
from tests.interop.push.town import ANDROID, IPHONE, Town, message
from tests.interop.turn.caller import Caller
from tests.interop.turn.turn_client import Identity, TurnClient
from tests.interop.turn.wires import UdpWire
from tests.smoke.strict_client import StrictClient

PAUSE = 0.005
"""Seconds between two steps of each: enough of a load, and some time is left for the daemon."""

PUSHES_EVERY = 0.1
WITHIN = 60.0


@define(eq=False)
class Busy:
    """Somebody who does one thing again and again until told to end."""

    name: str
    step: Callable[[int], None]
    pause: float = PAUSE
    done: int = 0
    faults: list[str] = field(factory=list)
    _over: threading.Event = field(factory=threading.Event)
    _thread: threading.Thread = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self._thread.start()

    def end(self) -> None:
        self._over.set()
        self._thread.join(WITHIN)

    def _run(self) -> None:
        for number in itertools.count():
            if self._over.wait(self.pause):
                return
            try:
                self.step(number)
            except Exception as error:  # noqa: BLE001  # Whatever it is: the test tells.
                self.faults.append(f"{self.name}, step {number}: {error!r}")
                return
            self.done += 1


@define(eq=False)
class Load:
    """All of them."""

    town: Town
    relay_port: int
    secret: str
    posted: list[str] = field(factory=list)
    people: list[Busy] = field(factory=list)
    clients: list[StrictClient] = field(factory=list)
    calling: list[Caller] = field(factory=list)
    callers: list[Caller] = field(factory=list)
    """Those who were called into being for a moment, too."""

    def begin(self) -> None:
        """Log everybody on, have relays opened, and start."""
        alice, bob = self._client("alice"), self._client("bob")
        self.calling = [self.caller(), self.caller()]
        self.people += [
            Busy("talk by TLS", _questions(self._client("alice", tls=True))),
            Busy("talk", _questions(self._client("bob"))),
            Busy("chat", _chat(alice, bob)),
            Busy("call of one", _relayed(self.calling[0])),
            Busy("call of another", _relayed(self.calling[1])),
            Busy("pushes", self._push, PUSHES_EVERY),
        ]

    def check(self) -> None:
        """Fail when anybody has lost anything until now."""
        assert [fault for each in self.people for fault in each.faults] == []

    def counts(self) -> dict[str, int]:
        return {each.name: each.done for each in self.people}

    def end(self) -> None:
        for each in self.people:
            each.end()
        for caller in self.calling:
            caller.refreshes(0)
        self.calling.clear()
        for client in self.clients:
            client.close()
        while self.callers:
            self.callers.pop().close()

    def caller(self, port: int | None = None) -> Caller:
        """Return somebody with a relay."""
        caller = self.stranger(port=port)
        caller.allocates()
        return caller

    def stranger(self, subject: str = "alice", port: int | None = None) -> Caller:
        """Return somebody with a credential for the relay and nothing yet."""
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind(("127.0.0.1", 0))
        identity = Identity.minted(self.secret, "acme", subject)
        server = ("127.0.0.1", port or self.relay_port)
        caller = Caller(UdpWire(sock, server), TurnClient(identity))
        self.callers.append(caller)
        return caller

    def _client(self, user: str, *, tls: bool = False) -> StrictClient:
        daemons = self.town.daemons
        client = StrictClient(daemons.tls if tls else daemons.http, tls=tls)
        assert client.log_on(user, user, "acme") == 200
        client.upgrade()
        self.clients.append(client)
        return client

    def _push(self, number: int) -> None:
        channel, token = (("ios.demo", IPHONE), ("android.demo", ANDROID))[number % 2]
        push = message(channel, token)
        status, (result,) = self.town.posts(push, wait=0)
        assert status in (200, 202), (status, result)
        self.posted.append(push["id"])


def _questions(client: StrictClient) -> Callable[[int], None]:
    def step(number: int) -> None:
        assert client.call("asnGetLoggedInContactV2")["result"]

    return step


def _chat(alice: StrictClient, bob: StrictClient) -> Callable[[int], None]:
    """Alice writes, and it comes to Bob: everything once, and in order."""
    for client in (alice, bob):
        assert client.call("asnChatSubscribeEvents", {"bReceiveChatEvents": True})["result"]

    def step(number: int) -> None:
        text = f"message {number}"
        told = {"u8sRecipientURIs": [PEOPLE["bob"].contact_id], "u8sMessage": text}
        assert alice.call("asnChatTextMessage", told)["result"]
        assert _heard(bob) == text

    return step


def _heard(client: StrictClient) -> str:
    """Return the next message somebody has written to a client."""
    while True:
        invoke = client.receive().get("invoke", {})
        if invoke.get("operationName") == "asnChatEvent":
            (event,) = invoke["argument"]["asnChatEventList"]
            text: str = event["asnChatMessage"]["u8sMessage"]
            return text


def _relayed(caller: Caller) -> Callable[[int], None]:
    """Say something to a peer through the relay, and hear it come back."""
    peer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    peer.bind(("127.0.0.1", 0))
    peer.settimeout(WITHIN)
    address = peer.getsockname()
    assert caller.permits(address).ok
    assert caller.binds(0x4001, address).ok

    def step(number: int) -> None:
        octets = f"packet {number}".encode()
        caller.says(0x4001, octets)
        heard, relayed = peer.recvfrom(1000)
        assert heard == octets
        peer.sendto(octets, relayed)
        assert caller.hear() == (0x4001, octets)

    return step

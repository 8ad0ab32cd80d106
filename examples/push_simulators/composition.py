"""Everything put together: a simulator for each provider, on ports of this machine."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from attrs import define, field
from twisted.internet.defer import Deferred, DeferredList

from examples.push_simulators import credentials as own
from examples.push_simulators.apns.provider_tokens import ProviderTokens
from examples.push_simulators.arrivals import Arrivals
from examples.push_simulators.conduct import Conduct, Reception
from examples.push_simulators.credentials import Credentials
from examples.push_simulators.doorway import DoorwayFactory
from examples.push_simulators.judges import Judges
from examples.push_simulators.listening import Doorstep
from examples.push_simulators.simulator import Simulator
from examples.push_simulators.tls import ServerTls
from examples.push_simulators.web_push.judge import WebPushJudge
from examples.uc_demo.authority import make_certificates

NAMES = ("apns", "apns_sandbox", "fcm", "hms", "web_push", "wns")
"""Each is a port."""

H2, HTTP1 = b"h2", b"http/1.1"
PROTOCOLS: Mapping[str, tuple[bytes, ...]] = {
    "apns": (H2,),
    "apns_sandbox": (H2,),
    "wns": (HTTP1,),
}
"""Of those that do not speak both."""

FCM_STREAMS = 100
"""At a time on one connection."""


@define(eq=False, kw_only=True)
class PushSimulators:
    """All simulators of one process."""

    folder: Path
    host: str
    credentials: Credentials
    arrivals: Arrivals
    simulators: dict[str, Simulator] = field(factory=dict)
    doorsteps: dict[str, Doorstep] = field(factory=dict)
    apns_tokens: ProviderTokens = field(factory=ProviderTokens)
    web_push: WebPushJudge = field(init=False)

    def origin(self, name: str) -> str:
        """Return where a simulator is: `https://host:port`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"https://{host}:{self.doorsteps[name].port}"

    def open(self) -> None:
        """Accept connections, and write down where and with which credentials."""
        for doorstep in self.doorsteps.values():
            doorstep.open()
        file = self.folder / "simulators.json"
        file.touch(mode=0o600)
        file.write_text(json.dumps(self.facts(), indent=2), "utf-8")

    def close(self) -> "Deferred[Any]":
        """End all connections and give the ports back."""
        for simulator in self.simulators.values():
            simulator.conduct.cut()
        return DeferredList([each.close() for each in self.doorsteps.values()])

    def receive(self, name: str, reception: Reception) -> None:
        """Choose what becomes of new connections."""
        self.simulators[name].conduct.reception = reception
        if reception is Reception.REFUSE:
            self.doorsteps[name].refuse()
        else:
            self.doorsteps[name].open()

    def facts(self) -> dict[str, Any]:
        """Return addresses, and the credentials that are right."""
        files = self.credentials
        return {
            "ca": str(self.folder / "ca.pem"),
            "apns": {
                "production": self.origin("apns"),
                "sandbox": self.origin("apns_sandbox"),
                "team": own.TEAM,
                "key_id": own.KEY_ID,
                "key": str(files.apns_key),
                "certificate": str(files.apns_certificate),
                "next_certificate": str(files.apns_next_certificate),
                "topic": own.TOPIC,
            },
            "fcm": {
                "origin": self.origin("fcm"),
                "project": own.PROJECT,
                "service_account": str(files.fcm_account),
            },
            "hms": {
                "origin": self.origin("hms"),
                "app": own.HMS_APP,
                "secret": str(files.hms_secret),
                "project": own.HMS_PROJECT,
                "service_account": str(files.hms_account),
            },
            "web_push": {"origin": self.origin("web_push")},
            "wns": {
                "origin": self.origin("wns"),
                "sid": own.WNS_SID,
                "secret": str(files.wns_secret),
            },
        }


def compose(
    reactor: Any,
    wall_clock: Callable[[], float],
    folder: Path,
    ports: Mapping[str, int],
    host: str = "127.0.0.1",
) -> PushSimulators:
    """Build everything and take the ports; `open` then accepts connections.

    Args:
        reactor: Twisted's.
        wall_clock: calendar time in seconds.
        folder: for certificates and credentials.
        ports: by name; 0, or none, lets the system choose.
        host: an address of this machine.

    Raises:
        OSError: a port is taken.
    """
    folder.mkdir(parents=True, exist_ok=True)
    make_certificates(folder)
    town = PushSimulators(
        folder=folder,
        host=host,
        credentials=Credentials(folder / "credentials"),
        arrivals=Arrivals(),
    )
    for name in NAMES:
        town.doorsteps[name] = Doorstep(reactor, host, ports.get(name, 0))
    judges = Judges.of(town.credentials, town.origin)
    town.apns_tokens, town.web_push = judges.apns_tokens, judges.web_push
    for name, judge in judges.by_name.items():
        protocols = PROTOCOLS.get(name, (H2, HTTP1))
        conduct = _conduct(name)
        simulator = Simulator(
            judge, town.arrivals, wall_clock, conduct=conduct, protocols=protocols
        )
        town.simulators[name] = simulator
        town.doorsteps[name].factory = _factory(town, simulator, reactor)
    return town


def _conduct(name: str) -> Conduct:
    if name.startswith("apns"):
        return Conduct(first_limit=1)
    return Conduct(stream_limit=FCM_STREAMS) if name == "fcm" else Conduct()


def _factory(town: PushSimulators, simulator: Simulator, reactor: Any) -> DoorwayFactory:
    chain, key = town.folder / "certificate.pem", town.folder / "key.pem"
    clients = town.credentials.apns_authority if simulator.name.startswith("apns") else None
    tls = ServerTls(chain, key, simulator.protocols, clients)
    demanding = ServerTls(chain, key, simulator.protocols, clients, demands=True)
    return DoorwayFactory(simulator, tls, demanding, reactor)

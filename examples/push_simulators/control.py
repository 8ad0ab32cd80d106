"""What may be asked of the simulators while they run: the verbs behind the control interface."""

from collections.abc import Callable, Mapping
from typing import Any

from examples.push_simulators.arrivals import Arrival
from examples.push_simulators.composition import PushSimulators
from examples.push_simulators.conduct import Reception
from examples.push_simulators.simulator import Simulator
from examples.push_simulators.words import Said, device_of, goodbye_of, only, rule_of, take

MOST_AT_ONCE = 1000
"""Arrivals in one answer."""

_NUMBERS = {"stream_limit": (int,), "window": (int,), "latency": (int, float)}
_CONDUCT = {*_NUMBERS, "provider", "first_limit", "reception", "goaway", "cut"}


class Control:
    """Verbs on all simulators; each takes and returns what JSON can say, or raises ValueError."""

    def __init__(
        self,
        town: PushSimulators,
        wall_clock: Callable[[], float],
        wake: "Callable[[str, Mapping[str, str]], None]",
        app: str | None = None,
    ) -> None:
        """Prepare.

        Args:
            town: the simulators.
            wall_clock: calendar time in seconds.
            wake: asks at a URL, or where it is empty at the usual one, to wake a device.
            app: what a tap on a phone opens, if it opens anything.
        """
        self._app = app
        self.town = town
        self._wall_clock = wall_clock
        self._wake = wake

    def state(self) -> dict[str, Any]:
        """Return addresses, counters, rules and conduct."""
        arrivals = self.town.arrivals
        return {
            "addresses": {name: self.town.origin(name) for name in self.town.simulators},
            "counts": dict(arrivals.counts),
            "duplicates": arrivals.duplicates,
            "last": arrivals.number,
            "rules": {name: len(each.script.rules) for name, each in self._all()},
            "conduct": {name: _conduct(each) for name, each in self._all()},
            "token_updates": self.town.apns_tokens.most_updates,
            "app": self._app,
        }

    def arrivals(self, said: Said) -> list[dict[str, Any]]:
        """Return arrivals after a number, the oldest first."""
        after = int(said.get("after", 0))
        most = min(int(said.get("most", MOST_AT_ONCE)), MOST_AT_ONCE)
        found: list[dict[str, Any]] = []
        for each in self.town.arrivals.after(after, said.get("provider")):
            if said.get("token") in (None, each.token):
                found.append(told(each))
            if len(found) >= most:
                break
        return found

    def forget(self) -> None:
        """Forget arrivals, scripts, faults, and what is known of devices."""
        self.town.arrivals.clear()
        self.town.web_push.subscriptions.by_name.clear()
        for _, simulator in self._all():
            simulator.script.clear()
            simulator.judge.devices.known.clear()
            simulator.conduct.faults.clear()

    def script(self, said: Said) -> None:
        """Add a rule."""
        simulator = self._simulator(said)
        simulator.script.add(rule_of(said, simulator.judge.rows))

    def conduct(self, said: Said) -> None:
        """Change how whole connections are treated."""
        simulator = self._simulator(said)
        only(said, _CONDUCT)
        conduct = simulator.conduct
        changed = {name: take(said, name, kinds, None) for name, kinds in _NUMBERS.items()}
        goodbye = goodbye_of(said["goaway"]) if "goaway" in said else None
        reception = Reception(said["reception"]) if "reception" in said else None
        if "first_limit" in said:
            conduct.first_limit = take(said, "first_limit", (int,), None)
        for name, value in changed.items():
            if value is not None:
                setattr(conduct, name, value)
        conduct.announce()
        if reception is not None:
            self.town.receive(simulator.name, reception)
        if goodbye is not None:
            conduct.say_goodbye(goodbye)
        if said.get("cut"):
            conduct.cut()

    def keys(self, said: Said) -> None:
        """Change how often APNs takes new tokens of a key, or revoke everything OAuth gave out."""
        only(said, {"token_updates", "revoke"})
        updates = take(said, "token_updates", (int,), None)
        if updates is not None:
            self.town.apns_tokens.most_updates = updates
        for _, simulator in self._all():
            access = getattr(simulator.judge, "access", None)
            if said.get("revoke") and access is not None:
                access.revoke()

    def device(self, said: Said) -> None:
        """Register a device, or tell its state."""
        simulator = self._simulator(said)
        device = device_of(said, self._wall_clock())
        subscription = self.town.web_push.subscriptions.by_name.get(device.token)
        if simulator.name == "web_push" and subscription is not None:
            subscription.gone = device.gone
        simulator.judge.devices.register(device)

    def subscribe(self, said: Said) -> dict[str, Any]:
        """Subscribe, as a browser does; or, `plain`, as applications of UnifiedPush did before."""
        only(said, {"sender", "plain"})
        made = self.town.web_push.subscriptions.add(
            take(said, "sender", (str,), None), is_plain=take(said, "plain", (bool,), False)
        )
        return {"endpoint": self.town.web_push.endpoint(made), "keys": made.keys()}

    def wake(self, said: Said) -> None:
        """Wake the device a push was for, as its system would have done."""
        only(said, {"number"})
        number = take(said, "number", (int,), 0)
        arrival = next(self.town.arrivals.after(number - 1), None)
        if arrival is None or arrival.number != number or not arrival.is_push:
            raise ValueError("number: no such push is remembered")
        devices = self.town.simulators[arrival.provider].judge.devices
        device = devices.known.get(arrival.token)
        about = {"provider": arrival.provider, "token": arrival.token, "id": arrival.id}
        self._wake((device.wake if device else None) or "", about)

    def _all(self) -> list[tuple[str, Simulator]]:
        return list(self.town.simulators.items())

    def _simulator(self, said: Said) -> Simulator:
        name = said.get("provider")
        if not isinstance(name, str) or name not in self.town.simulators:
            raise ValueError(f"provider: expected one of {', '.join(self.town.simulators)}")
        return self.town.simulators[name]


def told(arrival: Arrival) -> dict[str, Any]:
    """Return an arrival as JSON can say it; octets that are no text as hexadecimal digits."""
    return {
        "number": arrival.number,
        "provider": arrival.provider,
        "connection": arrival.visit,
        "stream": arrival.stream,
        "at": arrival.at,
        "method": arrival.method,
        "path": arrival.path,
        "headers": [list(each) for each in arrival.headers],
        "body": _text(arrival.body),
        "clear": None if arrival.clear is None else _text(arrival.clear),
        "is_push": arrival.is_push,
        "token": arrival.token,
        "id": arrival.id,
        "refusal": arrival.refusal,
        "remarks": list(arrival.remarks),
        "nth": arrival.nth,
        "done": arrival.done,
        "done_at": arrival.done_at,
    }


def _conduct(simulator: Simulator) -> dict[str, Any]:
    conduct = simulator.conduct
    return {
        "stream_limit": conduct.stream_limit,
        "first_limit": conduct.first_limit,
        "window": conduct.window,
        "latency": conduct.latency,
        "reception": conduct.reception.value,
        "connections": len(conduct.open),
        "visits": simulator.visits,
        "faults": conduct.faults,
    }


def _text(octets: bytes) -> str:
    try:
        return octets.decode()
    except UnicodeDecodeError:
        return octets.hex()

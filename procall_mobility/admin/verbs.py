"""What the command line may ask of a running daemon, by its admin socket."""

from collections.abc import Mapping
from typing import Any

from attrs import frozen
from twisted.internet.defer import Deferred

from procall_mobility import __version__
from procall_mobility.composition.push.gateway import PushGateway
from procall_mobility.composition.turn.relay import TurnRelay
from procall_mobility.gateway.last_refusals import LastRefusals
from procall_mobility.gateway.media import Media
from procall_mobility.lifecycle.daemon import Daemon
from procall_mobility.operations import push_verbs
from procall_mobility.operations.admin_socket import Verb


@frozen
class AdminVerbs:
    """The verbs of one daemon."""

    daemon: Daemon
    refusals: LastRefusals

    def all(self) -> Mapping[str, Verb]:
        """Return what may be asked over the admin socket."""
        return {
            "status": lambda _: self.status(),
            "refusals": lambda _: self.refusals.told(),
            "hand-over": lambda _: self._hand_over(),
            "reload": self._reload,
            "customer-changed": self._customer_changed,
            "turn-sessions": lambda _: self._media().account(self.daemon.household.now()),
            "turn-revoke": self._turn_revoke,
            "turn-remember": self._turn_remember,
            "turn-datapath": self._turn_datapath,
            "push-apps-changed": self._push_apps_changed,
            "push-lanes": lambda _: self._push().runner.account(),
            **dict.fromkeys(push_verbs.NAMES, self._push_verb),
        }

    def status(self) -> dict[str, Any]:
        """Return links, sessions and counters; nothing secret, no user."""
        daemon = self.daemon
        now = daemon.household.now()
        certificate = daemon.certificate
        return {
            "version": __version__,
            "node": daemon.node,
            "uptime": round(daemon.uptime, 1),
            "draining": daemon.draining.facts(),
            "before": daemon.predecessor,
            "listening": [each.address for each in (*daemon.listeners, *daemon.admin_doors)],
            "connections": daemon.connections.total,
            "links": [
                {
                    "customer": link.customer.ucsid,
                    "name": link.name,
                    "server": f"{link.registration.server_name} "
                    f"{link.registration.server_version}".strip(),
                    "peer": link.peer,
                    "seconds": round(now - link.since, 1),
                    "form": "ber" if link.wire.speaks_ber else "json",
                    "sessions": len(link.sessions),
                    "sent": link.sent,
                    "received": link.received,
                }
                for link in daemon.gateway.links.all()
            ],
            "sessions": len(daemon.gateway.sessions),
            "relay": daemon.turn.media.counters() if daemon.turn is not None else None,
            "datapath": daemon.turn.datapath.carrier if daemon.turn is not None else None,
            "waiting": daemon.reloader.account(),
            "counters": {**daemon.access.counters, **self._acknowledged()},
            "certificates": [
                {
                    "file": certificate.facts.file,
                    "names": list(certificate.facts.names),
                    "until": certificate.facts.until.isoformat(),
                }
            ]
            if certificate is not None
            else [],
        }

    def _acknowledged(self) -> dict[str, int]:
        counts = self.daemon.push.acknowledged if self.daemon.push is not None else {}
        return {f"push acknowledged: {name}": count for name, count in counts.items()}

    def _hand_over(self) -> "Deferred[dict[str, Any]]":
        if self.daemon.hand_over is None:
            raise ValueError("nobody is there to start another daemon")
        return self.daemon.hand_over()

    def _reload(self, question: dict[str, Any]) -> dict[str, Any]:
        reloader = self.daemon.reloader
        is_rehearsal = question.get("dry_run") is True
        outcome = reloader.try_out() if is_rehearsal else self.daemon.reload()
        return {"file": str(reloader.source.path), **outcome.facts()}

    def _customer_changed(self, question: dict[str, Any]) -> str:
        self.daemon.look_for_changes()
        return "ok"

    def _push_apps_changed(self, question: dict[str, Any]) -> str:
        self.daemon.look_for_apps()
        return "ok"

    def _push(self) -> PushGateway:
        if self.daemon.push is None:
            raise ValueError("no pushes are taken; set push.enabled, or install libnghttp2-14")
        return self.daemon.push

    def _push_verb(self, question: dict[str, Any]) -> Any:
        return self._push().verbs[question["verb"]](question)

    def _relay(self) -> TurnRelay:
        if self.daemon.turn is None:
            raise ValueError("the relay is switched off; name an address in turn.udp")
        return self.daemon.turn

    def _media(self) -> Media:
        return self._relay().media

    def _turn_revoke(self, question: dict[str, Any]) -> dict[str, int | None]:
        target = question.get("target")
        if not isinstance(target, str):
            raise ValueError("target: expected a customer, customer:user, or an id")
        if self.daemon.turn is None:
            return {"ended": None}  # Nothing relays here: taking back is for the store to do.
        return {"ended": self._media().revoke(target, self.daemon.household.now())}

    def _turn_remember(self, question: dict[str, Any]) -> str:
        username = question.get("username")
        if not isinstance(username, str):
            raise ValueError("username: expected text")
        self._media().users.remember(username)
        return "ok"

    def _turn_datapath(self, question: dict[str, Any]) -> dict[str, Any]:
        relay, switch = self._relay(), question.get("switch")
        if switch not in (None, "on", "off"):
            raise ValueError("switch: expected on or off")
        if switch is not None:
            relay.datapath.switch(on=switch == "on")
        return {**relay.datapath.facts(), **relay.media.server.allocations.relayed()}

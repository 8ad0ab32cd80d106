"""What has to be there before the demo can start: settings, a certificate, the customer."""

import json
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any

from attrs import frozen

from examples.uc_demo.authority import make_certificates
from examples.uc_demo.children import ROOT
from examples.uc_demo.ports import HERE, Ports, own_addresses

UCSID = "demo"
ALIAS = "demo.example"
WEB = Path(__file__).parent / "web"
CHANNEL = "demo.phone"
"""By what the demo's application is registered for pushes; its clients name it."""

SETTINGS = """\
# The demo's settings, written anew by every start.
[service]
data = {data}

[listen]
tls = {tls}
http = {http}
link = {link}

[tls]
certificate = {certificate}
key = {key}

[ucserver]
loopback_may_skip_tls = true

# Two clients meet on the relay itself: it needs no rule that lets them reach this machine.
[turn]
realm = {realm}
udp = {turn}
tcp = {turn}
tls = []
relay = {relay}
urls = {urls}

# Pushes go to the simulators; names are not looked up anywhere.
[push]
authorities = {authorities}

[push.hosts]
apns = {apns}

# Whoever ends the demo does not wait for its calls.
[drain]
on_stop = 1

[log]
access = {access_log}
service = {service_log}

[store]
path = {store}

[admin]
socket = {admin}
http = {admin_http}

[demo]
web_root = {web}
origin_from_request = true
"""


@frozen
class Place:
    """The demo's folder, and what is where in it."""

    data: Path

    @property
    def settings(self) -> Path:
        """Return the file with the daemon's settings."""
        return self.data / "procall-mobility.toml"

    @property
    def server_password(self) -> Path:
        """Return the file with the password of the demo's UC server."""
        return self.data / "server-password"

    @property
    def providers(self) -> Path:
        """Return the folder of the simulated providers."""
        return self.data / "providers"

    @property
    def cli(self) -> tuple[str, ...]:
        """Return the arguments to Python that are `procall-mobility` with these settings."""
        return ("-m", "procall_mobility.cli", "--config", str(self.settings))

    def ask(self, *arguments: str) -> Any:
        """Run a command of `procall-mobility` and return the facts it prints.

        Raises:
            RuntimeError: it failed; the text says why.
        """
        command = [sys.executable, *self.cli, *arguments, "--json"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr.strip() or f"exit status {done.returncode}")
        return json.loads(done.stdout)

    def write_settings(self, ports: Ports) -> None:
        """Write the settings."""
        self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        values = {
            "data": self.data,
            "tls": [_listener(host, ports.tls) for host in own_addresses()],
            "http": [_listener(host, ports.http) for host in own_addresses()],
            "link": [_listener(HERE, ports.link)],
            "certificate": self.data / "certificate.pem",
            "key": self.data / "key.pem",
            "realm": ALIAS,
            "turn": [_listener(host, ports.turn) for host in own_addresses()],
            "relay": own_addresses(),
            "urls": ice_urls(ports),
            "authorities": self.providers / "ca.pem",
            "apns": _listener(HERE, ports.apns),
            "access_log": self.data / "access.log",
            "service_log": self.data / "service.log",
            "store": self.data / "customers.sqlite",
            "admin": self.data / "admin.sock",
            "admin_http": [_listener(HERE, ports.admin)],
            "web": WEB,
        }
        # What JSON writes for texts and lists of them is TOML as well.
        written = {name: json.dumps(value, default=str) for name, value in values.items()}
        self.settings.write_text(SETTINGS.format(**written), "utf-8")

    def make_certificate(self) -> bool:
        """Make what TLS needs; False when it is there already."""
        return make_certificates(self.data)

    def take_in_customer(self) -> None:
        """Make the customer known, with the password its UC server is going to show."""
        if not self.server_password.exists():
            self.server_password.touch(mode=0o600)
            self.server_password.write_text(secrets.token_urlsafe(24))
        known = {each["ucsid"] for each in self.ask("customer", "list")}
        if UCSID in known:
            command = ["rotate-password", UCSID]
        else:
            command = ["add", UCSID, "--alias", ALIAS]
        self.ask("customer", *command, "--password-file", str(self.server_password))

    def register_app(self) -> None:
        """Make the demo's application known, with the key its simulated developer has."""
        if any(each["channel"] == CHANNEL for each in self.ask("push", "app", "list")):
            return
        apns = json.loads((self.providers / "simulators.json").read_text("utf-8"))["apns"]
        told = {"provider": "apns", "topic": apns["topic"], "team": apns["team"],
                "key-id": apns["key_id"], "title": "ProCall Mobility", "environment": "production",
                "credential-file": apns["key"]}  # fmt: skip
        options = [f"--{name}={value}" for name, value in told.items()]
        self.ask("push", "app", "add", CHANNEL, *options)


def push_url(ports: Ports) -> str:
    """Return where a customer's server posts pushes."""
    return f"http://{HERE}:{ports.http}/push/v1/"


def admin_url(ports: Ports) -> str:
    """Return where metrics and health are."""
    return f"http://{HERE}:{ports.admin}/"


def phones_url(ports: Ports) -> str:
    """Return where people see what phones show."""
    return f"http://{HERE}:{ports.phones}/"


def demo_url(ports: Ports) -> str:
    """Return where the client is."""
    return f"http://localhost:{ports.http}/demo/"


def ice_urls(ports: Ports) -> tuple[str, ...]:
    """Return what clients are told: TURN over TLS is on the port that everything else shares."""
    return (
        f"stun:{HERE}:{ports.turn}",
        f"turn:{HERE}:{ports.turn}?transport=udp",
        f"turn:{HERE}:{ports.turn}?transport=tcp",
        f"turns:{HERE}:{ports.tls}?transport=tcp",
    )


def _listener(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

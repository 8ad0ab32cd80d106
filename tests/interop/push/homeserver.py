"""A Matrix homeserver: Synapse with SQLite on this machine alone, and what its users ask of it."""

import hashlib
import hmac
import json
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from attrs import define, field

from tests.daemon import PATIENCE, ROOT
from tests.ports import free_port

PYTHON = ROOT / ".venv-synapse/bin/python"
"""Where `make interop` has installed it."""

SECRET = "a-secret-of-the-homeserver's"
CLIENT = "/_matrix/client/v3/"

SETTINGS = """\
server_name: chat.test
pid_file: {folder}/homeserver.pid
listeners:
  - port: {port}
    type: http
    bind_addresses: [127.0.0.1]
    resources: [{{names: [client]}}]
database: {{name: sqlite3, args: {{database: "{folder}/homeserver.db"}}}}
media_store_path: {folder}/media
signing_key_path: {folder}/signing.key
registration_shared_secret: "{secret}"
macaroon_secret_key: "{secret}"
form_secret: "{secret}"
report_stats: false
trusted_key_servers: []
# It is to call a push gateway on this machine.
ip_range_whitelist: [127.0.0.1/32, "::1/128"]
rc_message: {{per_second: 1000, burst_count: 1000}}
"""


@define
class Homeserver:
    """What runs."""

    folder: Path
    authority: Path
    """PEM of whom it trusts besides."""
    port: int = field(factory=free_port)
    process: "subprocess.Popen[bytes] | None" = field(default=None, init=False)

    def start(self) -> None:
        settings = self.folder / "homeserver.yaml"
        settings.write_text(SETTINGS.format(folder=self.folder, port=self.port, secret=SECRET))
        program = [str(PYTHON), "-m", "synapse.app.homeserver", "-c", str(settings)]
        subprocess.run([*program, "--generate-keys"], check=True, capture_output=True)
        with (self.folder / "homeserver.log").open("ab") as log:
            self.process = subprocess.Popen(
                program, stdout=log, stderr=log, env={"SSL_CERT_FILE": str(self.authority)}
            )
        self.until(self.is_up)

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(PATIENCE)

    def until(self, is_so: Any) -> None:
        """Wait: it takes long to start, and waits longer each time it was refused."""
        deadline = time.monotonic() + 3 * PATIENCE
        while not is_so():
            assert self.process is not None
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.05)

    def said(self) -> str:
        return (self.folder / "homeserver.log").read_text()[-3000:]

    def is_up(self) -> bool:
        try:
            self.asks("GET", "/_matrix/client/versions")
        except urllib.error.URLError:
            return False
        return True

    def asks(self, method: str, path: str, told: Any = None, token: str = "") -> Any:
        body = None if told is None else json.dumps(told).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", body, method=method
        )
        if token:
            request.add_header("authorization", f"Bearer {token}")
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)

    def register(self, name: str) -> "User":
        """Take a user in, by the secret that operators have."""
        place = "/_synapse/admin/v1/register"
        nonce = self.asks("GET", place)["nonce"]
        signed = "\0".join((nonce, name, "password", "notadmin")).encode()
        mac = hmac.new(SECRET.encode(), signed, hashlib.sha1).hexdigest()
        told = {"nonce": nonce, "username": name, "password": "password", "mac": mac}
        made = self.asks("POST", place, told)
        return User(self, made["user_id"], made["access_token"])


@define
class User:
    """Somebody with a client."""

    server: Homeserver
    name: str
    token: str = field(repr=False)

    def asks(self, method: str, path: str, told: Any = None) -> Any:
        return self.server.asks(method, CLIENT + path, told, self.token)

    def opens_room_with(self, other: "User") -> str:
        room: str = self.asks("POST", "createRoom", {"invite": [other.name], "is_direct": True})[
            "room_id"
        ]
        other.asks("POST", f"join/{urllib.parse.quote(room)}", {})
        return room

    def sends(self, room: str, kind: str = "m.room.message", **content: Any) -> str:
        """Send an event, and return its id."""
        content = content or {"msgtype": "m.text", "body": "lunch?"}
        place = f"rooms/{urllib.parse.quote(room)}/send/{kind}/{time.monotonic_ns()}"
        event: str = self.asks("PUT", place, content)["event_id"]
        return event

    def sets_pusher(self, gateway: str, app_id: str, pushkey: str, **data: Any) -> None:
        """Have pushes for a device given to a gateway."""
        told = {
            "kind": "http", "app_id": app_id, "pushkey": pushkey, "lang": "en",
            "app_display_name": "Example", "device_display_name": "phone", "append": True,
            "data": {"url": f"{gateway}/_matrix/push/v1/notify", **data},
        }  # fmt: skip
        self.asks("POST", "pushers/set", told)

    def drops_pushers(self) -> None:
        for each in self.asks("GET", "pushers")["pushers"]:
            names = {name: each[name] for name in ("app_id", "pushkey")}
            self.asks("POST", "pushers/set", {**names, "kind": None})

    def pushkeys(self) -> list[str]:
        """The pushkeys its homeserver knows."""
        return [each["pushkey"] for each in self.asks("GET", "pushers")["pushers"]]


@contextmanager
def homeserver_in(folder: Path, authority: Path) -> Iterator[Homeserver]:
    """Have a homeserver."""
    folder.mkdir()
    made = Homeserver(folder, authority)
    try:
        made.start()
        yield made
    finally:
        made.stop()

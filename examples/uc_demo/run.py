"""`make run`: the daemon with its demo customer, made ready on the spot.

Honours PORT, HTTP_PORT, LINK_PORT, TURN_PORT and DATA; ends with everything it started.
"""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any

from attrs import frozen

from examples.uc_demo.authority import make_certificates

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
STARTED_WITHIN = 60.0
STOPPED_WITHIN = 10.0

SETTINGS = """\
# The demo's settings, written anew by every start.
[service]
data = "{data}"

[listen]
tls = ["127.0.0.1:{tls}", "[::1]:{tls}"]
http = ["127.0.0.1:{http}", "[::1]:{http}"]
link = ["127.0.0.1:{link}"]

[tls]
certificate = "{data}/certificate.pem"
key = "{data}/key.pem"

[ucserver]
loopback_may_skip_tls = true

[[ice.servers]]
urls = ["stun:127.0.0.1:{turn}"]

[log]
access = "{data}/access.log"
service = "{data}/service.log"

[store]
path = "{data}/customers.sqlite"

[admin]
socket = "{data}/admin.sock"

[demo]
web_root = "{web}"
origin_from_request = true
"""


@frozen
class Ports:
    """The ports, and by which variables to change them."""

    tls: int
    http: int
    link: int
    turn: int

    @classmethod
    def from_environment(cls) -> "Ports":
        """Read the variables."""
        return cls(
            _port("PORT", 8443),
            _port("HTTP_PORT", 8080),
            _port("LINK_PORT", 7322),
            _port("TURN_PORT", 3478),
        )

    def check(self) -> None:
        """End the program if one is taken."""
        wanted = {"PORT": self.tls, "HTTP_PORT": self.http, "LINK_PORT": self.link}
        for name, port in wanted.items():
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError:
                    sys.exit(f"port {port} is taken; choose another one: make run {name}=...")


class Demo:
    """The two processes, and what they need."""

    def __init__(self, data: Path, ports: Ports) -> None:
        self._data = data
        self._ports = ports
        self._settings = data / "procall-mobility.toml"
        self._daemon: subprocess.Popen[bytes] | None = None
        self._server: subprocess.Popen[bytes] | None = None
        self._stopping = False

    def prepare(self) -> None:
        """Write settings and certificates, and take the customer in."""
        self._data.mkdir(parents=True, exist_ok=True, mode=0o700)
        step("settings", str(self._settings))
        self._settings.write_text(
            SETTINGS.format(
                data=self._data,
                web=HERE / "web",
                tls=self._ports.tls,
                http=self._ports.http,
                link=self._ports.link,
                turn=self._ports.turn,
            )
        )
        made = make_certificates(self._data)
        step("certificate", "made on the spot" if made else "the one of last time")
        password = self._data / "server-password"
        if not password.exists():
            password.touch(mode=0o600)
            password.write_text(secrets.token_urlsafe(24))
        known = {each["ucsid"] for each in self._ask("customer", "list", "--json")}
        verb = ["rotate-password", "demo"] if "demo" in known else ["add", "demo"]
        extra = [] if "demo" in known else ["--alias", "demo.example"]
        self._ask("customer", *verb, *extra, "--password-file", str(password), "--json")
        step("customer", "demo, also known as demo.example")

    def start(self) -> None:
        """Start the daemon, then the server, and wait until they have met."""
        self._daemon = self._spawn("-m", "procall_mobility.cli", *self._config(), "run")
        self._note_pid("daemon", self._daemon)
        self._wait_for("the daemon", lambda status: True)
        step("daemon", f"listens on {self._ports.tls} (TLS), {self._ports.http} (plain)")
        self._start_server()
        self._wait_for("the link", lambda status: bool(status["links"]))
        step("demo server", "has dialled out and is registered")

    def stay(self) -> int:
        """Stay until told to end; start the demo server again if it dies."""
        wait = 1.0
        while not self._stopping:
            time.sleep(0.2)
            if self._daemon is not None and self._daemon.poll() is not None:
                print(f"the daemon has ended; see {self._data}/service.log", flush=True)
                self.stop()
                return 1
            if self._server is not None and self._server.poll() is not None:
                print(f"the demo server has ended; again in {wait:.0f} s", flush=True)
                time.sleep(wait)
                wait = min(30.0, wait * 2)
                self._start_server()
        self.stop()
        return 0

    def stop(self) -> None:
        """End both processes."""
        for process in (self._server, self._daemon):
            if process is not None and process.poll() is None:
                process.terminate()
        for process in (self._server, self._daemon):
            if process is not None:
                try:
                    process.wait(STOPPED_WITHIN)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()

    def told_to_end(self, number: int, frame: FrameType | None) -> None:
        """Take SIGTERM and SIGINT."""
        self._stopping = True

    def _start_server(self) -> None:
        arguments = ["-m", "examples.uc_demo.server", "--port", str(self._ports.link)]
        arguments += ["--password-file", str(self._data / "server-password")]
        self._server = self._spawn(*arguments)
        self._note_pid("server", self._server)

    def _note_pid(self, name: str, process: "subprocess.Popen[bytes]") -> None:
        (self._data / f"{name}.pid").write_text(str(process.pid))

    def _spawn(self, *arguments: str) -> "subprocess.Popen[bytes]":
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        # A session of its own: Ctrl+C reaches only us, and we end things in order.
        return subprocess.Popen(
            [sys.executable, *arguments], cwd=ROOT, env=environment, start_new_session=True
        )

    def _config(self) -> list[str]:
        return ["--config", str(self._settings)]

    def _ask(self, *arguments: str) -> Any:
        command = [sys.executable, "-m", "procall_mobility.cli", *self._config(), *arguments]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr.strip())
        return json.loads(done.stdout)

    def _wait_for(self, what: str, is_there: Any) -> None:
        deadline = time.monotonic() + STARTED_WITHIN
        while time.monotonic() < deadline and not self._stopping:
            if self._daemon is not None and self._daemon.poll() is not None:
                self.stop()
                sys.exit(f"the daemon did not start; see above and {self._data}/service.log")
            try:
                if is_there(self._ask("status", "--json")):
                    return
            except RuntimeError:
                pass
            time.sleep(0.1)
        if not self._stopping:
            self.stop()
            sys.exit(f"{what} did not come up within {STARTED_WITHIN:.0f} s")

    def tell(self) -> None:
        """Print what is where."""
        ports, data = self._ports, self._data
        print(
            f"""
  Open in two browser windows   http://localhost:{ports.http}/demo/
  or, with the certificate      https://127.0.0.1:{ports.tls}/demo/   (authority: {data}/ca.pem)

  Log in as                     alice@demo.example  password alice
                                bob@demo.example    password bob

  Watch                         tail -f {data}/access.log
  Ask                           {sys.executable} -m procall_mobility.cli \\
                                  --config {self._settings} status
  End                           Ctrl+C
""",
            flush=True,
        )


def step(what: str, how: str) -> None:
    """Show progress."""
    print(f"  {what:<12} {how}", flush=True)


def _port(name: str, default: int) -> int:
    text = os.environ.get(name, str(default))
    if not text.isdecimal() or not 0 < int(text) < 65536:
        sys.exit(f"{name}={text}: expected a port from 1 to 65535")
    return int(text)


def main() -> int:
    """Run the demo."""
    ports = Ports.from_environment()
    demo = Demo(Path(os.environ.get("DATA", "var/demo")).resolve(), ports)
    signal.signal(signal.SIGTERM, demo.told_to_end)
    signal.signal(signal.SIGINT, demo.told_to_end)
    ports.check()
    print("ProCall Mobility, the demo", flush=True)
    try:
        demo.prepare()
        demo.start()
    except RuntimeError as error:
        demo.stop()
        sys.exit(str(error))
    demo.tell()
    return demo.stay()


if __name__ == "__main__":
    sys.exit(main())

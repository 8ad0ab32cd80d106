"""`make run`: the daemon with its demo customer, made ready on the spot.

Honours PORT, HTTP_PORT, LINK_PORT, TURN_PORT, ADMIN_PORT, PHONES_PORT, APNS_PORT and DATA; ends
with everything it started.
"""

import os
import signal
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

from examples.uc_demo.children import Child
from examples.uc_demo.heirs import who_listens
from examples.uc_demo.ports import Ports
from examples.uc_demo.preparation import (
    ALIAS,
    UCSID,
    Place,
    admin_url,
    demo_url,
    ice_urls,
    phones_url,
    push_url,
)

STARTED_WITHIN = 60.0
LOOK_EVERY = 0.2
UNAUTHORIZED = 401


class Demo:
    """The programs, and what they need."""

    def __init__(self, place: Place, ports: Ports) -> None:
        self._place = place
        self._ports = ports
        self._told_to_end = threading.Event()
        heir = partial(who_listens, place.data / "admin.sock")
        self._daemon = Child("daemon", place.data, (*place.cli, "run"), heir=heir)
        server = ("-m", "examples.uc_demo.server", "--port", str(ports.link))
        password = ("--password-file", str(place.server_password))
        pushes = ("--push", push_url(ports), "--phone-page", phones_url(ports))
        self._server_without_pushes = (*server, *password)
        self._server = Child("demo server", place.data, (*server, *password, *pushes))
        phones = ("-m", "examples.push_simulators", "--folder", str(place.providers))
        where = ("--control", str(ports.phones), "--apns", str(ports.apns))
        # Somebody who starts the demo again and again makes a new token each time.
        eased = ("--token-updates", "100", "--app", demo_url(ports))
        self._phones = Child("phones", place.data, (*phones, *where, *eased), is_quiet=True)

    def prepare(self) -> None:
        """Write settings and certificates, and take the customer in."""
        self._place.write_settings(self._ports)
        self._phones.start()
        step("settings", str(self._place.settings))
        made = self._place.make_certificate()
        step("certificate", "made on the spot" if made else "the one of last time")
        self._place.take_in_customer()
        step("customer", f"{UCSID}, also known as {ALIAS}")
        self._wait_until(
            "the phones", self._phones, lambda: bool(status_of(phones_url(self._ports)))
        )
        step("phones", f"ring at {phones_url(self._ports)}")

    def start(self) -> None:
        """Start the daemon, then the server, and wait until they have met."""
        self._daemon.start()
        # Meanwhile: it takes applications over while it runs.
        self._place.register_app()
        self._wait_for("the daemon", lambda status: True)
        step("daemon", f"listens on {self._ports.tls} (TLS) and {self._ports.http} (plain)")
        step("relay", f"listens on {self._ports.turn} (UDP, TCP) and {self._ports.tls} (TLS)")
        self._tell_of_pushes()
        self._server.start()
        self._wait_for("the link", lambda status: bool(status["links"]))
        step("demo server", f"has dialled out to {self._ports.link} and is registered")

    def stay(self) -> None:
        """Stay until told to end; start again what dies."""
        while not self._told_to_end.wait(LOOK_EVERY):
            for child in (self._daemon, self._server, self._phones):
                news = child.look_after(time.monotonic())
                if news is not None:
                    print(news, flush=True)

    def stop(self) -> None:
        """End all, first those that are connected to others."""
        for child in (self._server, self._daemon, self._phones):
            child.stop()

    def end(self, number: int, frame: FrameType | None) -> None:
        """Take a signal."""
        self._told_to_end.set()

    def _tell_of_pushes(self) -> None:
        """Say why there are none, if so; then nobody's phone is said to ring."""
        if status_of(f"{push_url(self._ports)}check") != UNAUTHORIZED:
            self._server.arguments = self._server_without_pushes
            try:
                self._place.ask("push", "lanes")
            except RuntimeError as error:
                step("pushes", str(error).removeprefix("procall-mobility: "))

    def _wait_for(self, what: str, is_there: Callable[[Any], bool]) -> None:
        def is_it() -> bool:
            try:
                return is_there(self._place.ask("status"))
            except RuntimeError:
                return False

        self._wait_until(what, self._daemon, is_it)

    def _wait_until(self, what: str, child: Child, is_there: Callable[[], bool]) -> None:
        deadline = time.monotonic() + STARTED_WITHIN
        while not self._told_to_end.wait(0.1):
            if child.has_ended():
                log = self._place.data / "service.log"
                raise RuntimeError(f"the {child.name} did not start; see above and {log}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"{what} did not come up within {STARTED_WITHIN:.0f} s")
            if is_there():
                return

    def tell(self) -> None:
        """Print what is where."""
        if self._told_to_end.is_set():
            return
        ports, data = self._ports, self._place.data
        command = f"{_command()} --config {self._place.settings}"
        relays = f"\n{'':32}".join(ice_urls(ports))
        print(
            f"""
  Open in two browser windows   http://localhost:{ports.http}/demo/
  or, with the certificate      https://127.0.0.1:{ports.tls}/demo/   (authority: {data}/ca.pem)

  Close a window, call it, and
  see it ring on its phone at   {phones_url(ports)}

  See which ways calls can take http://localhost:{ports.http}/demo/ice
  The relay for calls           {relays}

  Log in as                     alice@{ALIAS}   password alice
                                bob@{ALIAS}     password bob

  See how the daemon does       {admin_url(ports)}
  with the token that is in     {data}/admin.token

  Watch                         tail -f {data}/access.log
                                {admin_url(ports)}readyz, {admin_url(ports)}healthz
  Ask                           {command} status
                                {command} push lanes
                                {command} turn check --ca {data}/ca.pem
  End                           Ctrl+C
""",
            flush=True,
        )


def _command() -> str:
    """Return how to call `procall-mobility` here; `make` puts it beside Python."""
    beside = Path(sys.executable).with_name("procall-mobility")
    return str(beside) if beside.exists() else f"{sys.executable} -m procall_mobility.cli"


def status_of(url: str) -> int | None:
    """Return the status somebody without credentials gets here; None where nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=1.0) as answer:  # noqa: S310
            status: int = answer.status
            return status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


def step(what: str, how: str) -> None:
    """Show progress."""
    print(f"  {what:<12} {how}", flush=True)


def main() -> None:
    """Run the demo."""
    ports = Ports.from_environment()
    place = Place(Path(os.environ.get("DATA") or "var/demo").resolve())
    demo = Demo(place, ports)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, demo.end)
    ports.check()
    print("ProCall Mobility, the demo", flush=True)
    try:
        demo.prepare()
        demo.start()
        demo.tell()
        demo.stay()
    except (RuntimeError, OSError) as error:
        sys.exit(str(error))
    finally:
        demo.stop()


if __name__ == "__main__":
    main()

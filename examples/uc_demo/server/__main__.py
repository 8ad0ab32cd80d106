"""Runs the demo server: `python -m examples.uc_demo.server --password-file FILE`."""

import os
import random
import sys
import time
from pathlib import Path
from typing import Any

import click
from attrs import define, field
from twisted.internet import reactor as installed_reactor
from twisted.internet.endpoints import HostnameEndpoint, wrapClientTLS
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.ssl import Certificate, optionsForClientTLS
from twisted.internet.task import LoopingCall

from examples.uc_demo.server.office import Office
from examples.uc_demo.server.uplink import KEEP_ALIVE_EVERY, Uplink
from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.rose.form import Form

FORMS = {form.value: form for form in Form}
FIRST_WAIT, LONGEST_WAIT = 0.5, 15.0
ICE_EVERY = 3600.0

reactor: Any = installed_reactor


@define(eq=False, slots=False)
class DemoServer:
    """Keeps one link up: dials, registers, and dials again with full jitter when it is lost."""

    host: str
    port: int
    ucsid: str
    password: str = field(repr=False)
    form: Form
    security: str
    authority: Path | None
    _wait: float = FIRST_WAIT
    _uplink: Uplink | None = None
    office: Office = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.office = Office(os.urandom, time.time, self._send)

    def _send(self, session_id: str, operation: str, argument: dict[str, Any]) -> None:
        if self._uplink is not None:
            self._uplink.tell(session_id, operation, argument)

    def dial(self) -> None:
        """Connect."""
        endpoint: Any = HostnameEndpoint(reactor, self.host, self.port)
        if self.security == "tls":
            endpoint = wrapClientTLS(self.tls_options(), endpoint)
        connecting = endpoint.connect(Factory.forProtocol(lambda: Line(self)))
        connecting.addErrback(lambda failure: self.lost(failure.getErrorMessage()))

    def tls_options(self) -> Any:
        """Trust the demo's own authority only."""
        root = Certificate.loadPEM(self.authority.read_bytes()) if self.authority else None
        return optionsForClientTLS(self.host, root)

    def up(self, uplink: Uplink) -> None:
        """Take a link that has registered."""
        self._uplink = uplink
        self._wait = FIRST_WAIT
        say("registered")

    def lost(self, why: str) -> None:
        """Dial again, after a while."""
        self._uplink = None
        self.office.sessions.clear()
        wait = random.uniform(0, self._wait)  # noqa: S311  # Jitter, not a secret.
        self._wait = min(LONGEST_WAIT, self._wait * 2)
        say(f"no link: {why}; again in {wait:.1f} s")
        reactor.callLater(wait, self.dial)


class Line(Protocol):
    """One connection."""

    transport: Any

    def __init__(self, server: DemoServer) -> None:
        self._server = server
        self._loops: list[LoopingCall] = []
        self._why = "the connection was lost"

    def connectionMade(self) -> None:
        """Register, behind asnStartTLS if that is wanted."""
        self.transport.setTcpNoDelay(True)
        self._begin()
        if self._server.security == "starttls":
            self._uplink.start_tls()
        else:
            self._uplink.register(self._server.ucsid, self._server.password)

    def dataReceived(self, data: bytes) -> None:
        """Pass on what the daemon says."""
        try:
            self._uplink.hears(data)
        except PeerError as error:
            self._why = str(error)
            self.transport.abortConnection()

    def connectionLost(self, reason: Any = None) -> None:
        """Tell the server."""
        for loop in self._loops:
            loop.stop()
        self._server.lost(self._why)

    def _begin(self) -> None:
        self._uplink = Uplink(
            self._server.office,
            self._server.form,
            self.transport.write,
            self._news,
            time.monotonic,
        )

    def _news(self, what: str, details: Any) -> None:
        if what == "secure":
            self.transport.startTLS(self._server.tls_options())
            self._begin()
            self._uplink.register(self._server.ucsid, self._server.password)
        elif what == "registered":
            self._server.up(self._uplink)
            for act, every in (
                (self._uplink.keep_alive, KEEP_ALIVE_EVERY),
                (self._uplink.ask_ice_servers, ICE_EVERY),
            ):
                loop = LoopingCall(act)
                loop.start(every, now=False)
                self._loops.append(loop)
        elif what == "redirected":
            host, _, port = details[0].partition("://")[2].rpartition(":")
            self._server.host, self._server.port = host, int(port)
            self._why = f"redirected to {host}:{port}"
            self.transport.loseConnection()
        else:
            self._why = f"refused: {details.get('u8sErrorString', details)}"
            self.transport.loseConnection()


def say(text: str) -> None:
    """Tell a person."""
    print(f"demo server: {text}", flush=True)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=7322, show_default=True)
@click.option("--ucsid", default="demo", show_default=True)
@click.option("--password-file", type=click.Path(path_type=Path), required=True)
@click.option("--form", type=click.Choice(list(FORMS)), default="json-header", show_default=True)
@click.option("--security", type=click.Choice(["plain", "starttls", "tls"]), default="plain")
@click.option("--ca", type=click.Path(path_type=Path), help="Trust this authority (PEM).")
def main(
    host: str,
    port: int,
    ucsid: str,
    password_file: Path,
    form: str,
    security: str,
    ca: Path | None,
) -> None:
    """Be a UC server with two users, alice and bob, that dials out to the daemon."""
    password = password_file.read_text("utf-8").strip()
    server = DemoServer(host, port, ucsid, password, FORMS[form], security, ca)
    reactor.callWhenRunning(server.dial)
    reactor.run()


if __name__ == "__main__":
    sys.exit(main())

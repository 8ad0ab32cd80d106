"""Keeps one link up: dials, registers, and dials again with full jitter when it is lost."""

import os
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from attrs import define, field
from twisted.internet.endpoints import HostnameEndpoint, wrapClientTLS
from twisted.internet.ssl import Certificate, optionsForClientTLS

from examples.uc_demo.server.destinations import Destination, Route, Security
from examples.uc_demo.server.lines import raw_lines, websocket_lines
from examples.uc_demo.server.office import Office
from examples.uc_demo.server.push_post import PushPost
from examples.uc_demo.server.uplink import Uplink
from procall_mobility.protocols.rose.form import Form

FIRST_WAIT, LONGEST_WAIT = 0.5, 15.0
"""Seconds; each wait is drawn evenly below a limit that doubles from one to the other."""


@define(eq=False, slots=False)
class Dialling:
    """The server's only link."""

    reactor: Any
    route: Route
    ucsid: str
    password: str = field(repr=False)
    form: Form
    websocket: bool
    authority: Path | None
    push: str = ""
    """Where pushes are posted; empty: nobody is woken."""
    phone_page: str = ""
    """Where people see what phones show."""
    _limit: float = FIRST_WAIT
    _stopped: bool = False
    _uplink: Uplink | None = None
    _destination: Destination = field(init=False)
    office: Office = field(init=False)

    def __attrs_post_init__(self) -> None:
        post = self._push_post().post if self.push else None
        self.office = Office(os.urandom, time.time, self._send, post, self._later, self.phone_page)

    def dial(self) -> None:
        """Connect."""
        there = self._destination = self.route.next()
        endpoint: Any = HostnameEndpoint(self.reactor, there.host, there.port)
        if there.security is Security.TLS:
            endpoint = wrapClientTLS(self.tls_options(), endpoint)
        if self.websocket:
            factory = websocket_lines(self, there.host, there.port, there.security, self.form)
        else:
            factory = raw_lines(self, there.security)
        connecting = endpoint.connect(factory)
        connecting.addErrback(lambda failure: self.lost(failure.getErrorMessage()))

    def stop(self) -> None:
        """Dial no more."""
        self._stopped = True

    def uplink(self, write: Callable[[bytes], None], news: Any, *, framed: bool) -> Uplink:
        """Return the far end of a new connection."""
        return Uplink(self.office, self.form, write, news, time.monotonic, framed=framed)

    def credentials(self) -> tuple[str, str]:
        """Return UCSID and password."""
        return self.ucsid, self.password

    def tls_options(self) -> Any:
        """Trust the named authority only, or those the machine trusts."""
        root = Certificate.loadPEM(self.authority.read_bytes()) if self.authority else None
        return optionsForClientTLS(self._destination.host, root)

    def up(self, uplink: Uplink) -> None:
        """Take an uplink that has registered."""
        self._uplink = uplink
        self._limit = FIRST_WAIT
        say(f"registered at {self._destination.host}:{self._destination.port}")

    def redirected(self, addresses: list[str]) -> None:
        """Dial there next."""
        self.route.redirected(addresses)

    def lost(self, why: str) -> None:
        """Dial again, after a while."""
        self._uplink = None
        self.office.link_lost()
        if self._stopped:
            return
        wait = random.uniform(0, self._limit)  # noqa: S311  # Jitter, not a secret.
        self._limit = min(LONGEST_WAIT, self._limit * 2)
        say(f"no link: {why}; again in {wait:.1f} s")
        self.reactor.callLater(wait, self.dial)

    def _push_post(self) -> PushPost:
        return PushPost(
            reactor=self.reactor,
            url=self.push,
            ucsid=self.ucsid,
            password=self.password,
            wall_clock=time.time,
            token_gone=self._token_gone,
            say=say,
        )

    def _token_gone(self, token: str, at: float) -> None:
        self.office.devices.token_gone(token, at)

    def _later(self, wait: float, act: Callable[[], None]) -> None:
        self.reactor.callLater(wait, act)

    def _send(self, session_id: str, operation: str, argument: dict[str, Any]) -> None:
        if self._uplink is not None:
            self._uplink.tell(session_id, operation, argument)


def say(text: str) -> None:
    """Tell a person."""
    print(f"demo server: {text}", flush=True)

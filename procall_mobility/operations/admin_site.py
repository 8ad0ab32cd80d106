"""The admin listener's pages: those for whoever shows the token, and those for everybody."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from attrs import evolve, field, frozen
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.interfaces import IAddress, IReactorTime
from twisted.internet.task import deferLater
from twisted.logger import Logger
from twisted.protocols.policies import ProtocolWrapper, WrappingFactory
from twisted.python.failure import Failure
from twisted.web.http import CACHED
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request, Site

from procall_mobility.operations.admin_channel import IDLE, AdminChannel
from procall_mobility.operations.asked_host import is_of_nobody_else

MOST_CONNECTIONS: Final = 50
"""At once: some who scrape, and some who look whether it is well."""

READING: Final = (b"GET", b"HEAD")

HEADERS: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}

UNAUTHORIZED: Final = 401

WRONG_AFTER: Final = 0.5
"""Seconds a wrong token waits for its answer: with all connections there are, somebody can try a
hundred a second, and nobody else is kept out."""

TOLD_EVERY: Final = 60.0
"""Seconds from one line about wrong tokens to the next: whoever guesses must not fill the book."""

Admits = Callable[[bytes | None], bool]
"""Tells whether a value of `Authorization` opens what is not open to everybody."""

Act = Callable[[bytes | None], Any]
"""Is given the value of `Authorization`, and judges it; returns what is `Told`."""


@frozen
class Told:
    """What a page says."""

    status: int
    content_type: str
    body: bytes
    headers: Mapping[str, str] = field(factory=dict)
    """Beside those of every page, or in their place."""


@frozen
class Page:
    """Something that can be asked for."""

    tell: Callable[[], Any] | None
    """Returns what is `Told`, or a Deferred of it; None where there is nothing to read."""
    is_open: bool = False
    """Whether it is told without a token."""
    is_local: bool = False
    """Whether it is told so only where it is asked for by an address: a name may be that of a page
    of elsewhere, whose browser is here."""
    acts: Mapping[bytes, Act] = field(factory=dict)
    """What else can be done, by method."""

    @property
    def methods(self) -> tuple[bytes, ...]:
        """Return what may be asked."""
        return *(READING if self.tell is not None else ()), *sorted(self.acts)


def as_json(status: int, members: Mapping[str, Any]) -> Told:
    """Return a page of JSON."""
    return Told(status, "application/json", json.dumps(members).encode() + b"\n")


def unauthorized() -> Told:
    """Return what those are told who have not shown the token."""
    headers = {"WWW-Authenticate": "Bearer"}
    return evolve(as_json(UNAUTHORIZED, {"error": "unauthorized"}), headers=headers)


class UnreadRequest(Request):
    """A request whose body nobody wants, and nobody keeps."""

    def handleContentChunk(self, data: bytes) -> None:
        """Forget it."""


class AdminResource(Resource):
    """All pages, by their exact paths."""

    isLeaf = True
    _log = Logger()

    def __init__(self, pages: Mapping[bytes, Page], admits: Admits, reactor: IReactorTime) -> None:
        super().__init__()
        self._pages = pages
        self._admits = admits
        self._reactor = reactor
        self._wrong = 0
        """Wrong tokens nobody was told of."""
        self._told_at = -TOLD_EVERY

    def render(self, request: Request) -> int:
        """Answer, now or later."""
        page = self._pages.get(request.path)
        if page is None:
            _write(request, as_json(404, {"error": "not-found"}))
        elif request.method not in page.methods:
            request.setHeader("Allow", b", ".join(page.methods))
            _write(request, as_json(405, {"error": "method-not-allowed"}))
        else:
            self._tell(request, self._asked(page, request))
        return NOT_DONE_YET

    def _asked(self, page: Page, request: Request) -> Callable[[], Any]:
        shown = request.getHeader(b"authorization")
        act = page.acts.get(request.method)
        if act is not None:
            return lambda: self._late(act(shown), shown)
        is_open = page.is_open and (
            not page.is_local or is_of_nobody_else(request.getHeader(b"host"))
        )
        if page.tell is not None and (is_open or self._admits(shown)):
            return page.tell
        return lambda: self._late(unauthorized(), shown)

    def _late(self, told: Told, shown: bytes | None) -> "Told | Deferred[Told]":
        """Have those wait who guess; those who have shown nothing have not."""
        if told.status != UNAUTHORIZED or shown is None:
            return told
        self._wrong += 1
        now = self._reactor.seconds()
        if now >= self._told_at + TOLD_EVERY:
            self._log.warn("wrong or outdated token shown to the admin pages", count=self._wrong)
            self._wrong, self._told_at = 0, now
        return deferLater(self._reactor, WRONG_AFTER, lambda: told)

    def _tell(self, request: Request, tell: Callable[[], Any]) -> None:
        gone: list[Failure] = []
        request.notifyFinish().addErrback(gone.append)

        def write(told: Told) -> None:
            if not gone:
                _write(request, told)

        def failed(failure: Failure) -> Told:
            # The guard: our own fault, told to nobody.
            self._log.failure("an admin page failed", failure)
            return as_json(500, {"error": "internal"})

        told: Deferred[Told] = maybeDeferred(tell)
        told.addErrback(failed).addCallback(write)


class AdminSite(Site):
    """The HTTP factory; it writes no access line."""

    displayTracebacks = False

    def log(self, request: Any) -> None:
        """Write nothing: whoever asks every few seconds would fill a book."""


class BoundedFactory(WrappingFactory):
    """Makes connections, a bounded number at once."""

    noisy = False

    def buildProtocol(self, addr: IAddress) -> ProtocolWrapper | None:  # type: ignore[override]
        """Make one, if there is room."""
        if len(self.protocols) >= MOST_CONNECTIONS:
            return None
        return super().buildProtocol(addr)


def admin_factory(pages: Mapping[bytes, Page], admits: Admits, reactor: Any) -> BoundedFactory:
    """Return what makes connections to the admin listener."""
    site = AdminSite(
        AdminResource(pages, admits, reactor),
        requestFactory=UnreadRequest,
        timeout=IDLE,
        reactor=reactor,
    )
    site.protocol = AdminChannel  # type: ignore[assignment, method-assign]
    site.noisy = False
    return BoundedFactory(site)


def _write(request: Request, told: Told) -> None:
    request.setResponseCode(told.status)
    request.responseHeaders.removeHeader(b"server")
    for name, value in {**HEADERS, **told.headers}.items():
        request.setHeader(name, value)
    tag = told.headers.get("ETag")
    if tag is not None and request.setETag(tag.encode()) is CACHED:
        request.finish()
        return
    request.setHeader("Content-Type", told.content_type)
    request.setHeader("Content-Length", str(len(told.body)))
    if request.method != b"HEAD":
        request.write(told.body)
    request.finish()

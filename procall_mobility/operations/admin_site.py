"""The admin listener's pages: metrics for whoever shows the token, health for everybody."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from attrs import frozen
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.interfaces import IAddress
from twisted.logger import Logger
from twisted.protocols.policies import ProtocolWrapper, WrappingFactory
from twisted.python.failure import Failure
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request, Site

from procall_mobility.operations.bearer import Bearer

IDLE: Final = 30.0
"""Seconds a connection may idle; Prometheus asks every 15 or so."""

MOST_CONNECTIONS: Final = 50
"""At once: some who scrape, and some who look whether it is well."""

ALLOWED: Final = (b"GET", b"HEAD")

HEADERS: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


@frozen
class Told:
    """What a page says."""

    status: int
    content_type: str
    body: bytes


@frozen
class Page:
    """Something that can be asked for."""

    tell: Callable[[], Any]
    """Returns what is `Told`, or a Deferred of it."""
    is_open: bool = False
    """Whether it is told without a token."""


def as_json(status: int, members: Mapping[str, Any]) -> Told:
    """Return a page of JSON."""
    return Told(status, "application/json", json.dumps(members).encode() + b"\n")


class UnreadRequest(Request):
    """A request whose body nobody wants, and nobody keeps."""

    def handleContentChunk(self, data: bytes) -> None:
        """Forget it."""


class AdminResource(Resource):
    """All pages, by their exact paths."""

    isLeaf = True
    _log = Logger()

    def __init__(self, pages: Mapping[bytes, Page], bearer: Bearer) -> None:
        super().__init__()
        self._pages = pages
        self._bearer = bearer

    def render(self, request: Request) -> int:
        """Answer, now or later."""
        page = self._pages.get(request.path)
        if page is None:
            _write(request, as_json(404, {"error": "not-found"}))
        elif request.method not in ALLOWED:
            request.setHeader("Allow", "GET, HEAD")
            _write(request, as_json(405, {"error": "method-not-allowed"}))
        elif not (page.is_open or self._bearer.admits(request.getHeader(b"authorization"))):
            request.setHeader("WWW-Authenticate", "Bearer")
            _write(request, as_json(401, {"error": "unauthorized"}))
        else:
            self._tell(request, page)
        return NOT_DONE_YET

    def _tell(self, request: Request, page: Page) -> None:
        gone: list[Failure] = []
        request.notifyFinish().addErrback(gone.append)

        def write(told: Told) -> None:
            if not gone:
                _write(request, told)

        def failed(failure: Failure) -> Told:
            # The guard: our own fault, told to nobody.
            self._log.failure("an admin page failed", failure)
            return as_json(500, {"error": "internal"})

        told: Deferred[Told] = maybeDeferred(page.tell)
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


def admin_factory(pages: Mapping[bytes, Page], bearer: Bearer, reactor: Any) -> BoundedFactory:
    """Return what makes connections to the admin listener."""
    site = AdminSite(
        AdminResource(pages, bearer),
        requestFactory=UnreadRequest,
        timeout=IDLE,
        reactor=reactor,
    )
    site.noisy = False
    return BoundedFactory(site)


def _write(request: Request, told: Told) -> None:
    request.setResponseCode(told.status)
    request.responseHeaders.removeHeader(b"server")
    for name, value in HEADERS.items():
        request.setHeader(name, value)
    request.setHeader("Content-Type", told.content_type)
    request.setHeader("Content-Length", str(len(told.body)))
    if request.method != b"HEAD":
        request.write(told.body)
    request.finish()

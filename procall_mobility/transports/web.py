"""The HTTP site: clients' requests, WebSocket upgrades, and the demo's files (Wire 1, 2)."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

from attrs import frozen
from autobahn.twisted.resource import WebSocketResource
from twisted.internet.interfaces import IAddress
from twisted.python.failure import Failure
from twisted.web.http import HTTPChannel
from twisted.web.resource import IResource, Resource
from twisted.web.server import NOT_DONE_YET, Request, Site
from twisted.web.static import File

from procall_mobility.gateway.gateway import Gateway
from procall_mobility.protocols.ucclient.http_answer import HttpAnswer
from procall_mobility.protocols.ucclient.intentions import HttpRequest
from procall_mobility.protocols.ucclient.socket_rules import is_websocket_path
from procall_mobility.transports.pump import Household

MOST_PARAMETERS = 200
"""Members of a query; published calls have fewer than ten."""

DEMO_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; connect-src 'self' ws: wss:; manifest-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


@frozen(kw_only=True)
class WebServices:
    """What the site needs from the house."""

    gateway: Gateway
    household: Household
    sockets: WebSocketResource
    link_paths: tuple[str, ...]
    body_size: int
    """Largest request body in octets."""
    header_size: int
    idle_timeout: float
    demo_root: Path | None = None


class BoundedRequest(Request):
    """A request whose body is refused before it is stored when it is too large."""

    body_size = 0
    too_large = False

    def gotLength(self, length: int | None) -> None:
        """Look at Content-Length before anything is read."""
        if length is not None and length > self.body_size:
            self.too_large = True
            length = 0
        super().gotLength(length)

    def handleContentChunk(self, data: bytes) -> None:
        """Count what comes chunked."""
        if self.too_large:
            return
        if self.content.tell() + len(data) > self.body_size:
            self.too_large = True
            return
        super().handleContentChunk(data)


class ClientResource(Resource):
    """Everything below `/`: the gateway answers."""

    isLeaf = True

    def __init__(self, services: WebServices) -> None:
        super().__init__()
        self._services = services

    def render(self, request: Request) -> int | bytes:
        """Hand an upgrade to autobahn and everything else to the gateway."""
        path = _path(request)
        if is_websocket_path(path) or path.rstrip("/") in self._services.link_paths:
            return self._services.sockets.render(request)
        if isinstance(request, BoundedRequest) and request.too_large:
            _write(
                request, HttpAnswer(413, (("Content-Length", "0"), ("Connection", "close")), b"")
            )
            return NOT_DONE_YET
        gone: list[Failure] = []
        request.notifyFinish().addErrback(gone.append)

        def reply(answer: HttpAnswer) -> None:
            if not gone:
                _write(request, answer)

        self._services.gateway.serve(_read(request, path), reply, self._services.household.now())
        return NOT_DONE_YET


class Root(Resource):
    """Leads `/demo/` to files, when there is a demo, and all else to the gateway."""

    def __init__(self, services: WebServices) -> None:
        super().__init__()
        self._clients = ClientResource(services)
        self._demo = DemoFiles(str(services.demo_root)) if services.demo_root else None

    def getChild(self, path: bytes, request: Request) -> IResource:
        """Choose by the first segment."""
        if path == b"demo" and self._demo is not None:
            return self._demo
        return self._clients


class DemoFiles(File):
    """The demo's web client, with nothing from elsewhere."""

    def render(self, request: Request) -> int | bytes:
        """Serve a file under a strict policy."""
        request.setHeader(b"Content-Security-Policy", DEMO_POLICY.encode())
        request.setHeader(b"X-Content-Type-Options", b"nosniff")
        request.setHeader(b"Referrer-Policy", b"no-referrer")
        request.setHeader(b"Cache-Control", b"no-cache")
        rendered: int | bytes = super().render(request)
        return rendered

    def directoryListing(self) -> Resource:
        """Show no listings."""
        return self.childNotFound


def make_site(services: WebServices, reactor: object) -> Site:
    """Make the HTTP factory; it writes no log of its own, the access book does."""

    class HouseRequest(BoundedRequest):
        """A request that knows the largest body."""

        body_size = services.body_size

    class HouseChannel(HTTPChannel):
        """A channel that knows the largest header."""

        totalHeadersSize = services.header_size

    site = Site(
        Root(services), requestFactory=HouseRequest, timeout=services.idle_timeout, reactor=reactor
    )
    site.displayTracebacks = False
    site.log = _nowhere
    return site


def _nowhere(request: Request) -> None:
    """Write no access line: twisted.web's would show addresses with passwords in them."""


def _path(request: Request) -> str:
    return unquote(request.path.decode("ascii", "replace"), errors="replace")


def _read(request: Request, path: str) -> HttpRequest:
    query = [
        (name.decode("utf-8", "replace"), value.decode("utf-8", "replace"))
        for name, values in request.args.items()
        for value in values
    ]
    headers = [
        (name.decode("ascii", "replace").lower(), value.decode("utf-8", "replace"))
        for name, values in request.requestHeaders.getAllRawHeaders()
        for value in values
    ]
    address: IAddress = request.getClientAddress()
    return HttpRequest(
        method=request.method.decode("ascii", "replace"),
        path=path,
        query=tuple(query[:MOST_PARAMETERS]),
        headers=tuple(headers),
        body=request.content.read(),
        client_address=getattr(address, "host", ""),
        secure=request.isSecure(),
        host=request.getHeader("host") or "",
    )


def _write(request: Request, answer: HttpAnswer) -> None:
    request.setResponseCode(answer.status)
    request.responseHeaders.removeHeader(b"server")
    request.responseHeaders.removeHeader(b"content-type")
    for name, value in answer.headers:
        request.responseHeaders.addRawHeader(
            name.encode("ascii"), value.encode("latin-1", "replace")
        )
    if request.method != b"HEAD":
        request.write(answer.body)
    request.finish()


Ready = Callable[[], None]

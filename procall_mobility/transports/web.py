"""The HTTP site: clients' requests, WebSocket upgrades, and the demo's files (Wire 1, 2)."""

from pathlib import Path
from typing import Any
from urllib.parse import unquote

from attrs import field, frozen
from autobahn.twisted.resource import WebSocketResource
from twisted.internet.interfaces import IReactorTime
from twisted.python.failure import Failure
from twisted.web.http import parse_qs
from twisted.web.resource import IResource, Resource
from twisted.web.server import NOT_DONE_YET, Request, Site
from twisted.web.static import File

from procall_mobility.gateway.desks import Desk
from procall_mobility.gateway.gateway import Gateway
from procall_mobility.gateway.json_answers import json_answer
from procall_mobility.protocols.ucclient.http_answer import HttpAnswer
from procall_mobility.protocols.ucclient.intentions import HttpRequest
from procall_mobility.protocols.ucclient.socket_rules import is_websocket_path
from procall_mobility.transports.express import ExpressChannel
from procall_mobility.transports.pump import Household
from procall_mobility.transports.visits import Visits

MOST_PARAMETERS = 200
"""Members of a query; published calls have fewer than ten."""

DEMO_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        "media-src 'self' blob:; connect-src 'self' ws: wss:; manifest-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


def too_large(limit: int) -> HttpAnswer:
    """Return the answer to a request whose body was not read."""
    text = f"a request has a body of at most {limit} octets"
    members = {"error": "too-large", "text": text, "limit": limit}
    return json_answer(413, members, ("Connection", "close"))


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
    desks: tuple[Desk, ...] = ()
    """Our own interfaces; the first that wants a path has it, else the gateway."""
    demo_root: Path | None = None
    visits: Visits = field(factory=Visits)
    """The connections."""


class BoundedRequest(Request):
    """A request whose body is refused, not stored, when it is too large."""

    body_size = 0
    too_large = False

    def gotLength(self, length: int | None) -> None:
        """Look at Content-Length before anything is read."""
        self.too_large = length is not None and length > self.body_size
        super().gotLength(0 if self.too_large else length)

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        """Leave the body alone: no call of ours is a form, and twisted.web looks for those.

        That would take longer than all else it does, and make parameters of what is none.
        """
        stored: Any = self.content
        stored.seek(0)
        self.method, self.uri, self.clientproto = command, path, version
        self.path, _, query = path.partition(b"?")
        self.args = parse_qs(query, keep_blank_values=True) if query else {}
        self.process()

    def handleContentChunk(self, data: bytes) -> None:
        """Count what comes."""
        stored: Any = self.content
        self.too_large = self.too_large or stored.tell() + len(data) > self.body_size
        if not self.too_large:
            super().handleContentChunk(data)


class ClientResource(Resource):
    """Everything below `/`: the gateway answers."""

    isLeaf = True

    def __init__(self, services: WebServices) -> None:
        super().__init__()
        self._services = services

    def render(self, request: Request) -> int | bytes:
        """Hand an upgrade to autobahn and everything else to the gateway."""
        path = unquote(request.path.decode("ascii", "replace"), errors="replace")
        if is_websocket_path(path) or path.rstrip("/") in self._services.link_paths:
            rendered: int | bytes = self._services.sockets.render(request)
            return rendered
        if isinstance(request, BoundedRequest) and request.too_large:
            _write(request, too_large(request.body_size))
            return NOT_DONE_YET
        gone: list[Failure] = []
        request.notifyFinish().addErrback(gone.append)

        def reply(answer: HttpAnswer) -> None:
            if not gone:
                _write(request, answer)

        asked = _read(request, path)
        desk = next((each for each in self._services.desks if each.wants(path)), None)
        if desk is not None:
            desk.serve(asked, reply)
        else:
            self._services.gateway.serve(asked, reply, self._services.household.now())
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
        for name, value in DEMO_HEADERS.items():
            request.setHeader(name, value)
        rendered: int | bytes = super().render(request)
        return rendered

    def directoryListing(self) -> Any:
        """Show no listings."""
        return self.childNotFound


class SilentSite(Site):
    """A site that writes no access line: twisted.web's shows addresses with passwords in them."""

    displayTracebacks = False

    def log(self, request: Any) -> None:
        """Write nothing; the access book says what is worth saying."""


def make_site(services: WebServices, reactor: IReactorTime) -> Site:
    """Make the HTTP factory, with its limits."""

    class HouseRequest(BoundedRequest):
        """A request that knows the largest body."""

        body_size = services.body_size

    class HouseChannel(ExpressChannel):
        """A channel that knows our limits and our desks."""

        totalHeadersSize = services.header_size
        body_size = services.body_size
        desks = services.desks
        visits = services.visits

    site = SilentSite(
        Root(services),
        requestFactory=HouseRequest,
        timeout=services.idle_timeout,
        reactor=reactor,
    )
    # Not the generic channel, which is there to negotiate HTTP/2.
    site.protocol = HouseChannel  # type: ignore[assignment,method-assign]
    return site


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
    content: Any = request.content
    return HttpRequest(
        method=request.method.decode("ascii", "replace"),
        path=path,
        query=tuple(query[:MOST_PARAMETERS]),
        headers=tuple(headers),
        body=content.read(),
        client_address=getattr(request.getClientAddress(), "host", ""),
        secure=bool(request.isSecure()),
        host=next((value for name, value in headers if name == "host"), ""),
    )


def _write(request: Request, answer: HttpAnswer) -> None:
    channel: Any = request.channel
    if channel.visits.are_over:
        answer, channel.persistent = channel.visits.last(answer), False
    request.setResponseCode(answer.status)
    for name in (b"server", b"content-type"):
        request.responseHeaders.removeHeader(name)
    for key, value in answer.headers:
        request.responseHeaders.addRawHeader(key.encode(), value.encode())
    if request.method != b"HEAD":
        request.write(answer.body)
    request.finish()

"""The control interface over HTTP, for this machine alone, and the page that uses it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from twisted.web.http import Request
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Site

from examples.push_simulators.control import Control
from examples.push_simulators.events import Events
from examples.push_simulators.words import Said

PAGE = Path(__file__).parent / "page"
TYPES = {
    "index.html": "text/html; charset=utf-8",
    "style.css": "text/css; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
    "phone.css": "text/css; charset=utf-8",
    "phone.js": "text/javascript; charset=utf-8",
    "phone-cards.js": "text/javascript; charset=utf-8",
    "rows.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
LARGEST = 65_536
"""Octets of what may be said to us."""
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
HERE = ("127.0.0.1", "localhost", "[::1]")
"""Names we answer to: a page from elsewhere that has its own name point here gets nothing."""


class ControlResource(Resource):
    """Every path."""

    isLeaf = True

    def __init__(self, control: Control, events: Events) -> None:
        super().__init__()
        self._events = events
        self._reads: dict[str, Callable[[Said], Any]] = {
            "/state": lambda said: control.state(),
            "/arrivals": control.arrivals,
            "/answers": lambda said: {
                name: each.judge.rows for name, each in control.town.simulators.items()
            },
            "/facts": lambda said: control.town.facts(),
        }
        self._writes: dict[str, Callable[[Said], Any]] = {
            "/script": control.script,
            "/conduct": control.conduct,
            "/keys": control.keys,
            "/devices": control.device,
            "/subscriptions": control.subscribe,
            "/wake": control.wake,
            "/forget": lambda said: control.forget(),
        }

    def render(self, request: Any) -> Any:
        """Answer a request, unless it comes from a page of somebody else."""
        for name, value in HEADERS.items():
            request.setHeader(name, value)
        host = (request.getHeader("host") or "").rsplit(":", 1)[0]
        if host not in HERE:
            return _say(request, 403, {"error": "this is for this machine alone"})
        path, method = request.path.decode("latin-1"), request.method.decode("latin-1")
        if method == "POST" and path in self._writes:
            return self._write(request, self._writes[path])
        if method not in ("GET", "HEAD"):
            return _say(request, 405, {"error": f"{method} {path} is not understood"})
        if path == "/events":
            self._events.listens(request)
            return NOT_DONE_YET
        if path in self._reads:
            query = {
                name.decode(): values[-1].decode("utf-8", "replace")
                for name, values in request.args.items()
            }
            return _answer(request, self._reads[path], query)
        return _file(request, path.removeprefix("/") or "index.html")

    def _write(self, request: Request, does: Callable[[Said], Any]) -> bytes:
        # A form of another site cannot have this type without asking us first.
        if (request.getHeader("content-type") or "").split(";")[0] != "application/json":
            return _say(request, 415, {"error": "application/json is expected"})
        content: Any = request.content
        text = content.read(LARGEST + 1)
        try:
            said = json.loads(text) if len(text) <= LARGEST else None
        except (ValueError, RecursionError):
            said = None
        if not isinstance(said, dict):
            return _say(request, 400, {"error": "a JSON object of up to 64 KiB is expected"})
        return _answer(request, does, said)


def control_site(control: Control, events: Events) -> Site:
    """Return the site; it keeps no log."""
    site = Site(ControlResource(control, events))
    site.noisy = False
    site.log = lambda request: None  # type: ignore[method-assign]
    return site


def _answer(request: Request, does: Callable[[Said], Any], said: Said) -> bytes:
    try:
        return _say(request, 200, does(said))
    except ValueError as error:
        return _say(request, 400, {"error": str(error)})


def _say(request: Request, status: int, value: object) -> bytes:
    request.setResponseCode(status)
    request.setHeader("content-type", "application/json; charset=utf-8")
    return json.dumps(value).encode()


def _file(request: Request, name: str) -> bytes:
    if name not in TYPES:
        return _say(request, 404, {"error": "there is no such page"})
    request.setHeader("content-type", TYPES[name])
    return (PAGE / name).read_bytes()

"""`python -m examples.push_simulators.load_target --folder X`: an APNs that is no bottleneck.

It takes every push, tells duplicates by their ids, has the rules' judge look at one of a thousand,
and tells its numbers at `http://<host>:<control>/` and at its end.  With `--times` it notes when
each push came, and tells that once at `/times`.
"""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from twisted.internet import reactor as installed
from twisted.internet.protocol import Factory
from twisted.web.resource import Resource
from twisted.web.server import Site

from examples.push_simulators.credentials import Credentials
from examples.push_simulators.doorway import Doorway
from examples.push_simulators.exchange import Judge, Request, Visit
from examples.push_simulators.judges import Judges
from examples.push_simulators.lean_http2 import LeanConnection, Tally
from examples.push_simulators.listening import Doorstep
from examples.push_simulators.tls import ServerTls
from examples.uc_demo.authority import make_certificates
from procall_mobility.transports.tls import TlsLayer, layers


class LoadFactory(Factory):
    """Makes connections."""

    noisy = False

    def __init__(self, tls: ServerTls, tally: Tally, judge: Judge, limit: int) -> None:
        self._layers = layers(tls)
        self._tally = tally
        self._judge = judge
        self._limit = limit

    def buildProtocol(self, addr: Any) -> Any:
        """Receive a connection."""
        visit = Visit(self._tally.connections + 1)

        def sample(fields: Any, body: bytes) -> bool:
            return not self._judge.judge(request_of(fields, body), visit, time.time()).refusal

        def choose(transport: Any) -> Any:
            return LeanConnection(self._tally, self._limit, sample)

        return TlsLayer(self._layers, Doorway(choose), lambda: None, None)


class Numbers(Resource):
    """The numbers, with the processor time they took."""

    isLeaf = True

    def __init__(self, tally: Tally) -> None:
        super().__init__()
        self._tally = tally

    def render_GET(self, request: Any) -> bytes:
        """Tell them."""
        request.setHeader("content-type", "application/json")
        if request.path == b"/times":
            return json.dumps(self._tally.arrived()).encode()
        return numbers(self._tally).encode()


def request_of(fields: Any, body: bytes) -> Request:
    """Return a request as judges want it."""
    named = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in fields]
    said = dict(named)
    return Request(
        method=said.get(":method", ""),
        path=said.get(":path", ""),
        headers=tuple(each for each in named if not each[0].startswith(":")),
        body=body,
    )


def numbers(tally: Tally) -> str:
    """Return what was counted, and the processor time of this process in seconds."""
    return json.dumps({**tally.facts(), "cpu": time.process_time()})


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(prog="python -m examples.push_simulators.load_target")
    parser.add_argument("--folder", type=Path, required=True, help="for keys and certificates")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--apns", type=int, default=0, metavar="PORT", help="0: any")
    parser.add_argument("--control", type=int, default=0, metavar="PORT", help="0: any")
    parser.add_argument("--streams", type=int, default=1000, help="of a connection, at a time")
    parser.add_argument("--times", action="store_true", help="note when each push came")
    chosen = parser.parse_args()
    folder = chosen.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    make_certificates(folder)
    judges = Judges.of(Credentials(folder / "credentials"), lambda name: f"https://{name}")
    judges.apns_tokens.most_updates = 1000
    tls = ServerTls(folder / "certificate.pem", folder / "key.pem", [b"h2"])
    tally = Tally(times={} if chosen.times else None)
    reactor: Any = installed
    try:
        door = Doorstep(reactor, chosen.host, chosen.apns)
        door.factory = LoadFactory(tls, tally, judges.by_name["apns"], chosen.streams)
        desk = Doorstep(reactor, chosen.host, chosen.control)
        desk.factory = Site(Numbers(tally))
        door.open()
        desk.open()
    except OSError as error:
        sys.exit(f"cannot start: {error.strerror or error}")
    where = {"apns": f"https://{chosen.host}:{door.port}"}
    print(json.dumps({**where, "control": f"http://{chosen.host}:{desk.port}/"}), flush=True)
    reactor.run()
    print(numbers(tally), flush=True)


if __name__ == "__main__":
    main()

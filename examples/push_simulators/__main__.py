"""`python -m examples.push_simulators --folder X`: all simulators, until SIGTERM."""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from twisted.internet import reactor as installed

from examples.push_simulators.composition import NAMES, compose
from examples.push_simulators.control import Control
from examples.push_simulators.control_site import control_site
from examples.push_simulators.events import Events
from examples.push_simulators.listening import Doorstep
from examples.push_simulators.waking import Waker


def arguments() -> argparse.ArgumentParser:
    """Return what the command understands."""
    parser = argparse.ArgumentParser(
        prog="python -m examples.push_simulators",
        description="APNs, FCM, Huawei's Push Kit, a Web Push service and WNS on this machine.",
    )
    parser.add_argument("--folder", type=Path, required=True, help="for keys and certificates")
    parser.add_argument("--host", default="127.0.0.1", help="address of this machine")
    for name in (*NAMES, "control"):
        option = f"--{name.replace('_', '-')}"
        parser.add_argument(option, type=_port, default=0, metavar="PORT", help="0: any")
    parser.add_argument("--wake", metavar="URL", help="asked by POST to wake devices")
    parser.add_argument("--app", metavar="URL", help="opened by a tap on what a phone shows")
    parser.add_argument(
        "--token-updates", type=int, default=1, metavar="N",
        help="new tokens of a key APNs takes within 20 minutes",
    )  # fmt: skip
    return parser


def main() -> None:
    """Run."""
    chosen = arguments().parse_args()
    reactor: Any = installed
    ports = {name: getattr(chosen, name) for name in NAMES}
    try:
        town = compose(reactor, time.time, chosen.folder.resolve(), ports, chosen.host)
        town.apns_tokens.most_updates = chosen.token_updates
        events = Events(town.arrivals)
        waker = Waker(reactor, chosen.wake, events.woken)
        control = Control(town, time.time, waker.wake, chosen.app)
        step = Doorstep(reactor, chosen.host, chosen.control)
        step.factory = control_site(control, events)
        step.open()
        town.open()
    except OSError as error:
        sys.exit(f"cannot start: {error.strerror or error}")
    host = f"[{chosen.host}]" if ":" in chosen.host else chosen.host
    lines = {name: town.origin(name) for name in NAMES} | {
        "control": f"http://{host}:{step.port}/"
    }
    print(json.dumps(lines), flush=True)

    def stop() -> Any:
        events.close()
        return town.close().addCallback(lambda _: step.close())

    reactor.addSystemEventTrigger("before", "shutdown", stop)
    reactor.run()


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port < 65_536:
        raise ValueError("no port")
    return port


if __name__ == "__main__":
    main()

"""The load generator for TURN servers: compiled when needed, told what to do line by line."""

import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

from bench.namespaces import Namespace
from bench.turn_servers import Server

SOURCES = Path(__file__).parent / "turn_load"
FLAGS = ("-O2", "-Wall", "-Wextra", "-Wno-parentheses", "-pthread")
CORE = "1"
CLIENTS, PEER = "127.1.0.0", "127.2.0.1"
"""The host before the first client's, and where peers are, on loopback."""
MOST_LOST = 0.001
"""Of all packets; the generator leaves the server time, so that nothing has to be dropped."""


def build(folder: Path) -> Path:
    """Compile the generator into a folder."""
    program = folder / "turn_load"
    sources = sorted(map(str, SOURCES.glob("*.c")))
    subprocess.run(["gcc", *FLAGS, "-o", str(program), *sources], check=True)
    return program


class Generator:
    """Clients of one server and the peers behind it."""

    def __init__(
        self,
        program: Path,
        server: Server,
        *,
        clients: str = CLIENTS,
        peer: str = PEER,
        networks: tuple[Namespace, Namespace] | None = None,
    ) -> None:
        """Start without any allocation, in networks of clients and of peers where there are."""
        key = hashlib.md5(f"{server.user}:{server.realm}:{server.password}".encode()).hexdigest()
        arguments = [str(program), server.host, str(server.port), server.user, key, clients, peer]
        prefix: list[str] = []
        if networks is not None:
            prefix = networks[0].prefix()
            arguments.append(str(networks[1].path))
        self._process = subprocess.Popen(
            [*prefix, "taskset", "-c", CORE, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def open(self, count: int) -> None:
        """Have so many allocations with a bound channel each."""
        self._opened(f"open {count}", count)

    def gather(self, count: int) -> None:
        """Have so many clients with a channel to one peer, all of them on one socket."""
        self._opened(f"gather {count}", count)

    def crowd(self, size: int, flight: int, seconds: float, *, direct: bool = False) -> int:
        """Relay both ways, every packet another client's; or send them past the relay."""
        kind = "direct" if direct else "crowd"
        return _checked(self._ask(f"{kind} {size} {flight} {seconds}"))

    def saturate(self, direction: str, size: int, window: int, seconds: float) -> int:
        """Relay as much as the server can; returns the packets that came through unharmed."""
        return _checked(self._ask(f"{direction} {size} {window} {seconds}"))

    def round_trips(self, size: int, rate: float, seconds: float) -> tuple[float, float]:
        """Return the median and the 99th percentile of round trips, in seconds."""
        answer = self._ask(f"trip {size} {rate} {seconds}")
        _checked(answer)
        return answer["p50"], answer["p99"]

    def cycles(self, clients: int, seconds: float) -> tuple[int, float]:
        """Have clients come and go; returns how many did, and the seconds it took."""
        answer = self._ask(f"cycle {clients} {seconds}")
        if answer["failures"]:
            raise RuntimeError(f"{answer['failures']} failed: {_why(answer)}")
        return answer["cycles"], answer["seconds"]

    def close(self) -> None:
        """Release all allocations."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(60)

    def _opened(self, command: str, count: int) -> None:
        answer = self._ask(command)
        if answer["opened"] != count:
            raise RuntimeError(f"only {answer['opened']} opened: {_why(answer)}")

    def _ask(self, command: str) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


def _checked(answer: dict[str, Any]) -> int:
    relayed: int = answer["relayed"]
    if answer["wrong"] or answer["lost"] > relayed * MOST_LOST:
        raise RuntimeError(f"of {relayed}: {answer['wrong']} wrong, {answer['lost']} lost")
    return relayed


def _why(answer: dict[str, Any]) -> str:
    return f"{answer['failure']} ({answer['code']})"

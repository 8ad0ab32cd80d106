"""`make bench-relay`: clients over TLS through the daemon to a customer's server and back.

The peer is a plain autobahn echo over TLS in the same run: it does one leg where we do two, so a
ratio of 2 for the CPU of a round trip means that a relayed message costs what an echoed one does.
Added latency is what a round trip takes longer than one straight to a server in this process.
"""

import asyncio
import json
import os
import ssl
import subprocess
import tempfile
import time
from pathlib import Path

from bench.direct import DirectServer
from bench.figures import Case, cpu_seconds, report, resident_kib
from bench.interpreter import environment, interpreter
from bench.load import Client, EchoServer

ROUNDS = 5
SIZES = {"100 B": 100, "1 KiB": 1024, "64 KiB": 65_536}
MESSAGES = {"100 B": 4000, "1 KiB": 4000, "64 KiB": 400}
CLIENTS = 20
IDLE = 5000
SESSIONS = 1000
PORT, LINK_PORT, ECHO_PORT, DIRECT_PORT = 28_443, 27_322, 28_444, 28_445

SETTINGS = """
[service]
data = "{folder}"
[listen]
tls = ["127.0.0.1:{port}"]
link = ["127.0.0.1:{link}"]
[tls]
certificate = "{folder}/certificate.pem"
key = "{folder}/key.pem"
[connections]
per_address = 100000
total = 100000
[ucserver]
loopback_may_skip_tls = true
[ucclient]
upgrade_timeout = 600
frames_per_second = 100000
frame_burst = 1000000
logins_per_customer = 1000
[store]
path = "{folder}/customers.sqlite"
[admin]
socket = "{folder}/admin.sock"
[log]
access = "{folder}/access.log"
service = "{folder}/service.log"
[demo]
origin_from_request = true
[turn]
udp = []
tcp = []
tls = []
"""


class Bench:
    """The daemon and the peer as processes, and the load in this one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.context = ssl.create_default_context(cafile=str(folder / "certificate.pem"))
        self.context.check_hostname = False
        self.context.verify_mode = ssl.CERT_NONE
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self) -> tuple[int, int]:
        """Start both and return their pids."""
        settings = self.folder / "settings.toml"
        settings.write_text(SETTINGS.format(folder=self.folder, port=PORT, link=LINK_PORT))
        (self.folder / "password").write_text("bench-bench-bench-bench")
        python, env = interpreter(), environment()
        cli = [python, "-m", "procall_mobility.cli", "--config", str(settings)]
        add = ["customer", "add", "bench", "--password-file", str(self.folder / "password")]
        subprocess.run([*cli, *add], check=True, capture_output=True, env=env)
        daemon = subprocess.Popen(["taskset", "-c", "0", *cli, "run"], env=env)
        certificate = [str(self.folder / "certificate.pem"), str(self.folder / "key.pem")]
        echo = subprocess.Popen(
            [
                "taskset",
                "-c",
                "0",
                python,
                "-m",
                "bench.echo",
                str(ECHO_PORT),
                *certificate,
            ],
            stdout=subprocess.PIPE,
            env=env,
        )
        self.processes = [daemon, echo]
        assert echo.stdout is not None
        echo.stdout.readline()
        return daemon.pid, echo.pid

    def stop(self) -> None:
        """End both."""
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(20)

    async def log_on(self) -> Client:
        """Log on and open the WebSocket."""
        reader, writer = await asyncio.open_connection("127.0.0.1", PORT, ssl=self.context)
        writer.write(
            b"GET /ws/client/createsession?ucsid=bench&clientappid=7 HTTP/1.1\r\n"
            b"Host: 127.0.0.1\r\nAuthorization: Basic YmVuY2g6YmVuY2g=\r\n\r\n"
        )
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        body = json.loads(await reader.readexactly(length))
        writer.transport.abort()
        path = f"/ws/client/websocket?x-ucsessionid={body['sessionid']}"
        return await Client.connect(PORT, path, self.context)


def message(size: int) -> bytes:
    """Return a call of about `size` octets."""
    head = b'{"invoke":{"argument":{"_type":"B","x":"'
    tail = b'"},"invokeID":7,"operationID":0,"operationName":"asnBench"}}'
    return head + b"x" * max(1, size - len(head) - len(tail)) + tail


async def closed_loop(clients: list[Client], payload: bytes, count: int) -> list[float]:
    """Have each client send and wait, `count` times in all; return the round trips in seconds."""
    trips: list[float] = []

    async def one(client: Client, times: int) -> None:
        for _ in range(times):
            started = time.perf_counter()
            client.send(payload)
            answer = await client.receive()
            trips.append(time.perf_counter() - started)
            if len(answer) < len(payload) - 100:
                raise ValueError("an answer was cut")

    await asyncio.gather(*(one(client, count // len(clients)) for client in clients))
    return trips


async def one_client(client: Client, payload: bytes, count: int) -> tuple[float, float]:
    """Return p50 and p99 of the round trips of one client, in microseconds."""
    trips = sorted(await closed_loop([client], payload, max(200, count // 10)))
    p50, p99 = (trips[int(len(trips) * at) - 1] * 1e6 for at in (0.5, 0.99))
    return p50, p99


async def measure_messages(bench: Bench, daemon: int, echo: int, cases: list[Case]) -> None:
    """Measure CPU and latency of round trips, us and the peer in turn."""
    ours = [await bench.log_on() for _ in range(CLIENTS)]
    theirs = [await Client.connect(ECHO_PORT, "/", bench.context) for _ in range(CLIENTS)]
    direct = await Client.connect(DIRECT_PORT, "/", bench.context)
    for name, size in SIZES.items():
        payload, count = message(size), MESSAGES[name]
        cpu = Case(f"round trip {name}", "us CPU", "autobahn echo")
        relayed = Case(f"relayed message {name}", "us CPU", "autobahn echo, per message")
        latency, added = (
            [Case(f"{kind} {name} {p}", unit, "autobahn echo") for p in ("p50", "p99")]
            for kind, unit in (("latency", "us, one client"), ("added latency", "us"))
        )
        await closed_loop(ours, payload, count // 4)
        await closed_loop(theirs, payload, count // 4)
        for _ in range(ROUNDS):
            floor = await one_client(direct, payload, count)
            for clients, pid, side in ((ours, daemon, 0), (theirs, echo, 1)):
                before = cpu_seconds(pid)
                await closed_loop(clients, payload, count)
                spent = (cpu_seconds(pid) - before) / count * 1e6
                (cpu.theirs if side else cpu.ours).append(spent)
                # A round trip through us relays two messages; an echo takes in and gives out one.
                (relayed.theirs if side else relayed.ours).append(spent / (1 if side else 2))
                found = await one_client(clients[0], payload, count)
                for at in range(2):
                    for case, value in (
                        (latency[at], found[at]),
                        (added[at], found[at] - floor[at]),
                    ):
                        (case.theirs if side else case.ours).append(value)
        cases += [cpu, relayed, *latency, *added]
        print(f"  {name} measured", flush=True)
    for client in (*ours, *theirs, direct):
        client.close()


async def measure_idle(bench: Bench, daemon: int, echo: int, cases: list[Case]) -> None:
    """Measure the memory of idle clients: 5,000 of the peer, 5,000 of ours in 1,000s."""
    memory = Case(f"{IDLE} idle clients over TLS", "KiB per client", "autobahn echo")
    sessions = Case(f"{SESSIONS} sessions on one link", "KiB per session")
    before = resident_kib(daemon)
    clients = await gathered(bench.log_on, SESSIONS)
    sessions.ours.append((resident_kib(daemon) - before) / SESSIONS)
    clients += await gathered(bench.log_on, IDLE - SESSIONS)
    memory.ours.append((resident_kib(daemon) - before) / IDLE)
    await closed_loop(clients[-20:], message(100), 200)
    for client in clients:
        client.close()
    before = resident_kib(echo)
    others = await gathered(lambda: Client.connect(ECHO_PORT, "/", bench.context), IDLE)
    memory.theirs.append((resident_kib(echo) - before) / IDLE)
    for client in others:
        client.close()
    cases += [memory, sessions]


async def gathered(make: object, count: int) -> list[Client]:
    """Make clients, fifty at a time."""
    made: list[Client] = []
    while len(made) < count:
        batch = min(50, count - len(made))
        made += await asyncio.gather(*(make() for _ in range(batch)))  # type: ignore[operator]
    return made


async def main() -> None:
    """Run everything and report."""
    from examples.uc_demo.authority import make_certificates  # noqa: PLC0415  # Keeps bench light.

    os.sched_setaffinity(0, {1} if (os.cpu_count() or 1) > 1 else {0})
    cases: list[Case] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_certificates(folder)
        bench = Bench(folder)
        daemon, echo = bench.start()
        try:
            await wait_for_daemon()
            server = EchoServer(LINK_PORT, "bench", "bench-bench-bench-bench")
            await server.start()
            direct = DirectServer(
                DIRECT_PORT, str(folder / "certificate.pem"), str(folder / "key.pem")
            )
            await direct.start()
            await measure_messages(bench, daemon, echo, cases)
            direct.stop()
            await measure_idle(bench, daemon, echo, cases)
        finally:
            bench.stop()
    report("relay", cases)


async def wait_for_daemon() -> None:
    """Wait until the link port is open."""
    for _ in range(200):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", LINK_PORT)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return
    raise TimeoutError("the daemon did not come up")


if __name__ == "__main__":
    asyncio.run(main())

"""A daemon with everybody around it, whose settings are changed while all are busy."""

import re
import signal
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field

from examples.uc_demo.authority import make_certificates
from procall_mobility.operations import admin_client
from tests.daemon import PATIENCE
from tests.interop.push.running import running_simulators
from tests.interop.push.town import Town, at_apple, at_google
from tests.interop.reload.load import Load
from tests.ports import free_port
from tests.smoke.daemons import PASSWORD, Daemons

SECRET = "a-secret-that-only-the-customer-and-we-know"

Settings = Mapping[str, str]
"""What the file says, by path, in TOML."""


@define(eq=False)
class House:
    town: Town
    load: Load
    usual: Settings
    systemd: socket.socket
    """Where the daemon says that it reloads, and that it is ready."""
    spare: list[int] = field(factory=lambda: [free_port() for _ in range(6)])
    """Ports nobody has."""
    told: str = ""
    """The STATUS of the last reload."""

    @property
    def folder(self) -> Path:
        return self.town.daemons.folder

    def file(self, name: str, content: str = "", mode: int = 0o600) -> Path:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
        path.chmod(mode)
        return path

    def certificate(self, name: str) -> Path:
        """Return a folder with another certificate."""
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        make_certificates(folder)
        return folder

    def says(self, **changes: str) -> str:
        """Return a settings file; names have `__` for the dot, an empty value leaves one out."""
        other = {path.replace("__", "."): value for path, value in changes.items()}
        said = {**self.usual, **other}
        return "".join(f"{path} = {value}\n" for path, value in said.items() if value)

    def reload(self, text: str | bytes | None, book: Path | None = None) -> list[str]:
        """Write the settings (None: take them away), hang up, and return what is told of it."""
        settings = self.town.daemons.settings
        if text is None:
            settings.unlink()
        else:
            settings.write_bytes(text if isinstance(text, bytes) else text.encode())
        book = book or self.folder / "service.log"
        before = len(book.read_text()) if book.exists() else 0
        self.town.daemons.processes[0].send_signal(signal.SIGHUP)
        until_told(self.systemd, "RELOADING=1")
        self.told = until_told(self.systemd, "READY=1").partition("STATUS=")[2]
        return book.read_text()[before:].splitlines()

    def takes_over(self, **changes: str) -> list[str]:
        """Reload what is no error, and return the settings that have changed."""
        return changed(self.reload(self.says(**changes)))

    def status(self) -> dict[str, Any]:
        """Ask the daemon itself: the command would want a file without errors."""
        answer: dict[str, Any] = admin_client.ask(self.folder / "admin.sock", "status")
        return answer

    def asks(
        self,
        path: str,
        body: bytes | None = None,
        *,
        port: int | None = None,
        source: str = "127.0.0.1",
        **headers: str,
    ) -> tuple[int, bytes]:
        """Ask by plain HTTP; status and body, 0 when the connection is closed instead."""
        with connected(port or self.town.daemons.http, source) as sock:
            method = "GET" if body is None else "POST"
            lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close"]
            if body is not None:
                lines.append(f"Content-Length: {len(body)}")
            lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
            sock.sendall("\r\n".join([*lines, "", ""]).encode() + (body or b""))
            received = b""
            with suppress(ConnectionResetError):
                while piece := sock.recv(65_536):
                    received += piece
        if not received:
            return 0, b""
        head, _, content = received.partition(b"\r\n\r\n")
        return int(head.split()[1]), content

    def shown_certificate(self) -> str:
        return ssl.get_server_certificate(("127.0.0.1", self.town.daemons.tls), timeout=PATIENCE)


def until_told(systemd: socket.socket, what: str) -> str:
    """Wait until systemd is told something; what it is told of sockets meanwhile is left out."""
    while what not in (said := systemd.recv(4096).decode()).splitlines():
        assert said.startswith("FDSTORE"), said
    return said


def changed(lines: list[str]) -> list[str]:
    """Return the settings the service log says have changed, in either of its forms."""
    told = r'(?: setting changed name=| "setting changed", "name": ")([^\s"]+)'
    return [found[1] for line in lines if (found := re.search(told, line))]


@contextmanager
def connected(port: int, source: str = "127.0.0.1") -> Iterator[socket.socket]:
    with socket.socket() as sock:
        sock.settimeout(PATIENCE)
        sock.bind((source, 0))
        sock.connect(("127.0.0.1", port))
        yield sock


def is_open(port: int, host: str = "127.0.0.1") -> bool:
    with socket.socket() as sock:
        sock.settimeout(PATIENCE)
        return sock.connect_ex((host, port)) == 0


@contextmanager
def house_in(folder: Path) -> Iterator[House]:
    """Have a house, and everybody busy in it."""
    notify = str(folder / "notify")
    with (
        running_simulators(folder / "providers") as providers,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd,
    ):
        systemd.bind(notify)
        systemd.settimeout(PATIENCE)
        town = Town(Daemons(folder), providers, PASSWORD)
        daemons = town.daemons
        usual = _usual(daemons, providers.facts)
        daemons.settings.write_text("".join(f"{path} = {told}\n" for path, told in usual.items()))
        make_certificates(folder)
        for name, content in (("password", PASSWORD), ("secret", SECRET)):
            (folder / name).touch(mode=0o600)
            (folder / name).write_text(content)
        town.does("customer", "add", "acme", "--password-file", str(folder / "password"))
        town.does("turn", "secret", "set", "acme", "--file", str(folder / "secret"))
        town.does(*at_apple("ios.demo", providers.facts, "both"))
        town.does(*at_google("android.demo", providers.facts))
        try:
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("NOTIFY_SOCKET", notify)
                daemons.start_daemon()
            until_told(systemd, "READY=1")
            daemons.start_server("--port", str(daemons.link))
            daemons.until_linked()
            load = Load(town, daemons.turn, SECRET)
            try:
                load.begin()
                yield House(town, load, usual, systemd)
            finally:
                load.end()
        finally:
            daemons.stop()


def _usual(daemons: Daemons, facts: Mapping[str, Any]) -> Settings:
    folder, here = daemons.folder, "127.0.0.1"
    paths = {
        "service.data": folder,
        "tls.certificate": folder / "certificate.pem",
        "tls.key": folder / "key.pem",
        "log.access": folder / "access.log",
        "log.service": folder / "service.log",
        "store.path": folder / "customers.sqlite",
        "admin.socket": folder / "admin.sock",
        "push.authorities": facts["ca"],
        "push.hosts.apns": facts["apns"]["production"].removeprefix("https://"),
        "push.hosts.apns_sandbox": facts["apns"]["sandbox"].removeprefix("https://"),
        "push.hosts.fcm": facts["fcm"]["origin"].removeprefix("https://"),
    }
    return {
        **{path: f'"{value}"' for path, value in paths.items()},
        "demo.origin_from_request": "true",
        "listen.tls": f'["{here}:{daemons.tls}"]',
        "listen.http": f'["{here}:{daemons.http}"]',
        "listen.link": f'["{here}:{daemons.link}"]',
        "ucserver.loopback_may_skip_tls": "true",
        "turn.udp": f'["{here}:{daemons.turn}"]',
        "turn.tcp": f'["{here}:{daemons.turn}"]',
        "turn.tls": "[]",
        "turn.relay": f'["{here}"]',
        "turn.peers.allow": '["127.0.0.0/8"]',
    }

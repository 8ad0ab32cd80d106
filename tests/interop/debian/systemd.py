"""Plays systemd: starts a service in a root as its unit says, and hears what it tells.

User, capabilities, folders, credentials, the bounds of files, the read-only file system and, by
`filtered.py`, the filters of system calls and of kinds of sockets are those of the unit.
"""

import os
import resource
import selectors
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from attrs import define, field

from tests.interop.debian.unit import Unit

NOTIFY = "run/notify"
PATIENCE = 60.0
"""Seconds for what a daemon does at once."""

SANDBOX = """
set -eu
root=$1 proc=$2; shift 2
mount --rbind "$root" "$root"
mount -o remount,bind,ro "$root"
while [ "$1" != -- ]; do
    mount --bind "$root/$1" "$root/$1"
    mount -o remount,bind,rw "$root/$1"
    shift
done
shift
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t proc -o "$proc" proc "$root/proc"
exec chroot "$root" "$@"
"""
"""ProtectSystem=strict, PrivateTmp=yes: all is read-only but what is named before `--`; and what
is to be seen of processes and the kernel in /proc."""


@define
class Systemd:
    """One service in one root; whoever starts it has to stop it."""

    root: Path
    unit: Unit
    before: tuple[str, ...] = ()
    """What comes before the daemon's own command line."""
    process: "subprocess.Popen[bytes] | None" = None
    heard: list[tuple[float, str]] = field(factory=list)
    """What it told of itself, and when."""
    _socket: socket.socket | None = None

    @property
    def journal(self) -> Path:
        """Where all goes that the daemon writes."""
        return self.root / "run/journal"

    @property
    def credentials(self) -> str:
        return f"run/credentials/{self.unit.name}"

    def start(self) -> None:
        """Start it and wait until it is ready."""
        self._listen()
        self._make_folders()
        self._hand_out_credentials()
        user, group = self.unit.one("User"), self.unit.one("Group")
        powers = [
            name.removeprefix("CAP_").lower() for name in self.unit.words("AmbientCapabilities")
        ]
        bounds = [
            name.removeprefix("CAP_").lower() for name in self.unit.words("CapabilityBoundingSet")
        ]
        writable = [folder for folder, _ in self.unit.folders()]
        command = ["unshare", "--mount", "sh", "-c", SANDBOX, "sandbox", str(self.root)]
        seen = f"subset={self.unit.one('ProcSubset')},hidepid={self.unit.one('ProtectProc')}"
        command += [seen, *writable, NOTIFY, "--"]
        command += ["setpriv", f"--reuid={user}", f"--regid={group}", "--init-groups"]
        command += [f"--inh-caps={_set(powers)}", f"--ambient-caps={_set(powers)}"]
        command += [f"--bounding-set={_set(bounds)}"]
        command += ["--no-new-privs"] if self.unit.is_on("NoNewPrivileges") else []
        command += ["env", "-i", *self._environment(user), *self.before]
        command += self.unit.command("ExecStart")
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        # Where we may not allow more than we have, it must do with that.
        files = min(int(self.unit.one("LimitNOFILE", "1024")), most)
        with self.journal.open("ab") as journal:
            self.process = subprocess.Popen(
                ["prlimit", f"--nofile={files}", *command],
                umask=int(self.unit.one("UMask", "0022"), 8),
                stdin=subprocess.DEVNULL, stdout=journal, stderr=journal,
            )  # fmt: skip
        self.hear("READY=1", self.unit.seconds("TimeoutStartSec"))

    def reload(self) -> None:
        """Have it read its files again as `Type=notify-reload` does, and wait for the end."""
        assert self.unit.one("Type") == "notify-reload"
        self._running().send_signal(signal.SIGHUP)
        self.hear("RELOADING=1", PATIENCE)
        self.hear("READY=1", PATIENCE)

    def stop(self) -> None:
        """Stop it; it has to say that it does, and to end well."""
        self._running().send_signal(signal.SIGTERM)
        self.hear("STOPPING=1", PATIENCE)
        status = self._running().wait(self.unit.seconds("TimeoutStopSec"))
        assert status == 0, f"the daemon ended with status {status}"
        self.process = None
        shutil.rmtree(self.root / self.credentials)
        for folder in self.unit.words("RuntimeDirectory"):
            shutil.rmtree(self.root / "run" / folder)

    def kill(self) -> None:
        """End it however it is."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def hear(self, what: str, patience: float) -> None:
        """Wait until the daemon tells something."""
        assert self._socket is not None
        deadline = time.monotonic() + patience
        while (left := deadline - time.monotonic()) > 0:
            with selectors.DefaultSelector() as selector:
                selector.register(self._socket, selectors.EVENT_READ)
                if not selector.select(min(left, 0.2)):
                    status = self._running().poll()
                    assert status is None, f"the daemon ended with status {status}"
                    continue
            lines = self._socket.recv(4096).decode().splitlines()
            self.heard += [(time.monotonic(), line) for line in lines]
            if what in lines:
                return
        raise AssertionError(f"the daemon did not tell {what} within {patience} s")

    def facts(self) -> dict[str, str]:
        """Return what the kernel says of the process."""
        text = (self.root / f"proc/{self._running().pid}/status").read_text()
        return {
            name: value.strip() for name, _, value in (x.partition(":") for x in text.splitlines())
        }

    def said(self) -> str:
        """Return the end of what the daemon wrote, for a failure's message."""
        if not self.journal.exists():
            return ""
        return self.journal.read_text("utf-8", errors="replace")[-5000:]

    def _running(self) -> "subprocess.Popen[bytes]":
        assert self.process is not None, "it was not started"
        return self.process

    def _listen(self) -> None:
        path = self.root / NOTIFY
        path.unlink(missing_ok=True)
        if self._socket is not None:
            self._socket.close()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        path.chmod(0o777)

    def _make_folders(self) -> None:
        user, group = self.unit.one("User"), self.unit.one("Group")
        for folder, mode in self.unit.folders():
            self._inside("install", "-d", "-o", user, "-g", group, "-m", mode, f"/{folder}")

    def _hand_out_credentials(self) -> None:
        target = self.root / self.credentials
        shutil.rmtree(target, ignore_errors=True)
        user = self.unit.one("User")
        self._inside("install", "-d", "-m", "0500", "-o", user, f"/{self.credentials}")
        for word in self.unit.words("LoadCredential"):
            name, _, source = word.partition(":")
            found = self.root / source.lstrip("/")
            files = [(name, found)]
            if found.is_dir():
                files = [(f"{name}_{each.name}", each) for each in sorted(found.iterdir())]
            for each, file in files:
                (target / each).write_bytes(file.read_bytes())
                self._inside("chown", user, f"/{self.credentials}/{each}")
                (target / each).chmod(0o400)

    def _environment(self, user: str) -> list[str]:
        told = {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin",
            "LANG": "C.UTF-8",
            "USER": user,
            "NOTIFY_SOCKET": f"/{NOTIFY}",
            "CREDENTIALS_DIRECTORY": f"/{self.credentials}",
        }
        if "WatchdogSec" in self.unit.service:
            told["WATCHDOG_USEC"] = str(int(self.unit.seconds("WatchdogSec") * 1e6))
        return [f"{name}={value}" for name, value in told.items()]

    def _inside(self, *command: str) -> None:
        subprocess.run(
            ["chroot", str(self.root), *command], check=True, env={"PATH": os.environ["PATH"]}
        )


def _set(names: list[str]) -> str:
    return ",".join(["-all", *(f"+{name}" for name in names)])

"""The life of the package: installed, set up, used, upgraded, removed and purged.

Usage: python -m tests.interop.debian ROOT PREVIOUS CURRENT SOURCE

ROOT has everything the packages depend on; PREVIOUS, CURRENT (packages) and SOURCE (the tree)
are paths in it.  `tools/make_deb` prepares all of it, in a network of its own.
"""

import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen

from tests.interop.debian.booted import PATIENCE, Booted, booted
from tests.interop.debian.root import Root
from tests.interop.debian.system_calls import allowed, read_sets
from tests.interop.debian.systemd import Systemd
from tests.interop.debian.unit import Unit

NAME = "procall-mobility"
FILE = f"usr/lib/systemd/system/{NAME}.service"
WORK = "/work"
COMPLETES = f"""
. /usr/share/bash-completion/completions/{NAME}
COMP_WORDS=({NAME} cus) COMP_CWORD=1
_procall_mobility_completion {NAME}
echo "${{COMPREPLY[@]}}"
"""
"""What bash does when somebody writes `procall-mobility cus` and asks for the rest."""

NET_ADMIN, BPF = 12, 39
"""Capabilities, as linux/capability.h numbers them."""


@contextmanager
def step(name: str) -> Iterator[None]:
    """Say what is done and how long it took."""
    begun = time.monotonic()
    print(f"--- {name}", flush=True)
    yield
    print(f"    {time.monotonic() - begun:.1f} s", flush=True)


@frozen
class Life:
    root: Root
    previous: str
    current: str
    source: str

    def install(self, package: str) -> None:
        self.root.run(
            "apt-get", "-q", "-y", "-o", "Dpkg::Options::=--force-confdef", "install", package
        )

    def systemd(self) -> Systemd:
        """Return what starts the daemon, behind the filters that the unit names."""
        unit = Unit.read(self.root.folder / FILE)
        sets = read_sets(self.root.run("systemd-analyze", "syscall-filter"))
        calls = sorted(allowed(unit.service["SystemCallFilter"], sets))
        families = unit.words("RestrictAddressFamilies")
        program = f"{self.source}/tests/interop/debian/filtered.py"
        before = ("python3", program, ",".join(calls), ",".join(families))
        return Systemd(self.root.folder, unit, before)

    def version(self) -> str:
        return self.root.run("dpkg-query", "-W", "-f", "${Version}", NAME)

    def is_fresh(self) -> None:
        """Nothing runs, nobody can read its folders, and the command says what is missing."""
        said = self.root.run(NAME, "check-config", fine=(78,))
        assert "service.origin" in said, said
        assert self.root.run("stat", "-c", "%U %a", f"/var/lib/{NAME}") == f"{NAME} 700\n"
        assert self.root.run("stat", "-c", "%U %a", f"/etc/{NAME}/secrets") == "root 700\n"
        assert NAME in self.root.run("twistd3", "--help")
        (page,) = re.findall(r"file:/(\S+)", (self.root.folder / FILE).read_text())
        assert self.root.is_there(page), f"the unit names {page}, which is not there"
        assert self.root.run("bash", "-c", COMPLETES).split() == ["customer"]
        wanted = f"etc/systemd/system/multi-user.target.wants/{NAME}.service"
        assert self.root.is_there(wanted), "it would not be started with the machine"

    def unit_is_sound(self) -> None:
        """systemd understands all of it, and sees an exposure below 2.0."""
        verified = self.root.run("sh", "-c", f"systemd-analyze verify --man=no /{FILE} 2>&1")
        assert verified == "", verified
        socket = f"{self.source}/examples/systemd/{NAME}.socket"
        verified = self.root.run("sh", "-c", f"systemd-analyze verify --man=no {socket} 2>&1")
        assert verified == "", verified
        seen = self.root.run(
            "systemd-analyze", "security", "--offline=true", "--threshold=19", f"/{FILE}"
        )
        print(f"    {seen.splitlines()[-1]}")

    def is_confined(self, systemd: Systemd) -> None:
        """No user of the machine, no capability but the unit's, no way to any other."""
        facts = systemd.facts()
        uid = self.root.run("id", "-u", NAME).strip()
        assert facts["Uid"].split() == [uid] * 4, facts["Uid"]
        assert facts["NoNewPrivs"] == "1"
        assert facts["Seccomp"] == "2", "system calls are not filtered"
        bounds = len(systemd.unit.words("CapabilityBoundingSet"))
        assert int(facts["CapBnd"], 16).bit_count() == bounds, facts["CapBnd"]
        # What loading the kernel's program needs was given up, and 443 is open already.
        assert int(facts["CapEff"], 16) & (1 << NET_ADMIN | 1 << BPF) == 0, facts["CapEff"]

    def use(self) -> None:
        print(self.root.run("sh", "-c", f"cd {WORK} && exec python3 demo.py"), end="")

    def live(self) -> None:
        root = self.root
        before = root.files()
        with step("install the previous build"):
            self.install(self.previous)
            old = self.version()
            self.is_fresh()
            self.unit_is_sound()
        with step("set it up"):
            print(root.run(f"{self.source}/debian/tests/prepare", WORK), end="")
        systemd = self.systemd()
        try:
            with step("start it by its unit"):
                systemd.start()
                self.is_confined(systemd)
                systemd.hear("WATCHDOG=1", systemd.unit.seconds("WatchdogSec"))
            with step("use it"):
                self.use()
            with step("reload it"):
                systemd.reload()
            with step("upgrade while it runs"):
                self.install(self.current)
                assert self.version() != old
                root.run(NAME, "status")
                systemd.stop()
                systemd = self.systemd()
                systemd.start()
            with step("use it"):
                self.use()
            systemd.stop()
        except BaseException:
            print(systemd.said())
            raise
        finally:
            systemd.kill()
        with step("remove it"):
            root.run("apt-get", "-q", "-y", "remove", NAME)
            assert root.is_there(f"etc/{NAME}/{NAME}.toml")
            assert root.is_there(f"var/lib/{NAME}/customers.sqlite")
        with step("purge it"):
            # What the operator has brought, the operator takes away.
            root.run("rm", f"/etc/{NAME}/certificate.pem", f"/etc/{NAME}/secrets/key.pem")
            root.run("apt-get", "-q", "-y", "purge", NAME)
            left, lost = root.files() - before, before - root.files()
            assert not left, f"left behind: {sorted(left)}"
            assert not lost, f"taken away: {sorted(lost)}"

    def live_under_systemd(self) -> None:
        """Do again what only systemd itself can show."""
        (self.root.folder / "usr/sbin/policy-rc.d").unlink(missing_ok=True)
        with booted(self.root.folder) as root:
            if root is None:
                print("systemd does not run in namespaces of this machine: it was only played")
                return
            life = Life(root, self.previous, self.current, self.source)
            with step("under systemd: install the previous build, set it up and use it"):
                life.install(self.previous)
                root.run("mkdir", "-p", WORK)
                test = f"{self.source}/debian/tests/daemon"
                print(root.run("env", f"AUTOPKGTEST_TMP={WORK}", test), end="")
            with step("under systemd: upgrade while it runs"):
                root.run("systemctl", "start", NAME)
                before = root.shows(NAME, "MainPID")
                began = root.shows(NAME, "ActiveEnterTimestampMonotonic")
                kept = int(root.shows(NAME, "NFileDescriptorStore"))
                assert kept >= 2, f"systemd keeps {kept} sockets"
                life.install(self.current)
                assert root.shows(NAME, "ActiveState") == "active"
                assert root.shows(NAME, "MainPID") not in {before, "0"}
                # It was never down: one daemon has handed everything to the next.
                assert root.shows(NAME, "ActiveEnterTimestampMonotonic") == began
                assert int(root.shows(NAME, "NFileDescriptorStore")) == kept
                root.run(NAME, "status")
                life.until_gone(before)
            with step("under systemd: restart it"):
                root.run("systemctl", "restart", NAME)
                assert int(root.shows(NAME, "NFileDescriptorStore")) == kept
                root.run(NAME, "status")
            with step("under systemd: have it do without any capability"):
                life.do_without_capabilities()
            with step("under systemd: let it hang"):
                life.hang()
            with step("under systemd: give it settings that cannot be used"):
                settings = root.folder / f"etc/{NAME}/{NAME}.toml"
                settings.write_text(f"{settings.read_text()}\n[nonsense]\n")
                root.run("systemctl", "restart", NAME, fine=(1,))
                assert root.shows(NAME, "ExecMainStatus") == "78"
                assert root.shows(NAME, "ActiveState") == "failed", "it is started again in vain"
                life.use_settings()
                root.run("systemctl", "restart", NAME)
            with step("under systemd: remove and purge it"):
                root.run("apt-get", "-q", "-y", "remove", NAME)
                assert root.shows(NAME, "MainPID") == "0", "it still runs"
                root.run("apt-get", "-q", "-y", "purge", NAME)

    def until_gone(self, pid: str) -> None:
        """Wait until a process that has handed over has ended."""
        deadline = time.monotonic() + PATIENCE
        while self.root.run("sh", "-c", f"[ ! -e /proc/{pid} ] || echo there"):
            assert time.monotonic() < deadline, f"{pid} has handed over and does not end"
            time.sleep(0.2)

    def use_settings(self) -> None:
        self.root.run(
            "cp", f"{self.source}/debian/tests/settings.toml", f"/etc/{NAME}/{NAME}.toml"
        )

    def do_without_capabilities(self) -> None:
        """A `.socket` unit opens the ports, 443 among them; so the daemon needs none."""
        assert isinstance(self.root, Booted)
        examples, units = f"{self.source}/examples/systemd", "/etc/systemd/system"
        socket, drop_in = f"{NAME}.socket", f"{NAME}.service.d"
        self.root.run("systemctl", "stop", NAME)
        self.root.run("cp", "-r", f"{examples}/{socket}", f"{examples}/{drop_in}", units)
        self.root.run("systemctl", "daemon-reload")
        self.root.run("systemctl", "start", socket)
        self.root.run("systemctl", "start", NAME, fine=(0, 1))
        said = self.root.run("journalctl", "--no-pager", "-n", "30", "-u", NAME, fine=(0, 1))
        assert self.root.shows(NAME, "ActiveState") == "active", said
        pid = self.root.shows(NAME, "MainPID")
        for _ in range(2):
            held = self.root.run("grep", "^Cap", f"/proc/{pid}/status").split()[1::2]
            assert set(held) == {"0" * 16}, held
            self.root.run(NAME, "hand-over")
            before, pid = pid, self.root.shows(NAME, "MainPID")
            assert pid not in {before, "0"}
            self.until_gone(before)
        self.root.run("systemctl", "stop", NAME, socket)
        self.root.run("rm", "-r", f"{units}/{socket}", f"{units}/{drop_in}")
        self.root.run("systemctl", "daemon-reload")
        self.root.run("systemctl", "start", NAME)

    def hang(self) -> None:
        """Stop the daemon as a fault would: the watchdog has it started again."""
        assert isinstance(self.root, Booted)
        folder = f"/run/systemd/system/{NAME}.service.d"
        told = f"mkdir -p {folder} && printf '[Service]\\nWatchdogSec=2\\n' > {folder}/soon.conf"
        self.root.run("sh", "-c", f"{told} && systemctl daemon-reload && systemctl restart {NAME}")
        restarts = self.root.shows(NAME, "NRestarts")
        self.root.run("systemctl", "kill", "--signal=STOP", "--kill-whom=main", NAME)
        deadline = time.monotonic() + PATIENCE
        while self.root.shows(NAME, "NRestarts") == restarts:
            assert time.monotonic() < deadline, "a daemon that hangs is left hanging"
            time.sleep(0.5)
        self.root.run("rm", "-r", folder)
        self.root.run("systemctl", "daemon-reload")


def main() -> None:
    """Live it."""
    folder, previous, current, source = sys.argv[1:]
    life = Life(Root(Path(folder)), previous, current, source)
    life.live()
    life.live_under_systemd()


if __name__ == "__main__":
    main()

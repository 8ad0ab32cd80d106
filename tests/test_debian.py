"""The Debian package is of this version, and its unit says what the daemon needs."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from procall_mobility import __version__
from procall_mobility.config import load
from procall_mobility.config.settings import Settings
from tests.interop.debian.system_calls import allowed, read_sets
from tests.interop.debian.unit import Unit

ROOT = Path(__file__).parents[1]
DEFAULT_PORTS = {
    "Stream": {*Settings().listen.tls, *Settings().turn.tcp, *Settings().turn.tls},
    "Datagram": {*Settings().turn.udp, *Settings().turn.dtls},
}
IMPORTED = "import sys; sys.path.insert(0, sys.argv[1]); import demo"
UNIT = (ROOT / "debian/procall-mobility.service").read_text("utf-8")


def test_the_package_has_the_version_of_the_program() -> None:
    first = (ROOT / "debian/changelog").read_text("utf-8").splitlines()[0]
    assert first.startswith(f"procall-mobility ({__version__}) ")


def test_the_unit_makes_the_folders_that_the_settings_name() -> None:
    settings = Settings()
    assert settings.service.data == "/var/lib/procall-mobility"
    assert "\nStateDirectory=procall-mobility\n" in UNIT
    assert settings.admin.socket.startswith("/run/procall-mobility/")
    assert "\nRuntimeDirectory=procall-mobility\n" in UNIT


def test_the_unit_does_not_start_again_what_cannot_start() -> None:
    assert "\nRestartPreventExitStatus=78\n" in UNIT


def test_the_unit_has_what_a_hand_over_needs() -> None:
    """The main process alone is heard, and each address of the settings has a place in store."""
    unit = Unit.read(ROOT / "debian/procall-mobility.service")
    assert unit.one("NotifyAccess") == "main"
    assert unit.command("ExecStart")[-1] == "run", "which starts the starter"
    addresses = {each for name in DEFAULT_PORTS for each in DEFAULT_PORTS[name]}
    assert int(unit.one("FileDescriptorStoreMax")) >= 10 * len(addresses)


def test_the_daemon_cannot_leave_code_for_the_one_that_starts_with_capabilities() -> None:
    """Its home is its own folder, where Python would look for packages, and run what they say.

    Whoever breaks into the daemon could leave some there, and have another daemon started.
    """
    unit = Unit.read(ROOT / "debian/procall-mobility.service")
    assert "PYTHONNOUSERSITE=1" in unit.words("Environment")


def test_the_example_of_a_socket_unit_names_default_addresses() -> None:
    """What the settings do not name would be closed."""
    text = (ROOT / "examples/systemd/procall-mobility.socket").read_text("utf-8")
    named = set(re.findall(r"^ListenStream=(\S+)$", text, re.MULTILINE))
    assert named == {
        f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        for host, port in DEFAULT_PORTS["Stream"]
        if port != 5349  # Optional, as everybody comes by 443.
    }
    assert "\nListenDatagram" not in text, "each address would have to be named"
    assert "\nBindIPv6Only=ipv6-only\n" in text


def test_what_is_left_open_is_explained() -> None:
    """C calls Python through closures; and 443 is the host's, not a user namespace's."""
    for name in ("MemoryDenyWriteExecute", "PrivateUsers"):
        assert re.search(rf"^# {name}.* left out", UNIT, re.MULTILINE)
        assert f"\n{name}=" not in UNIT


def test_the_least_an_operator_must_say_is_understood() -> None:
    assert load(ROOT / "debian/tests/settings.toml").service.origin


def test_a_unit_is_read_as_systemd_reads_it(tmp_path: Path) -> None:
    """The last value counts, an empty one begins anew, lists go on (systemd.syntax(7))."""
    file = tmp_path / "some.service"
    file.write_text(
        "[Unit]\nUser=nobody\n[Service]\n# User=root\nUser=one\nUser=two\n"
        "StateDirectory=a b\nLogsDirectory=gone\nLogsDirectory=\nStateDirectoryMode=0700\n"
        "TimeoutStopSec=2min\nNoNewPrivileges=yes\n"
    )
    unit = Unit.read(file)
    assert (unit.one("User"), unit.one("Group", "none")) == ("two", "none")
    assert unit.folders() == [("var/lib/a", "0700"), ("var/lib/b", "0700")]
    assert unit.seconds("TimeoutStopSec") == 120
    assert unit.is_on("NoNewPrivileges") and not unit.is_on("PrivateUsers")


SETS = """
@default
    # System calls that are always permitted
    execve
@file-system
    open
    chmod
@system-service
    # Shortcut
    @file-system
    socket
@privileged
    chmod
    bpf
"""


def test_what_a_unit_forbids_is_taken_from_what_it_allows_before() -> None:
    """SystemCallFilter= in systemd.exec(5): lists are worked off in order."""
    sets = read_sets(SETS)
    calls = allowed(["@system-service", "~@privileged", "bpf"], sets)
    assert calls == {"execve", "open", "socket", "bpf"}


def test_what_the_package_is_tested_with_needs_nothing_of_this_folder(tmp_path: Path) -> None:
    """It is taken along to where the package is installed, and the project is not."""
    for program in ("tests/smoke/strict_client.py", "debian/tests/demo.py"):
        shutil.copy(ROOT / program, tmp_path)
    subprocess.run([sys.executable, "-P", "-c", IMPORTED, tmp_path], cwd="/", check=True)

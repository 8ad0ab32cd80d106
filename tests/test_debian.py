"""The Debian package is of this version, and its unit says what the daemon needs."""

import re
from pathlib import Path

from procall_mobility import __version__
from procall_mobility.config import load
from procall_mobility.config.settings import Settings

ROOT = Path(__file__).parents[1]
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


def test_what_is_left_open_is_explained() -> None:
    """C calls Python through closures; and 443 is the host's, not a user namespace's."""
    for name in ("MemoryDenyWriteExecute", "PrivateUsers", "ProcSubset"):
        assert re.search(rf"^# {name}.* left out", UNIT, re.MULTILINE)
        assert f"\n{name}=" not in UNIT


def test_the_least_an_operator_must_say_is_understood() -> None:
    assert load(ROOT / "debian/tests/settings.toml").service.origin

"""A machine on which `setup` is run for the first time, in a folder of its own."""

import stat
from pathlib import Path
from typing import Any

from attrs import frozen
from click.testing import CliRunner

from examples.uc_demo.authority import make_certificates
from procall_mobility.cli import main
from procall_mobility.config import Settings, load
from tests.cli.conftest import Said

HOST = ("--host", "mobility.example.net")


def mode(file: Path) -> int:
    """Return who may do what with it."""
    return stat.S_IMODE(file.stat().st_mode)


@frozen
class Machine:
    """What `setup` finds and leaves."""

    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / "etc/procall-mobility.toml"

    @property
    def settings(self) -> Settings:
        return load(self.file)

    def run(self, *arguments: str, answers: str = "") -> Said:
        whole = ["--config", str(self.file), *arguments]
        result = CliRunner().invoke(main, whole, input=answers)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Said(result.exit_code, result.output)

    def setup(self, *options: str, answers: str = "") -> Said:
        """Run it without a look at this machine, which is another one for everybody."""
        where = ("--data", str(self.folder / "data"), "--no-checks")
        return self.run("setup", *where, *options, answers=answers)

    def facts(self, *options: str, answers: str = "") -> Any:
        said = self.setup("--json", *options, answers=answers)
        assert said.status == 0, said.text
        return said.facts

    def certificates(self, name: str) -> tuple[str, ...]:
        """Make a certificate for localhost, and return the options that name it."""
        folder = self.folder / name
        folder.mkdir()
        make_certificates(folder)
        files = ("--certificate", folder / "certificate.pem", "--key", folder / "key.pem")
        return tuple(map(str, files))

"""A settings file in a temporary folder, and the command line on it."""

import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen
from click.testing import CliRunner

from procall_mobility.cli import main
from procall_mobility.storage import passwords


@frozen
class Said:
    """What a command printed, and its exit status."""

    status: int
    text: str

    @property
    def facts(self) -> Any:
        return json.loads(self.text)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "procall-mobility.toml"
    file.write_text(
        f"""\
[service]
origin = "https://mobility.example.net"
data = "{tmp_path}"
[tls]
certificate = "{tmp_path}/certificate.pem"
key = "{tmp_path}/key.pem"
[store]
path = "{tmp_path}/data/customers.sqlite"
[admin]
socket = "{tmp_path}/admin.sock"
"""
    )
    return file


@pytest.fixture(autouse=True)
def _cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise each takes 60 ms."""
    monkeypatch.setattr(passwords, "COST", 2**4)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Yield a temporary folder that every account can look into; pytest's own are not."""
    with tempfile.TemporaryDirectory(prefix="procall-mobility-") as made:
        folder = Path(made)
        folder.chmod(0o755)
        yield folder


Command = Callable[..., Said]


@pytest.fixture
def command(config: Path) -> Command:
    def run(*arguments: str, answer: str | bytes | None = None) -> Said:
        result = CliRunner().invoke(main, ["--config", str(config), *arguments], input=answer)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Said(result.exit_code, result.output)

    return run

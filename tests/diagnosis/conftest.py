"""Settings with everything in a temporary folder."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from procall_mobility.config import Settings
from procall_mobility.config.loading import parse

Make = Callable[..., Settings]

WHERE = """\
[service]
origin = "https://localhost"
data = "{folder}"
[tls]
certificate = "{folder}/certificate.pem"
key = "{folder}/key.pem"
[store]
path = "{folder}/customers.sqlite"
[log]
access = "{folder}/access.log"
service = "{folder}/logs/service.log"
[admin]
socket = "{folder}/admin.sock"
"""


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Return a folder others may look into: pytest's own are closed, whoever opens them."""
    folder = Path(tempfile.mkdtemp(prefix="procall-mobility-test-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Return what makes settings; words of a section replace its heading and come after it."""

    def made(more: str = "", **replaced: str) -> Settings:
        text = WHERE.format(folder=tmp_path)
        for section, lines in replaced.items():
            text = text.replace(f"[{section}]\n", f"[{section}]\n{lines}\n")
        return parse(text + more)

    return made

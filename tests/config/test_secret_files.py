"""Which files hold secrets, and who may read them."""

from pathlib import Path

import pytest

from procall_mobility.config.daemon_settings import Admin, Tls
from procall_mobility.config.secret_files import exposed_secrets
from procall_mobility.config.settings import Settings


@pytest.mark.parametrize(("mode", "exposed"), [(0o600, False), (0o640, False), (0o644, True)])
def test_the_token_of_the_admin_pages_may_be_shared_with_a_group(
    tmp_path: Path, mode: int, exposed: bool
) -> None:
    """Prometheus reads the same file."""
    file = tmp_path / "token"
    file.touch()
    file.chmod(mode)
    settings = Settings(tls=Tls(key=""), admin=Admin(token_file=str(file)))
    assert [each.path for each in exposed_secrets(settings)] == ["admin.token_file"] * exposed

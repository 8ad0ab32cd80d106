"""`install-certificate`: what a deploy hook runs after each renewal."""

import os
from pathlib import Path

import pytest

from examples.uc_demo.authority import make_certificates
from tests.cli.conftest import Command


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an ACME client, with a certificate for localhost."""
    folder = tmp_path_factory.mktemp("issued")
    make_certificates(folder)
    (folder / "certificate.pem").rename(folder / "fullchain.pem")
    (folder / "key.pem").rename(folder / "privkey.pem")
    return folder


@pytest.fixture
def config(config: Path) -> Path:
    config.write_text(config.read_text().replace("mobility.example.net", "localhost"))
    return config


def test_what_certbot_names_is_put_where_the_settings_say(
    command: Command, issued: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RENEWED_LINEAGE", str(issued))
    said = command("install-certificate")
    assert said.status == 0
    assert said.text.startswith(f"{tmp_path}/certificate.pem: installed, for localhost, 127.0.0.1")
    for ours, theirs, mode in (("certificate", "fullchain", 0o644), ("key", "privkey", 0o600)):
        installed = tmp_path / f"{ours}.pem"
        assert installed.read_bytes() == (issued / f"{theirs}.pem").read_bytes()
        assert installed.stat().st_mode & 0o777 == mode


def test_a_second_time_touches_nothing(command: Command, issued: Path, tmp_path: Path) -> None:
    """The daemon would load it again."""
    assert command("install-certificate", "--folder", str(issued), "--json").facts["is_new"]
    before = (tmp_path / "key.pem").stat()
    facts = command("install-certificate", "--folder", str(issued), "--json").facts
    assert facts["is_new"] is False
    assert facts["names"] == ["localhost", "127.0.0.1", "::1"]
    assert (facts["certificate"], facts["key"]) == (
        f"{tmp_path}/certificate.pem",
        f"{tmp_path}/key.pem",
    )
    assert (tmp_path / "key.pem").stat() == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files to others")
def test_the_key_is_for_the_group_of_whom_the_daemons_folder_belongs_to(
    command: Command, config: Path, issued: Path, tmp_path: Path
) -> None:
    """And for nobody else: the daemon reads it, and cannot change it."""
    data = tmp_path / "data"
    data.mkdir()
    os.chown(data, 12_345, 12_346)
    config.write_text(config.read_text().replace(f'data = "{tmp_path}"', f'data = "{data}"'))
    assert command("install-certificate", "--folder", str(issued)).status == 0
    status = (tmp_path / "key.pem").stat()
    assert (status.st_uid, status.st_gid, status.st_mode & 0o777) == (0, 12_346, 0o640)


def test_a_pair_for_another_name_is_refused(command: Command, issued: Path, config: Path) -> None:
    """A hook that certbot runs for every certificate is to take this daemon's alone."""
    config.write_text(config.read_text().replace("localhost", "mobility.example.net"))
    said = command("install-certificate", "--folder", str(issued))
    assert said.status == 1
    assert "is for localhost, 127.0.0.1, ::1, not for mobility.example.net" in said.text


def test_a_pair_that_does_not_belong_together_is_refused(
    command: Command, issued: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    make_certificates(other)
    said = command(
        "install-certificate", "--certificate", str(issued / "fullchain.pem"),
        "--key", str(other / "key.pem"),
    )  # fmt: skip
    assert said.status == 1
    assert "the key of another certificate" in said.text
    assert not (tmp_path / "key.pem").exists()


def test_a_key_that_systemd_hands_over_cannot_be_renewed_so(
    command: Command, issued: Path, config: Path
) -> None:
    text = config.read_text().replace(f"{config.parent}/key.pem", "/run/credentials/x/key.pem")
    config.write_text(text)
    said = command("install-certificate", "--folder", str(issued))
    assert said.status == 1
    assert "/run/credentials/x/key.pem: systemd hands it to the daemon" in said.text


def test_settings_without_files_have_no_place_for_one(
    command: Command, issued: Path, config: Path
) -> None:
    config.write_text(
        '[service]\norigin = "https://localhost"\n[tls]\nkey = ""\ncertificate = ""\n'
        '[listen]\ntls = []\nhttp = ["127.0.0.1:8080"]\n[turn]\ntls = []\n'
    )
    said = command("install-certificate", "--folder", str(issued))
    assert said.status == 1
    assert "[tls] names no files" in said.text


def test_a_folder_that_cannot_be_written_is_told(
    command: Command, issued: Path, config: Path
) -> None:
    file = config.with_name("file")
    file.write_text("")
    config.write_text(config.read_text().replace(f"{config.parent}/key", f"{file}/key"))
    said = command("install-certificate", "--folder", str(issued))
    assert said.status == 1
    assert f"{file}" in said.text


@pytest.mark.parametrize(
    ("options", "wrong"),
    [
        ((), "which one?"),
        (("--certificate", "x.pem"), "belong together"),
        (("--key", "x.pem"), "belong together"),
    ],
)
def test_it_has_to_be_told_which_one(
    command: Command, options: tuple[str, ...], wrong: str
) -> None:
    said = command("install-certificate", *options)
    assert said.status == 2
    assert wrong in said.text

"""What is read of certificates and keys, and whom OpenSSL knows."""

import os
import time
from pathlib import Path
from typing import Any

import pytest

from procall_mobility.diagnosis.facts.certificate import look_at_certificate
from procall_mobility.diagnosis.facts.daemon import Account
from procall_mobility.diagnosis.facts.files import look_at_file
from procall_mobility.diagnosis.judgements.certificate import (
    SELF_SIGNED_ABOVE,
    CertificateFacts,
)
from procall_mobility.diagnosis.judgements.daemon import DaemonFacts
from procall_mobility.operations.admin_answer import Answer
from tests.diagnosis.certificates import Authority, write_key
from tests.diagnosis.conftest import Make

ME = Account("me", os.geteuid(), os.getegid(), is_mine=True)
NOBODY = Account("nobody", 65_534, 65_534, is_mine=False)
NO_DAEMON = DaemonFacts(socket="")


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    made = Authority()
    made.issue(tmp_path)
    made.write(tmp_path / "ca.pem")
    return made


def looked(make: Make, ca: Path | None = None, status: Any = None) -> CertificateFacts:
    daemon = DaemonFacts(socket="", status=None if status is None else Answer(status))
    return look_at_certificate(make(), ME, daemon, ca, time.time())


@pytest.mark.usefixtures("authority")
def test_a_good_pair_is_read_and_its_authority_known(make: Make, tmp_path: Path) -> None:
    facts = looked(make, tmp_path / "ca.pem")
    assert facts.host == "localhost"
    assert facts.problem is None
    assert facts.shown is not None
    assert facts.shown.dns_names == ("localhost",)
    assert facts.shown.last_issuer == "CN=An authority of tests"
    assert facts.shown.rsa_bits is None
    assert facts.shown.distrust is None


@pytest.mark.usefixtures("authority")
def test_an_authority_nobody_knows_is_told_apart(make: Make, tmp_path: Path) -> None:
    missing = looked(make).shown
    assert missing is not None
    assert missing.distrust is not None
    assert missing.distrust.code not in (SELF_SIGNED_ABOVE, 0)
    chain = tmp_path / "certificate.pem"
    chain.write_bytes(chain.read_bytes() + (tmp_path / "ca.pem").read_bytes())
    whole = looked(make, tmp_path / "no-such-file.pem").shown
    assert whole is not None
    assert whole.distrust is not None
    assert whole.distrust.code == SELF_SIGNED_ABOVE
    assert whole.length == 2


@pytest.mark.usefixtures("authority")
def test_a_key_of_another_certificate_is_known_as_such(make: Make, tmp_path: Path) -> None:
    write_key(tmp_path)
    assert looked(make).is_key_of_another
    (tmp_path / "key.pem").write_text("no key")
    facts = looked(make)
    assert not facts.is_key_of_another
    assert facts.problem is not None


@pytest.mark.usefixtures("authority")
def test_what_the_daemon_shows_is_compared(make: Make) -> None:
    until = "2027-01-26T12:00:00+00:00"
    facts = looked(make, status={"certificates": [{"until": until}]})
    assert facts.daemon_shows_until is not None
    assert facts.daemon_shows_until.isoformat() == until
    assert looked(make, status={"certificates": []}).daemon_shows_until is None
    for other in ("soon", "2027-01-26T12:00:00", 4):
        status = {"certificates": [{"until": other}]}
        assert looked(make, status=status).daemon_shows_until is None, "another version's"


def test_files_that_are_not_there_are_no_fault_of_the_doctor(make: Make) -> None:
    facts = looked(make)
    assert facts.shown is None
    assert facts.problem is None
    assert [each.is_there for each in facts.files] == [False, False]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can look in another's name")
def test_in_another_ones_name_the_kernel_is_asked(open_folder: Path) -> None:
    file = open_folder / "key.pem"
    file.write_text("x")
    file.chmod(0o640)
    facts = look_at_file("tls.key", file, NOBODY)
    assert not facts.is_readable
    assert (facts.owner, facts.mode) == ("root:root", "-rw-r-----")
    os.chown(file, 0, 65_534)
    assert look_at_file("tls.key", file, NOBODY).is_readable


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can look in another's name")
def test_a_folder_that_is_closed_is_found(open_folder: Path) -> None:
    closed = open_folder / "closed"
    closed.mkdir(mode=0o700)
    (closed / "key.pem").write_text("x")
    assert look_at_file("tls.key", closed / "key.pem", NOBODY).closed_folder == str(closed)
    stranger = Account("uid 64000", 64_000, 64_000, is_mine=False)
    os.chown(closed / "key.pem", 64_000, 64_000)
    facts = look_at_file("tls.key", closed / "key.pem", stranger)
    assert facts.owner == "64000:64000"

"""`customer key`: the keys customers' servers sign tokens by."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.cli.conftest import Command
from tests.protocols.push.pushes import ec_key, pem


@pytest.fixture
def acme(command: Command) -> Command:
    command("customer", "add", "acme")
    return command


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "acme.pem"
    made.write_bytes(
        ec_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    return made


def test_a_key_is_added_shown_and_removed(acme: Command, file: Path) -> None:
    assert "shows its password" in acme("customer", "key", "list", "acme").text
    said = acme("customer", "key", "add", "ACME", "--file", str(file))
    assert (said.status, said.text[:24]) == (0, "acme may sign tokens by ")
    (listed,) = acme("customer", "key", "list", "acme", "--json").facts
    assert listed["algorithm"] == "ES256"
    assert listed["key"] in acme("customer", "key", "list", "acme").text
    removed = acme("customer", "key", "remove", "acme", listed["key"])
    assert removed.status == 0
    assert acme("customer", "key", "list", "acme", "--json").facts == []


def test_what_is_wrong_is_named_with_its_cure(acme: Command, file: Path, tmp_path: Path) -> None:
    acme("customer", "key", "add", "acme", "--file", str(file))
    again = acme("customer", "key", "add", "acme", "--file", str(file))
    assert again.status == 1
    assert "has this key already" in again.text
    missing = acme("customer", "key", "add", "acme", "--file", str(tmp_path / "none"))
    assert missing.status == 1
    assert "No such file" in missing.text
    file.write_bytes(pem(ec_key()))
    private = acme("customer", "key", "add", "acme", "--file", str(file))
    assert private.status == 1
    assert "only the public one is needed" in private.text
    other = acme("customer", "key", "remove", "acme", "0123456789abcdef")
    assert other.status == 1
    assert "`customer key list acme`" in other.text

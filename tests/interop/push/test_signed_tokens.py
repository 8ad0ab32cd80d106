"""A customer's server signs tokens with PyJWT, and shows them in place of its password."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.daemon import PATIENCE
from tests.smoke.daemons import Daemons

jwt = pytest.importorskip("jwt")

pytestmark = pytest.mark.interop

ORIGIN = "https://mobility.example.net"
KEYS = {
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate(),
    "RS256": rsa.generate_private_key(65_537, 2048),
}


@pytest.fixture(scope="module")
def daemons(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemons]:
    made = Daemons(tmp_path_factory.mktemp("signed"))
    made.prepare()
    made.write_settings(**{"[service]\n": f'[service]\norigin = "{ORIGIN}"\n'})
    try:
        made.start_daemon()
        yield made
    finally:
        made.stop()


def add(daemons: Daemons, key: Any) -> str:
    file = daemons.folder / "key.pem.pub"
    file.write_bytes(
        key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    done = daemons.cli("customer", "key", "add", "acme", "--file", str(file), "--json")
    assert done.exit_code == 0, done.output
    added: str = json.loads(done.stdout)["key"]
    return added


def status(daemons: Daemons, token: str) -> int:
    request = urllib.request.Request(
        f"http://127.0.0.1:{daemons.http}/push/v1/check?channel=x",
        headers={"authorization": f"Bearer {token}"},
    )
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            code: int = answer.status
            return code
    except urllib.error.HTTPError as error:
        return error.code


def token(algorithm: str, key: Any) -> str:
    claims = {"iss": "acme", "aud": ORIGIN, "exp": int(time.time()) + 300}
    signed: str = jwt.encode(claims, key, algorithm=algorithm)
    return signed


@pytest.mark.parametrize("algorithm", KEYS)
def test_a_key_is_good_from_when_it_is_added_until_it_is_removed(
    daemons: Daemons, algorithm: str
) -> None:
    key = KEYS[algorithm]
    added = add(daemons, key)
    assert status(daemons, token(algorithm, key)) == 200
    done = daemons.cli("customer", "key", "remove", "acme", added)
    assert done.exit_code == 0, done.output
    assert status(daemons, token(algorithm, key)) == 401


def test_no_token_is_in_any_log(daemons: Daemons) -> None:
    books = daemons.log("access") + daemons.log("service")
    assert "wrong-token" in books
    assert "eyJ" not in books

"""A daemon that runs and is well: nothing is found, and a bundle of it has nothing secret."""

import base64
import http.client
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.daemon import PATIENCE, ROOT
from tests.diagnosis.time_server import time_server
from tests.ports import free_port
from tests.smoke.daemons import PASSWORD, Daemons
from tests.smoke.strict_client import StrictClient

pytestmark = pytest.mark.interop

TOKEN = {
    "endpoint": "https://127.0.0.1:{port}/wpush/v2/a-token-that-nobody-may-see",
    "keys": {
        "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcx"
        "aOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "auth": "BTBZMqHH6r4Tts7J_aSIgg",
    },
}
PAYLOAD = "what-alice-said-to-bob"
ICE_SECRET = "an-ice-secret-of-many-letters"
SEEN = {"v4": "203.0.113.57", "v6": "2001:db8:1:2ff:3::57", "server": "198.51.100.9"}
YESTERDAYS = """\
{when} acme session opened  client={v4} app=mobile user#7f3a91 via=node1
{when} acme session opened  client={v6} app=mobile user#02be77 via=node1
{when} other session opened  client={v4} app=mobile user#02be78 via=node1
{when} acme server link opened node1  client={server} server="UCServer 8.3"
"""


class Watched(Daemons):
    """A daemon with all that it can keep secret."""

    port: int = 0
    dead: int = 0

    def build(self) -> None:
        self.port, self.dead = free_port(), free_port()
        self.prepare()
        (self.folder / "ice-secret").write_text(ICE_SECRET)
        (self.folder / "ice-secret").chmod(0o600)
        self.write_settings(
            **{
                "[service]\n": f'[service]\norigin = "https://localhost:{self.tls}"\n',
                "[admin]\n": f'[admin]\nhttp = ["127.0.0.1:{self.port}"]\n',
                # Somebody who guesses is told so, however often that was before we look.
                "[demo]\n": "[back_off.server]\nfree = 1000\n[connections]\ntotal = 1000\n"
                "[turn.limits]\nallocations = 100\n"
                '[push]\nendpoints_inside = ["127.0.0.1"]\n[demo]\n',
                "urls = [": f'secret_file = "{self.folder}/ice-secret"\nurls = [',
            }
        )
        key = str(self.folder / "vapid.pem")
        self.must("push", "app", "key", key)
        app = ("web", "--provider", "webpush", "--credential-file", key)
        self.must("push", "app", "add", *app, "--subject", "mailto:push@example.net")

    def program_says(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        command = self.program(*arguments)
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    def doctor(self, *options: str) -> tuple[int, list[dict[str, str]]]:
        ca = str(self.folder / "ca.pem")
        done = self.program_says("doctor", "--json", "--ca", ca, *options)
        return done.returncode, json.loads(done.stdout)["findings"]

    def push(self) -> None:
        """Hand one in that waits: nobody listens where it goes."""
        token = json.loads(json.dumps(TOKEN).replace("{port}", str(self.dead)))
        message = {
            "channel": "web",
            "token": json.dumps(token),
            "kind": "chat",
            "payload": {"text": PAYLOAD},
        }
        login = base64.b64encode(f"acme:{PASSWORD}".encode()).decode()
        line = http.client.HTTPConnection("127.0.0.1", self.http, timeout=PATIENCE)
        body = json.dumps({"ucsid": "acme", "messages": [message]})
        headers = {"Content-Type": "application/json", "Authorization": f"Basic {login}"}
        line.request("POST", "/push/v1/messages", body, headers)
        answer = line.getresponse()
        assert answer.status == 202, answer.read()
        line.close()


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    running = Watched(tmp_path_factory.mktemp("daemon"))
    running.build()
    with running.linked():
        yield running


def test_where_all_is_well_nothing_is_found(daemon: Watched) -> None:
    with time_server() as server:
        status, found = daemon.doctor("--time-server", server)
    assert [each for each in found if each["state"] != "ok"] == []
    assert status == 0
    said = " ".join(each["what"] for each in found)
    assert "acme holds a link." in said
    assert f"The relay answers on this machine: 127.0.0.1:{daemon.turn} (UDP)" in said
    assert "The certificate for localhost is good until" in said


def test_from_outside_the_relay_is_seen_as_clients_see_it(daemon: Watched) -> None:
    way = f"stun:127.0.0.1:{daemon.turn},stuns:127.0.0.1:{daemon.tls}"
    status, found = daemon.doctor("--from-outside", way)
    assert status == 0
    assert found[0]["what"].startswith("The relay answers from here: ")


def test_a_bundle_has_all_that_helps_and_nothing_that_is_secret(
    daemon: Watched, tmp_path: Path
) -> None:
    """Searched octet by octet for whatever this set-up has to hide."""
    alice = StrictClient(daemon.http, tls=False)
    assert alice.log_on("alice", "alice", "acme.example") == 200
    alice.upgrade()
    credential = daemon.facts("turn", "credentials", "acme", "--user", "alice")
    daemon.push()
    _lines_of_before(daemon)
    file = tmp_path / "bundle.txt"
    done = daemon.program_says("support-bundle", "--since", "3d", "--output", str(file), "--json")
    assert done.returncode == 0, done.stderr
    text = file.read_bytes().decode()
    for wanted in (
        "acme session opened  client=127.0.0.1",
        "client=203.0.113.0/24 app=mobile user#7f3a91",
        "client=2001:db8:1:200::/56",
        'client=198.51.100.0/24 server="UCServer 8.3"',
        "lane=webpush:",
        "/readyz: 200",
        "procall_connections_limit 1000.0",
        "certificate: The certificate is of CN=ProCall Mobility demo authority",
        f"ice.servers[0].secret_file = {daemon.folder}/ice-secret",
    ):
        assert wanted in text
    for name, secret in _secrets(daemon, credential):
        assert secret not in text, name
    alice.close()


def test_a_bundle_of_one_customer_has_no_other(daemon: Watched, tmp_path: Path) -> None:
    _lines_of_before(daemon)
    file = tmp_path / "bundle.txt"
    options = ("--customer", "acme", "--since", "3d", "--output", str(file))
    done = daemon.program_says("support-bundle", *options)
    assert done.returncode == 0, done.stderr
    text = file.read_text()
    assert "user#7f3a91" in text
    assert "user#02be78" not in text
    assert "lines of other customers" in text


def test_a_server_with_a_wrong_password_is_told_of(daemon: Watched, tmp_path: Path) -> None:
    (tmp_path / "right").write_text("the right one of the other")
    (tmp_path / "wrong").write_text("a wrong one of the other!!")
    daemon.must("customer", "add", "other", "--password-file", str(tmp_path / "right"))
    wrong = str(tmp_path / "wrong")
    daemon.start_server("--port", str(daemon.link), "--ucsid", "other", "--password-file", wrong)
    daemon.until(lambda: "server link refused" in daemon.log("access"))
    status, found = daemon.doctor()
    assert status == 1
    (refused,) = [each for each in found if each["state"] == "wrong"]
    assert refused["reason"] == "link-wrong-password"
    assert "other holds no link; its last one from 127.0.0.1 failed" in refused["what"]
    assert "the password of this UCSID is another" in refused["what"]
    assert "customer rotate-password other` makes a new one" in refused["cure"]


def test_a_server_that_does_not_take_our_certificate_is_told_of(daemon: Watched) -> None:
    """As behind a firewall that opens TLS: it breaks off before it says whose it is."""
    daemon.start_server("--port", str(daemon.tls), "--ucsid", "other", "--security", "tls")
    daemon.until(lambda: "tls-failed" in daemon.log("access"))
    _, found = daemon.doctor()
    told = [each for each in found if each["reason"].endswith("-tls-failed")]
    assert told
    assert "the TLS handshake failed" in told[0]["what"]
    assert "TLS inspection" in told[0]["cure"]


def _lines_of_before(daemon: Watched) -> None:
    """What the access book said of strangers yesterday, before it was rotated."""
    first = daemon.log("access").split(" ", 1)[0]
    old = YESTERDAYS.format(when=first, **SEEN)
    (daemon.folder / "access.log.1").write_text(f"{old}a line with {PASSWORD} of somebody else\n")


def _secrets(daemon: Watched, credential: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield whatever nobody may see, by what it is."""
    yield "the server's password", PASSWORD
    yield "the payload of a push", PAYLOAD
    yield "the token of a push", "a-token-that-nobody-may-see"
    yield "its keys", TOKEN["keys"]["p256dh"]  # type: ignore[index]
    yield "a secret of the ICE servers", ICE_SECRET
    yield "a credential of the relay", credential["credential"]
    yield "a user's name", "alice"
    yield "another's name", "bob"
    for name, address in SEEN.items():
        yield f"an address, {name}", address
    for file in ("key.pem", "vapid.pem", "admin.token"):
        for line in (daemon.folder / file).read_text().splitlines():
            if not line.startswith("-----"):
                yield f"a line of {file}", line
    for file in ("push.key", "pseudonyms.key"):
        octets = (daemon.folder / file).read_bytes()
        yield file, octets.hex()
        yield file, base64.b64encode(octets).decode().rstrip("=")
        yield file, octets.decode("latin-1")

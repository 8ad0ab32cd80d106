"""A UnifiedPush server of somebody's own that speaks HTTP/1.1 alone, and the whole gateway."""

import http.server
import json
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.interop.push.running import running_simulators
from tests.interop.push.town import Town, message, settle
from tests.smoke.daemons import Daemons
from tests.transports.http2.tls import Authority

pytestmark = pytest.mark.interop


@define(eq=False)
class PushServer:
    """Python's own HTTP server, with TLS and without ALPN."""

    folder: Path
    authority: Authority = field(factory=Authority)
    heard: list[tuple[str, dict[str, str], bytes]] = field(factory=list)
    status: int = 201
    server: http.server.ThreadingHTTPServer = field(init=False)

    def __attrs_post_init__(self) -> None:
        outer = self

        class Answering(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                fields = {name.lower(): value for name, value in self.headers.items()}
                outer.heard.append((self.path, fields, body))
                self.send_response(outer.status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        pair, file = self.authority.issue("127.0.0.1"), self.folder / "server.pem"
        file.write_bytes(
            pair.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            + pair.chain[0].public_bytes(Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def origin(self) -> str:
        return f"https://127.0.0.1:{self.server.server_port}"

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@define(kw_only=True)
class OwnTown(Town):
    """A town with a push server of its own."""

    server: PushServer


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnTown]:
    folder = tmp_path_factory.mktemp("push")
    server = PushServer(folder)
    with running_simulators(folder / "providers") as providers:
        made = OwnTown(daemons=Daemons(folder), providers=providers, server=server)
        with Path(providers.facts["ca"]).open("ab") as trusted:
            trusted.write(server.authority.certificate.public_bytes(Encoding.PEM))
        try:
            settle(made, 'endpoints_inside = ["127.0.0.1"]\n')
            key = str(folder / "vapid.pem")
            made.does("push", "app", "key", key)
            made.does("push", "app", "add", "web.demo", "--provider", "webpush",
                      "--credential-file", key, "--subject", "https://example.com")  # fmt: skip
            yield made
        finally:
            made.daemons.stop()
            server.stop()


def test_pushes_arrive_by_http1_one_after_another_and_at_a_time(town: OwnTown) -> None:
    chats = [message("web.demo", f"{town.server.origin}/up?id={number}") for number in range(40)]
    status, results = town.posts(*chats)
    assert (status, {each["status"] for each in results}) == (202, {"sent"})
    assert {path for path, _, _ in town.server.heard} == {f"/up?id={n}" for n in range(40)}
    said = {json.loads(body)["id"] for _, _, body in town.server.heard}
    assert said == {each["id"] for each in chats}
    for _, fields, _ in town.server.heard:
        assert int(fields["ttl"]) > 0
        assert "authorization" not in fields


def test_an_endpoint_that_is_no_more_is_not_called_again(town: OwnTown) -> None:
    town.server.status = 404
    gone = f"{town.server.origin}/gone"
    _, (result,) = town.posts(message("web.demo", gone))
    assert (result["status"], result["reason"]) == ("token_gone", "http-404")
    assert town.posts(message("web.demo", gone))[0] == 410
    assert len([path for path, _, _ in town.server.heard if path == "/gone"]) == 1


def test_a_redirection_is_not_followed(town: OwnTown) -> None:
    """It may lead where the endpoint itself might not."""
    town.server.status = 302
    _, (result,) = town.posts(message("web.demo", f"{town.server.origin}/moved"))
    assert (result["status"], result["reason"]) == ("rejected", "http-302")

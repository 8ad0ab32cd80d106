"""The HTTP site: Wire 1 and 2 as octets."""

import json
from pathlib import Path

import pytest
from attrs import frozen
from twisted.internet.error import ConnectionDone
from twisted.python.failure import Failure

from procall_mobility.gateway.customer_door import Reply
from procall_mobility.protocols.ucclient.http_answer import HttpAnswer
from procall_mobility.protocols.ucclient.intentions import HttpRequest
from tests.transports.sites import Site, parsed


@frozen
class Echo:
    """A desk that says what it was asked for."""

    prefix: str

    def wants(self, path: str) -> bool:
        return path.startswith(self.prefix)

    def serve(self, request: HttpRequest, reply: Reply) -> None:
        query = [f"{name}={value}" for name, value in request.query]
        said = [f"{self.prefix}: {request.path}", *query, request.body.decode()]
        body = " ".join(filter(None, said)).encode()
        reply(HttpAnswer(200, (("Content-Length", str(len(body))),), body))


class TestHttp:
    def test_a_look_up_has_its_length_and_no_chunks(self) -> None:
        """Wire 1.1: the published Node client looks for Content-Length."""
        site = Site()
        site.house.registers()
        status, headers, body = site.asks("GET /controller/client/ucws?ucsid=acme")
        assert status == 200
        assert headers["content-length"] == str(len(body))
        assert "transfer-encoding" not in headers
        assert json.loads(body) == {"redirect": "https://mobility.example.net"}

    def test_nothing_is_said_in_a_204(self) -> None:
        status, headers, body = Site().asks("GET /controller/client/ucws?ucsid=nobody")
        assert (status, body) == (204, b"")
        assert "server" not in headers

    def test_head_has_no_body(self) -> None:
        site = Site()
        site.house.registers()
        _, _, body = site.asks("HEAD /controller/client/ucws?ucsid=acme")
        assert body == b""

    def test_a_body_that_is_too_large_is_refused_whatever_it_says_of_its_length(self) -> None:
        status, headers, said = Site().asks(
            "POST /ws/client/createsession?ucsid=acme", b"x" * 2000
        )
        assert (status, headers["connection"]) == (413, "close")
        told = json.loads(said)
        assert (told["error"], told["limit"]) == ("too-large", 1000)
        channel, wire = Site().connects()
        channel.dataReceived(
            b"POST /ws/client/createsession?ucsid=acme HTTP/1.1\r\nHost: x\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n" + b"5dc\r\n" + b"x" * 1500 + b"\r\n0\r\n\r\n"
        )
        assert parsed(wire.said())[0] == 413

    def test_a_form_is_a_body_like_any_other(self) -> None:
        """What is in it is no parameter of the query, and no rule of MIME can spoil it."""
        site = Site(desks=(Echo("/a"),))
        for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
            _, _, said = site.asks("POST /a?b=1&c=", b"d=2", Content_Type=kind)
            assert said == b"/a: /a b=1 c= d=2"

    def test_headers_are_bounded(self) -> None:
        channel, wire = Site().connects()
        channel.dataReceived(b"GET / HTTP/1.1\r\nX: " + b"x" * 10_000 + b"\r\n\r\n")
        assert wire.said().startswith(b"HTTP/1.1 400") or wire.disconnecting

    @pytest.mark.parametrize("length", ["9" * 19, "9" * 5000, "0" * 5000])
    def test_a_length_nobody_can_mean_is_a_bad_request(self, length: str) -> None:
        """Python reads no number of more than 4,300 digits, and says so by a ValueError."""
        channel, wire = Site().connects()
        channel.dataReceived(
            f"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n".encode()
        )
        assert wire.said().startswith(b"HTTP/1.1 400")
        assert wire.disconnecting

    def test_a_client_that_left_gets_no_answer(self) -> None:
        site = Site()
        server = site.house.registers()
        channel, wire = site.connects()
        head = b"GET /ws/client/createsession?ucsid=acme&user=a&pass=a HTTP/1.1\r\nHost: x\r\n\r\n"
        channel.dataReceived(head)

        channel.connectionLost(Failure(ConnectionDone()))
        server.answers_with(site.house.now, {"u8sSessionID": "S", "negotiateresult": {}})
        server.errs_with(site.house.now, {"iErrorDetail": 101})
        assert wire.said() == b""

    def test_a_desk_gets_what_it_wants_and_the_gateway_the_rest(self) -> None:
        site = Site(desks=(Echo("/echo/"), Echo("/e")))
        assert site.asks("GET /echo/1%2B1")[2] == b"/echo/: /echo/1+1"
        assert site.asks("GET /elsewhere")[2] == b"/e: /elsewhere"
        assert site.asks("GET /other")[0] == 404

    def test_no_access_line_shows_passwords(self, capsys: pytest.CaptureFixture[str]) -> None:
        Site().asks("GET /ws/client/createsession?ucsid=acme&user=alice&pass=topsecret")
        assert "topsecret" not in "".join(capsys.readouterr())


class TestDemoFiles:
    def test_files_are_served_under_a_strict_policy(self, tmp_path: Path) -> None:
        (tmp_path / "index.html").write_text("<p>hello")
        # HEAD: the body of a file is sent in pieces by a running reactor.
        status, headers, _ = Site(tmp_path).asks("HEAD /demo/")
        assert (status, headers["content-length"]) == (200, "8")
        assert headers["content-security-policy"].startswith("default-src 'none'")

    def test_nothing_outside_the_folder_and_no_listing(self, tmp_path: Path) -> None:
        (tmp_path / "web").mkdir()
        (tmp_path / "secret").write_text("x")
        site = Site(tmp_path / "web")
        assert site.asks("GET /demo/../secret")[0] == 404
        assert site.asks("GET /demo/%2e%2e/secret")[0] == 404
        assert site.asks("GET /demo/")[0] == 404

    def test_without_a_demo_there_is_none(self) -> None:
        assert Site().asks("GET /demo/")[0] == 404

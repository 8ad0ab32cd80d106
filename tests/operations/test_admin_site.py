"""The admin listener's pages over HTTP, as bytes."""

import json

import pytest
from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred
from twisted.internet.testing import MemoryReactorClock, StringTransport
from twisted.logger import capturedLogs
from twisted.python.failure import Failure

from procall_mobility.operations.admin_site import (
    IDLE,
    MOST_CONNECTIONS,
    TOLD_EVERY,
    WRONG_AFTER,
    Page,
    Told,
    admin_factory,
    as_json,
)
from procall_mobility.operations.bearer import Bearer

TOKEN = b"a-token-of-our-own-0815"
PEER = IPv4Address("TCP", "127.0.0.1", 50_000)


class House:
    """A site in memory."""

    def __init__(self, bearer: Bearer) -> None:
        self.later: list[Deferred[Told]] = []
        self.shown: list[bytes | None] = []
        self.reactor = MemoryReactorClock()
        pages = {
            b"/metrics": Page(self.tell_later),
            b"/healthz": Page(
                lambda: as_json(200, {"status": "alive"}), is_open=True, is_local=True
            ),
            b"/broken": Page(self.fail, is_open=True),
            b"/tagged": Page(lambda: Told(200, "text/css", b"a{}", {"ETag": '"1"'}), is_open=True),
            b"/pass": Page(None, acts={b"POST": self.act}),
        }
        self.factory = admin_factory(pages, bearer.admits, self.reactor)
        self.factory.doStart()

    def tell_later(self) -> "Deferred[Told]":
        self.later.append(Deferred())
        return self.later[-1]

    def act(self, shown: bytes | None) -> Told:
        self.shown.append(shown)
        return as_json(201, {})

    def fail(self) -> Told:
        raise RuntimeError("with a secret")

    def connect(self) -> tuple[object, StringTransport]:
        protocol = self.factory.buildProtocol(PEER)
        assert protocol is not None
        transport = StringTransport(peerAddress=PEER)
        protocol.makeConnection(transport)
        return protocol, transport

    def asks(
        self, line: str, *headers: bytes, body: bytes = b"", host: bytes = b"localhost"
    ) -> StringTransport:
        protocol, transport = self.connect()
        head = [f"{line} HTTP/1.1".encode(), b"Host: " + host, *headers]
        protocol.dataReceived(b"\r\n".join(head) + b"\r\n\r\n" + body)
        return transport


@pytest.fixture
def house(tmp_path) -> House:
    (tmp_path / "token").write_bytes(TOKEN)
    return House(Bearer(tmp_path / "token", makes=False))


def read(transport: StringTransport) -> tuple[int, dict[str, str], bytes]:
    head, _, body = transport.value().partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines)
    return int(first.split()[1]), headers, body


AUTHORIZED = b"Authorization: Bearer " + TOKEN


def test_health_is_told_to_everybody(house: House) -> None:
    status, headers, body = read(house.asks("GET /healthz"))
    assert (status, json.loads(body)) == (200, {"status": "alive"})
    assert headers["content-type"] == "application/json"
    assert headers["cache-control"] == "no-store"
    assert "server" not in headers


def test_a_page_of_elsewhere_is_not_told_how_it_goes(house: House) -> None:
    """Its name may point to this machine for once (DNS rebinding), and its browser be here."""
    status, _, body = read(house.asks("GET /healthz", host=b"evil.example:8081"))
    assert (status, json.loads(body)) == (401, {"error": "unauthorized"})
    assert read(house.asks("GET /tagged", host=b"evil.example:8081"))[0] == 200


def test_whoever_shows_the_token_may_come_by_a_proxys_name(house: House) -> None:
    proxied = house.asks("GET /healthz", AUTHORIZED, host=b"mobility.example.net")
    assert read(proxied)[0] == 200
    guess = b"Authorization: Bearer a-guess-of-somebody"
    guessed = house.asks("GET /healthz", guess, host=b"mobility.example.net")
    assert guessed.value() == b""  # It waits, as everywhere.


def test_everything_else_wants_the_token(house: House) -> None:
    status, headers, _ = read(house.asks("GET /metrics"))
    assert (status, headers["www-authenticate"]) == (401, "bearer")
    assert house.later == []


def test_whoever_guesses_waits_for_the_answer(house: House) -> None:
    """With all connections there are, somebody can try a hundred a second."""
    transport = house.asks("GET /metrics", b"Authorization: Bearer wrong-wrong-wrong")
    house.reactor.advance(WRONG_AFTER - 0.01)
    assert transport.value() == b""
    house.reactor.advance(0.01)
    assert read(transport)[0] == 401
    assert house.later == []


def test_guesses_are_told_once_a_minute(house: House) -> None:
    with capturedLogs() as events:
        for _ in range(5):
            house.asks("GET /metrics", b"Authorization: Bearer wrong-wrong-wrong")
        house.reactor.advance(TOLD_EVERY)
        house.asks("GET /metrics", b"Authorization: Bearer wrong-wrong-wrong")
    told = [each for each in events if each["log_namespace"].endswith("admin_site.AdminResource")]
    assert [(each["log_format"], each["count"]) for each in told] == [
        ("wrong or outdated token shown to the admin pages", 1),
        ("wrong or outdated token shown to the admin pages", 5),
    ]
    assert "wrong-wrong" not in str(told)


def test_whoever_shows_the_token_is_told_when_it_is_known(house: House) -> None:
    transport = house.asks("GET /metrics", AUTHORIZED)
    assert transport.value() == b""
    house.later[0].callback(Told(200, "text/plain", b"all is well\n"))
    status, headers, body = read(transport)
    assert (status, headers["content-length"], body) == (200, "12", b"all is well\n")


def test_the_query_is_nobodys_business(house: House) -> None:
    assert read(house.asks("GET /healthz?verbose"))[0] == 200


@pytest.mark.parametrize(
    "path", ["/", "/metrics/", "/Healthz", "/healthz/x", "/../metrics", "/%68ealthz"]
)
def test_unknown_paths_are_not_found(house: House, path: str) -> None:
    assert read(house.asks(f"GET {path}", AUTHORIZED))[0] == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_pages_are_only_read(house: House, method: str) -> None:
    status, headers, _ = read(house.asks(f"{method} /healthz", AUTHORIZED, b"Content-Length: 0"))
    assert (status, headers["allow"]) == (405, "get, head")


def test_what_can_be_done_is_given_what_was_shown_and_cannot_be_read(house: House) -> None:
    assert read(house.asks("POST /pass", AUTHORIZED, b"Content-Length: 0"))[0] == 201
    assert house.shown == [b"Bearer " + TOKEN]
    status, headers, _ = read(house.asks("GET /pass", AUTHORIZED))
    assert (status, headers["allow"]) == (405, "post")


def test_what_has_not_changed_is_not_sent_again(house: House) -> None:
    """RFC 9110 section 13.1.2."""
    status, headers, body = read(house.asks("GET /tagged"))
    assert (status, headers["etag"], body) == (200, '"1"', b"a{}")
    status, _, body = read(house.asks("GET /tagged", b'If-None-Match: "1"'))
    assert (status, body) == (304, b"")
    assert read(house.asks("GET /tagged", b'If-None-Match: "2"'))[2] == b"a{}"


def test_a_head_has_no_body(house: House) -> None:
    status, headers, body = read(house.asks("HEAD /healthz"))
    assert (status, body) == (200, b"")
    assert int(headers["content-length"]) > 0


def test_nothing_of_a_body_is_kept(house: House) -> None:
    """A million octets for nothing: neither memory nor a file is taken."""
    transport = house.asks("GET /healthz", b"Content-Length: 1000000", body=b"x" * 1_000_000)
    assert read(transport)[0] == 200


def test_a_fault_of_ours_is_told_to_nobody_and_counted(house: House) -> None:
    with capturedLogs() as events:
        status, _, body = read(house.asks("GET /broken"))
    assert (status, json.loads(body)) == (500, {"error": "internal"})
    assert [each["log_format"] for each in events if "log_failure" in each] == [
        "an admin page failed"
    ]


def test_whoever_has_gone_is_told_nothing(house: House) -> None:
    protocol, transport = house.connect()
    protocol.dataReceived(b"GET /metrics HTTP/1.1\r\nHost: x\r\n" + AUTHORIZED + b"\r\n\r\n")
    protocol.connectionLost(Failure(ConnectionError()))
    house.later[0].callback(Told(200, "text/plain", b"too late"))
    assert transport.value() == b""


def test_there_is_a_bounded_number_of_connections(house: House) -> None:
    open_ones = [house.connect()[0] for _ in range(MOST_CONNECTIONS)]
    assert house.factory.buildProtocol(PEER) is None
    open_ones[0].connectionLost(Failure(ConnectionError()))
    assert house.factory.buildProtocol(PEER) is not None


def test_a_connection_that_says_nothing_is_let_go(house: House) -> None:
    _, transport = house.connect()
    house.reactor.advance(IDLE + 1)
    assert transport.disconnecting

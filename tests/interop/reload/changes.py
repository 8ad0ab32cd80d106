"""Kinds of change, each with what is seen of it from outside; nobody else may notice."""

import base64
import json
from collections.abc import Callable
from contextlib import ExitStack

from tests.interop.reload.house import House, changed, connected, is_open
from tests.interop.reload.looks import (
    answered,
    client_of,
    guess,
    ice_servers,
    is_dropped,
    metrics,
    posts,
    until,
)
from tests.interop.reload.relay_changes import RELAY_CHANGES
from tests.interop.turn.stun_codec import Method, message
from tests.smoke.strict_client import StrictClient

ORIGIN = "https://other.example.net"
LOOK_UP = b"GET /controller/client/ucws?ucsid=acme HTTP/1.1\r\nHost: x\r\n\r\n"


def another_certificate(house: House) -> None:
    before = house.shown_certificate()
    folder = house.certificate("other")
    took = house.takes_over(
        tls__certificate=f'"{folder}/certificate.pem"', tls__key=f'"{folder}/key.pem"'
    )
    assert took == ["tls.certificate", "tls.key"]
    assert house.shown_certificate() != before


def a_certificate_in_the_place_of_the_one_before(house: House) -> None:
    """The settings stay the same: it is read again all the same."""
    before, folder = house.shown_certificate(), house.certificate("renewed")
    for name in ("certificate.pem", "key.pem"):
        (folder / name).replace(house.folder / name)
    assert house.takes_over() == []
    assert house.shown_certificate() != before


def a_port_more(house: House) -> None:
    port, usual = house.spare[0], house.town.daemons.http
    assert not is_open(port)
    took = house.takes_over(listen__http=f'["127.0.0.1:{usual}", "127.0.0.1:{port}"]')
    assert took == ["listen.http"]
    assert StrictClient(port).look_up("acme") is not None
    assert f"http 127.0.0.1:{port}" in house.status()["listening"]


def another_port_for_servers(house: House) -> None:
    """The server that is connected stays; the port it came by is closed."""
    port, usual = house.spare[1], house.town.daemons.link
    assert house.takes_over(listen__link=f'["127.0.0.1:{port}"]') == ["listen.link"]
    assert is_open(port)
    assert until(lambda: not is_open(usual))
    assert len(house.status()["links"]) == 1


def all_addresses_in_place_of_one(house: House) -> None:
    """On the same port, which is never closed."""
    port = house.town.daemons.tls
    assert house.takes_over(listen__tls=f'["0.0.0.0:{port}"]') == ["listen.tls"]
    assert is_open(port, "127.0.0.7")


def a_port_for_something_else(house: House) -> None:
    """What took clients by HTTP takes those of the relay: the port is never closed."""
    port, usual = house.spare[2], house.town.daemons.http
    house.takes_over(listen__http=f'["127.0.0.1:{usual}", "127.0.0.1:{port}"]')
    with connected(port) as early:
        early.sendall(LOOK_UP)
        assert answered(early).startswith(b"HTTP/1.1 200")
        took = house.takes_over(turn__tcp=f'["127.0.0.1:{port}"]')
        assert took == ["listen.http", "turn.tcp"]
        early.sendall(LOOK_UP)
        assert answered(early).startswith(b"HTTP/1.1 200"), "it goes on as it began"
    with connected(port) as late:
        late.sendall(message(Method.BINDING))
        assert late.recv(1000)[:2] == b"\x01\x01"


def a_load_balancer(house: House) -> None:
    """Whoever comes from there has to say for whom; others need not."""
    assert house.takes_over(listen__proxy_from='["127.0.0.9/32"]') == ["listen.proxy_from"]
    assert house.asks("/", source="127.0.0.9")[0] == 0
    assert house.asks("/", source="127.0.0.8")[0] != 0


def fewer_connections_of_one_address(house: House) -> None:
    assert house.takes_over(connections__per_address="20") == ["connections.per_address"]
    with ExitStack() as opened:
        for _ in range(20):
            opened.enter_context(connected(house.town.daemons.http, "127.0.0.6"))
        assert until(lambda: is_dropped(house, "127.0.0.6"))


def smaller_bodies(house: House) -> None:
    assert posts(house, 2000) != 413
    assert house.takes_over(ucclient__body_size="1000") == ["ucclient.body_size"]
    assert posts(house, 2000) == 413


def sessions_that_end_with_their_socket(house: House) -> None:
    client = StrictClient(house.town.daemons.http)
    assert client.log_on("alice", "alice", "acme") == 200
    client.upgrade()
    assert house.takes_over(ucclient__grace="0") == ["ucclient.grace"]
    before = house.status()["sessions"]
    client.close()
    assert until(lambda: house.status()["sessions"] == before - 1)


def another_word_for_a_bad_session(house: House) -> None:
    took = house.takes_over(assumptions__a16_bad_session_status="404")
    assert took == ["assumptions.a16_bad_session_status"]
    assert house.asks("/ws/client/oneshot/asnX?x-ucsessionid=NONE", b"{}")[0] == 404


def a_longer_wait_for_guessers(house: House) -> None:
    took = house.takes_over(back_off__user__free="0", back_off__user__base="60")
    assert took == ["back_off.user.base", "back_off.user.free"]
    guesses = [guess(house, "mallory") for _ in range(2)]
    assert [b"too many attempts" in each for each in guesses] == [False, True]


def another_name_for_clients(house: House) -> None:
    took = house.takes_over(service__origin=f'"{ORIGIN}"', demo__origin_from_request="false")
    assert took == ["service.origin", "demo.origin_from_request"]
    assert (StrictClient(house.town.daemons.http).look_up("acme") or "").startswith(ORIGIN)


def other_servers_for_calls(house: House) -> None:
    """The customer's server hears of them, and its clients get them."""
    house.file("shared", "a-shared-secret")
    server = f'{{ urls = ["turn:t.example.net"], secret_file = "{house.folder}/shared" }}'
    assert house.takes_over(ice__servers=f"[{server}]") == ["ice.servers"]
    client = client_of(house)
    assert until(lambda: "turn:t.example.net" in ice_servers(client))
    client.close()


def fewer_requests_of_other_push_interfaces(house: House) -> None:
    took = house.takes_over(push__limits__sender_burst="1", push__limits__sender_rate="0.01")
    assert took == ["push.limits.sender_rate", "push.limits.sender_burst"]
    body = b'{"notification": {"devices": []}}'
    told = [house.asks("/_matrix/push/v1/notify", body)[0] for _ in range(3)]
    assert told[-1] == 429


def another_access_log(house: House) -> None:
    """In another form, too."""
    file = house.folder / "other-access.log"
    took = house.takes_over(log__access=f'"{file}"', log__format='"json"')
    assert took == ["log.access", "log.format"]
    client = client_of(house)
    client.close()
    assert until(file.exists)
    events = [json.loads(line)["event"] for line in file.read_text().splitlines()]
    assert "session opened" in events


def another_service_log(house: House) -> None:
    """What has changed stands in the new one already."""
    file = house.folder / "other-service.log"
    text = house.says(log__service=f'"{file}"', log__level='"debug"')
    assert changed(house.reload(text, file)) == ["log.service", "log.level"]


def admin_pages(house: House) -> None:
    """Metrics, health and the status page, of which nothing was there before."""
    port = house.spare[3]
    house.file("token", "a-token-of-our-own-0815")
    took = house.takes_over(
        admin__http=f'["127.0.0.1:{port}"]',
        admin__token_file=f'"{house.folder}/token"',
        admin__customers_in_metrics="true",
    )
    assert took == ["admin.http", "admin.token_file", "admin.customers_in_metrics"]
    assert metrics(port, "a-token-of-our-own-0815").count('customer="acme"') > 0
    house.file("token", "another-token-of-our-own")
    assert house.takes_over(
        admin__http=f'["127.0.0.1:{port}"]', admin__token_file=f'"{house.folder}/token"'
    ) == ["admin.customers_in_metrics"]
    assert metrics(port, "a-token-of-our-own-0815") == "401"
    assert 'customer="acme"' not in metrics(port, "another-token-of-our-own")


def pages_of_a_demo(house: House) -> None:
    house.file("web/hello.html", "hello", 0o644)
    assert house.asks("/demo/hello.html")[0] == 404
    assert house.takes_over(demo__web_root=f'"{house.folder}/web"') == ["demo.web_root"]
    assert house.asks("/demo/hello.html")[1] == b"hello"


def other_paths_for_servers(house: House) -> None:
    took = house.takes_over(assumptions__a24_link_paths='["/ws/elsewhere"]')
    assert took == ["assumptions.a24_link_paths"]
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec_WebSocket_Key": base64.b64encode(bytes(16)).decode(),
        "Sec_WebSocket_Version": "13",
    }
    with connected(house.town.daemons.http) as sock:
        lines = [f"{name.replace('_', '-')}: {value}" for name, value in upgrade.items()]
        head = ["GET /ws/elsewhere HTTP/1.1", "Host: 127.0.0.1", *lines, "", ""]
        sock.sendall("\r\n".join(head).encode())
        assert sock.recv(1000).startswith(b"HTTP/1.1 101")


def what_waits_for_a_restart(house: House) -> None:
    """It is named in the log and in the status, and what does not wait is in force."""
    lines = house.reload(house.says(turn__ports='"50000-50100"', ucclient__body_size="1000"))
    assert changed(lines) == ["ucclient.body_size"]
    (line,) = [each for each in lines if "waits for a restart" in each]
    assert " warn " in line
    assert "name=turn.ports" in line
    assert 'reason="relays are open there"' in line
    assert [each["path"] for each in house.status()["waiting"]] == ["turn.ports"]
    assert "1 setting waits for a restart" in house.told
    assert posts(house, 2000) == 413
    house.takes_over()
    assert house.status()["waiting"] == []


CHANGES: tuple[Callable[[House], None], ...] = (
    another_certificate,
    a_certificate_in_the_place_of_the_one_before,
    a_port_more,
    another_port_for_servers,
    all_addresses_in_place_of_one,
    a_port_for_something_else,
    a_load_balancer,
    fewer_connections_of_one_address,
    smaller_bodies,
    sessions_that_end_with_their_socket,
    another_word_for_a_bad_session,
    a_longer_wait_for_guessers,
    another_name_for_clients,
    other_servers_for_calls,
    *RELAY_CHANGES,
    fewer_requests_of_other_push_interfaces,
    another_access_log,
    another_service_log,
    admin_pages,
    pages_of_a_demo,
    other_paths_for_servers,
    what_waits_for_a_restart,
)

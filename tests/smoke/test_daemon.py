"""The daemon as it runs: a strict client, a lenient one, a real server process, signals."""

import contextlib
import json
import signal
import socket
from collections.abc import Iterator

import pytest

from examples.uc_demo.authority import make_certificates
from tests.daemon import PATIENCE
from tests.smoke.daemons import PASSWORD, Daemons
from tests.smoke.strict_client import StrictClient


@pytest.fixture(scope="module")
def daemons(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemons]:
    """One daemon and one server for all tests that leave them as they were."""
    running = Daemons(tmp_path_factory.mktemp("daemon"))
    running.prepare()
    with running.linked():
        yield running


@pytest.mark.parametrize("tls", [False, True])
def test_a_strict_client_does_everything_a_client_does(daemons: Daemons, tls: bool) -> None:
    """C1: look-up, log-on, subscribe, an event, keep-alive, log-off."""
    port = daemons.tls if tls else daemons.http
    alice = StrictClient(port, tls=tls)
    scheme = "https" if tls else "http"
    assert alice.look_up("acme.example") == f"{scheme}://127.0.0.1:{port}"
    assert alice.look_up("nobody") is None
    assert alice.log_on("alice", "alice", "acme.example") == 200
    alice.upgrade()
    presence = alice.call("asnGetAndSubscribePresenceV2", {"seqContactIDs": []})
    assert presence["result"]["result"]["result"]["_type"]
    ice = alice.call("asnAVGetIceServers")
    relay, other = ice["result"]["result"]["result"]["iceServers"]
    assert relay["urls"] == [
        f"turn:127.0.0.1:{daemons.turn}?transport=udp",
        f"turn:127.0.0.1:{daemons.turn}?transport=tcp",
        f"turns:127.0.0.1:{daemons.tls}?transport=tcp",
    ]
    assert relay["username"].split(":")[1:] == ["acme", "link"]
    assert other["urls"] == [f"stun:127.0.0.1:{daemons.turn}"]
    bob = StrictClient(port, tls=tls)
    assert bob.log_on("bob", "bob", "acme") == 200
    event = alice.receive()
    assert event["invoke"]["invokeID"] == 99999
    assert event["invoke"]["operationName"] == "asnUpdatePresenceV2"
    keep_alive = {"invokeID": 99999, "operationID": 1706, "operationName": "asnTransportKeepAlive"}
    alice.send({"invoke": {**keep_alive, "argument": {"dummy": None}}})
    reject = alice.call("asnUnheardOf")
    assert reject["reject"]["reject"] == {"invokeProblem": 1}
    alice.send({"invoke": {"invokeID": 99999, "operationID": 1001, "argument": {}}})
    assert alice.close_code() == 1000
    status, _, _ = bob.request("GET", f"/ws/client/destroysession?ucsessionid={bob.session_id}")
    assert status == 200


def test_a_lenient_client_with_the_least_it_may_send(daemons: Daemons) -> None:
    """C2: no id, unwrapped negotiation, digits as text; result and reject."""
    client = StrictClient(daemons.http)
    status, _, body = client.request(
        "POST",
        "/ws/client/createsession?ucsid=ACME&user=alice&pass=alice",
        {"iClientProtocolVersion": 70},
    )
    assert status == 200
    client.session_id = json.loads(body)["sessionid"]
    client.upgrade()
    client.send({"invoke": {"invokeID": "5", "operationName": "asnGetLoggedInContact"}})
    answer = client.receive()
    assert answer["result"]["invokeID"] == 5
    client.close()


def test_wrong_passwords_are_told_apart_by_what_the_client_asks_for(daemons: Daemons) -> None:
    """C4: 401, with X-no401 400; error 101."""
    client = StrictClient(daemons.http)
    assert client.log_on("alice", "wrong", "acme") == 401
    assert client.log_on("alice", "wrong", "acme", X_no401="1") == 400


def test_one_shot_and_direct_calls(daemons: Daemons) -> None:
    """Wire 2.1, 2.6."""
    client = StrictClient(daemons.http)
    assert client.log_on("bob", "bob", "acme") == 200
    status, _, body = client.request(
        "GET", "/ws/client/asnGetLoggedInContactV2", X_UCSESSIONID=client.session_id
    )
    assert (status, json.loads(body)["u8sLoggedInUser"]) == (200, "bob")
    status, _, body = client.request(
        "POST", "/ws/direct/asnGetUserToken?user=bob&pass=bob&ucsid=acme", {"iType": 1}
    )
    token = json.loads(body)["sToken"]
    status, _, _ = client.request(
        "POST", "/ws/direct/asnTokenVerifyV2", {"u8sToken": token}, X_UCSID="acme"
    )
    assert status == 200
    status, _, _ = client.request(
        "GET", "/ws/client/createsession", X_UCSID="acme", Authorization=f"JWT {token}"
    )
    assert status == 200


@pytest.mark.parametrize(
    "options",
    [
        ("--form", "json-header"),
        ("--form", "json-bare"),
        ("--form", "ber"),
        ("--security", "starttls"),
        ("--security", "tls"),
    ],
    ids=" ".join,
)
def test_c11_a_server_registers_and_logs_users_on_in_every_form(
    daemons: Daemons, options: tuple[str, ...]
) -> None:
    """C11: each server takes the place of one that was killed."""
    port = daemons.tls if "tls" in options else daemons.link
    extra = ["--port", str(port), "--host", "localhost", "--ca", str(daemons.folder / "ca.pem")]
    daemons.processes.pop().kill()  # Or the two would replace each other for ever.
    daemons.until(lambda: not daemons.status()["links"])
    daemons.start_server(*options, *extra)
    daemons.until_linked()
    client = StrictClient(daemons.http)
    assert client.log_on("alice", "alice", "acme") == 200
    client.upgrade()
    answer = client.call("asnGetLoggedInContactV2")
    assert answer["result"]["result"]["result"]["u8sLoggedInUser"] == "alice"
    client.close()


def test_a_killed_server_frees_its_clients_at_once(daemons: Daemons) -> None:
    """Wire 3: 1012; the look-up finds nothing until it is back."""
    client = StrictClient(daemons.http)
    assert client.log_on("alice", "alice", "acme") == 200
    client.upgrade()
    daemons.processes[-1].kill()
    assert client.close_code() == 1012
    assert client.look_up("acme") is None
    assert client.log_on("alice", "alice", "acme") == 502
    daemons.start_server("--port", str(daemons.link))
    daemons.until_linked()
    assert client.log_on("alice", "alice", "acme") == 200


@pytest.mark.parametrize("octets", [b"\x81\x02{}", b"\x88\x80\0\0\0\0"], ids=["rude", "polite"])
def test_a_client_that_leaves_in_the_middle_of_a_word_costs_its_company_nothing(
    daemons: Daemons, octets: bytes
) -> None:
    """Its server speaks to it until the connection has gone; the link is everybody's."""
    (link,) = daemons.status()["links"]
    leaver = StrictClient(daemons.tls, tls=True)
    assert leaver.log_on("alice", "alice", "acme") == 200
    leaver.upgrade()
    leaver.call("asnGetAndSubscribePresenceV2", {"seqContactIDs": ["sip:bob@demo.example"]})
    leaver.send_raw(octets)
    for _ in range(3):
        bob = StrictClient(daemons.http)
        assert bob.log_on("bob", "bob", "acme") == 200
        bob.upgrade()
        assert bob.call("asnGetLoggedInContactV2")["result"]
        bob.close()
    (same,) = daemons.status()["links"]
    assert same["seconds"] > link["seconds"]
    leaver.close()


def test_a_reload_takes_a_new_certificate_and_drops_nobody(daemons: Daemons) -> None:
    client = StrictClient(daemons.tls, tls=True)
    assert client.log_on("alice", "alice", "acme") == 200
    client.upgrade()
    (daemons.folder / "certificate.pem").unlink()
    make_certificates(daemons.folder)
    (daemons.folder / "access.log").rename(daemons.folder / "access.log.1")
    daemons.processes[0].send_signal(signal.SIGHUP)
    daemons.until(lambda: "reloaded" in daemons.log("service"))
    assert client.call("asnGetLoggedInContactV2")["result"]
    fresh = StrictClient(daemons.tls, tls=True)
    assert fresh.log_on("bob", "bob", "acme") == 200
    assert "session opened" in daemons.log("access")
    client.close()


def test_a_customer_that_is_switched_off_is_gone_at_once(daemons: Daemons) -> None:
    client = StrictClient(daemons.http)
    assert client.look_up("acme") is not None
    daemons.must("customer", "disable", "acme")
    daemons.until(lambda: not daemons.status()["links"])
    assert client.look_up("acme") is None
    daemons.must("customer", "enable", "acme")
    daemons.until_linked()


def test_no_secret_is_in_any_log(daemons: Daemons) -> None:
    """Every book of everything above, searched for what must not be there."""
    client = StrictClient(daemons.http)
    assert client.log_on("alice", "alice", "acme") == 200
    old = daemons.folder / "access.log.1"
    books = daemons.log("access") + daemons.log("service") + old.read_text()
    assert "session opened" in books
    for secret in (PASSWORD, client.session_id, "pass=", "Basic ", "eyJ", "sip:alice", " alice"):
        assert secret not in books


def test_silence_and_nonsense_are_refused_with_a_reason(daemons: Daemons) -> None:
    with socket.create_connection(("127.0.0.1", daemons.tls), PATIENCE) as stranger:
        stranger.sendall(b"SSH-2.0-x\r\n")
        with contextlib.suppress(ConnectionResetError):
            assert stranger.recv(100) == b""
    daemons.until(lambda: "reason=framing" in daemons.log("access"))

"""`turn check` against the running daemon: all ways that clients have, by both families."""

import json

import pytest

from tests.interop.turn.servers import CUSTOMER, Relay

pytestmark = pytest.mark.interop

STEPS = ["resolve", "connect", "stun", "allocate", "relay"]


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost"])
def test_every_way_to_the_running_relay_works(loopback_relay: Relay, host: str) -> None:
    relay = loopback_relay
    urls = [
        f"turn:{host}:{relay.port}?transport=udp",
        f"turn:{host}:{relay.port}?transport=tcp",
        f"turns:{host}:{relay.tls_port}?transport=tcp",
    ]
    if host == "127.0.0.1":  # Where the shared port of this site is.
        urls.append(f"turns:{host}:{relay.shared_port}?transport=tcp")
    options = [part for url in urls for part in ("--url", url)]
    done = relay.cli(
        "turn", "check", "--json", "--customer", CUSTOMER, "--ca", str(relay.folder / "ca.pem"),
        *options,
    )  # fmt: skip
    facts = json.loads(done.stdout)
    assert done.exit_code == 0, facts
    assert {way["url"] for way in facts["ways"]} == set(urls)
    for way in facts["ways"]:
        assert list(way["ms"]) == STEPS
    # Every relay was given back.
    assert relay.sessions() == []


def test_what_clients_are_told_is_tried_by_itself(loopback_relay: Relay) -> None:
    """UDP and TCP work; the certificate of the way over TLS is of an authority nobody knows."""
    done = loopback_relay.cli("turn", "check", "--json")
    facts = json.loads(done.stdout)
    assert done.exit_code == 1
    assert [way["state"] for way in facts["ways"]] == ["ok", "ok", "failed"]
    assert facts["ways"][2]["failure"]["reason"] == "certificate"

"""Uses the running daemon: a customer's server, two users, and the relay.

Usage: python3 demo.py   (in the folder that debian/tests/prepare has filled)
"""

import json
import subprocess
import sys
import time

from strict_client import StrictClient

PATIENCE = 60.0


def ask(*arguments: str) -> dict:
    """Return the facts a command prints."""
    done = subprocess.run(
        ["procall-mobility", *arguments, "--json"], stdout=subprocess.PIPE, check=False
    )
    return json.loads(done.stdout)


def until_linked() -> None:
    """Wait for the customer's server."""
    deadline = time.monotonic() + PATIENCE
    while not ask("status")["links"]:
        assert time.monotonic() < deadline, "the customer's server has not come"
        time.sleep(0.2)


def converse() -> None:
    """Log two users on; one asks for presence and hears of the other."""
    alice, bob = StrictClient(443, tls=True), StrictClient(443, tls=True)
    assert alice.look_up("demo.example") == "https://localhost"
    assert alice.log_on("alice", "alice", "demo.example") == 200
    alice.upgrade()
    presence = alice.call("asnGetAndSubscribePresenceV2", {"seqContactIDs": []})
    assert "result" in presence, presence
    assert bob.log_on("bob", "bob", "demo") == 200
    event = alice.receive()
    assert event["invoke"]["operationName"] == "asnUpdatePresenceV2", event
    alice.close()
    print("log-in: two users, a WebSocket, a call and an event")


def relay() -> None:
    """Have the command send data through two relays, by every way clients are told."""
    facts = ask("turn", "check", "--customer", "demo", "--ca", "ca.pem")
    for way in facts["ways"]:
        assert way["state"] == "ok", way
        print(f"relay: {way['url']}")


def main() -> None:
    """Be the customer's server's operator, and its users."""
    command = [sys.executable, "-m", "examples.uc_demo.server", "--ucsid", "demo"]
    command += ["--password-file", "server-password", "--port", "443", "--host", "localhost"]
    command += ["--security", "tls", "--ca", "ca.pem"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        try:
            until_linked()
            converse()
            relay()
        finally:
            server.terminate()


if __name__ == "__main__":
    main()

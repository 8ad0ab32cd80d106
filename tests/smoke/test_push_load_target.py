"""The target of load tests as its command starts it: a push arrives, is judged and counted."""

import json
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

from h2.connection import H2Connection
from h2.events import StreamEnded

from examples.push_simulators.credentials import KEY_ID, TEAM, TOPIC, Credentials
from procall_mobility.protocols.push.credentials import private_key
from procall_mobility.protocols.push.json_web_tokens import es256
from tests.interop.push.running import PATIENCE, ROOT

DEVICE = "ab" * 32


def push(port: int, authority: Path, authorization: str) -> None:
    """Send one push, and wait for its answer."""
    context = ssl.create_default_context(cafile=authority)
    context.set_alpn_protocols(["h2"])
    client = H2Connection()
    client.initiate_connection()
    head = [
        (":method", "POST"),
        (":path", f"/3/device/{DEVICE}"),
        (":scheme", "https"),
        (":authority", "127.0.0.1"),
        ("authorization", authorization),
        ("apns-topic", TOPIC),
    ]
    client.send_headers(1, head)
    client.send_data(1, b'{"aps":{"alert":"Hello"}}', end_stream=True)
    plain = socket.create_connection(("127.0.0.1", port), PATIENCE)
    with context.wrap_socket(plain, server_hostname="127.0.0.1") as wire:
        wire.sendall(client.data_to_send())
        while not any(
            isinstance(each, StreamEnded) for each in client.receive_data(wire.recv(999))
        ):
            wire.sendall(client.data_to_send())


def test_a_push_is_judged_and_counted(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "examples.push_simulators.load_target"]
    process = subprocess.Popen(
        [*command, "--folder", tmp_path], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        addresses = json.loads(process.stdout.readline())
        port = int(addresses["apns"].rsplit(":", 1)[1])
        pem = Credentials(tmp_path / "credentials").apns_key.read_bytes()
        claims = {"iss": TEAM, "iat": int(time.time())}
        token = es256(private_key(pem)).token(claims, {"kid": KEY_ID})
        push(port, tmp_path / "ca.pem", f"bearer {token}")
        with urllib.request.urlopen(addresses["control"], timeout=PATIENCE) as answer:
            told: dict[str, Any] = json.loads(answer.read())
        assert (told["requests"], told["connections"], told["faults"]) == (1, 1, 0)
        process.terminate()
        assert process.wait(PATIENCE) == 0
        assert json.loads(process.stdout.readline())["requests"] == 1
    finally:
        process.kill()
        process.wait(PATIENCE)
        process.stdout.close()

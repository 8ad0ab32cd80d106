"""How what a reload has done is looked at from outside."""

import base64
import json
import re
import socket
import time
from collections.abc import Callable
from http.client import HTTPConnection
from typing import Any

from tests.daemon import PATIENCE
from tests.interop.reload.house import House, connected
from tests.smoke.daemons import PASSWORD
from tests.smoke.strict_client import StrictClient


def until(is_so: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def client_of(house: House) -> StrictClient:
    """Return somebody more who is logged on."""
    client = StrictClient(house.town.daemons.http)
    assert client.log_on("bob", "bob", "acme") == 200
    client.upgrade()
    return client


def guess(house: House, user: str) -> bytes:
    """Show a wrong password of somebody; returns what is answered."""
    shown = base64.b64encode(f"{user}:wrong".encode()).decode()
    negotiate = json.dumps({"negotiate": {"iClientProtocolVersion": 70, "optionalParams": {}}})
    _, body = house.asks(
        "/ws/client/createsession?clientappid=15",
        negotiate.encode(),
        Authorization=f"Basic {shown}",
        X_UCSID="acme",
    )
    return body


def posts(house: House, octets: int) -> int:
    """Post a body of so many octets; returns the status."""
    return house.asks("/ws/client/oneshot/asnX?x-ucsessionid=NONE", b" " * octets)[0]


def answered(sock: socket.socket) -> bytes:
    """Return one whole answer of HTTP."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += _more(sock)
    head, _, body = received.partition(b"\r\n\r\n")
    (length,) = re.findall(rb"(?i)\r\ncontent-length: *(\d+)", head)
    while len(body) < int(length):
        body += _more(sock)
    return head + b"\r\n\r\n" + body


def _more(sock: socket.socket) -> bytes:
    octets = sock.recv(65_536)
    assert octets, "the connection has ended"
    return octets


def is_dropped(house: House, source: str) -> bool:
    """Whether one connection more from there is closed at once."""
    try:
        with connected(house.town.daemons.http, source) as sock:
            return sock.recv(1) == b""
    except ConnectionError:
        return True


def ice_servers(client: StrictClient) -> str:
    return json.dumps(client.call("asnAVGetIceServers"))


def turn_credentials(house: House) -> dict[str, Any]:
    shown = base64.b64encode(f"acme:{PASSWORD}".encode()).decode()
    status, body = house.asks("/turn/v1/credentials", b"{}", Authorization=f"Basic {shown}")
    assert status == 200, body
    told: dict[str, Any] = json.loads(body)
    return told


def peer_at(host: str) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((host, 0))
    sock.settimeout(PATIENCE)
    return sock


def has_heard_nothing(sock: socket.socket) -> bool:
    sock.setblocking(False)
    try:
        sock.recv(100)
    except BlockingIOError:
        return True
    return False


def metrics(port: int, token: str) -> str:
    """Return the metrics, or the status of the refusal."""
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    connection.request("GET", "/metrics", headers={"Authorization": f"Bearer {token}"})
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return body if answer.status == 200 else str(answer.status)

"""A client written from Wire 1 to 4 alone, as strict as any published one.

It needs nothing but Python: it is taken along to where the package is installed.
"""

import base64
import http.client
import json
import os
import socket
import ssl
import struct
from typing import Any

PATIENCE = 120.0
"""Seconds for an answer; a busy machine needs some."""

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
"""Opcodes of frames."""


class StrictClient:
    """Looks up, logs on, upgrades, calls; fails at whatever the page does not allow."""

    def __init__(self, port: int, *, tls: bool = False) -> None:
        self.port = port
        self.tls = tls
        self.session_id = ""
        self._socket: socket.socket | None = None
        self._buffer = b""
        self._last = 0

    def request(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        if self.tls:
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                "127.0.0.1", self.port, context=context, timeout=PATIENCE
            )
        else:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        content = json.dumps(body) if body is not None else None
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, content, named)
        answer = connection.getresponse()
        received = answer.read()
        connection.close()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, received

    def look_up(self, name: str) -> str | None:
        """Wire 1.1; demands Content-Length as the published Node client does."""
        status, headers, body = self.request("GET", f"/controller/client/ucws?ucsid={name}")
        if status != 200:
            assert body == b""
            return None
        assert int(headers["content-length"]) == len(body)
        redirect: str = json.loads(body)["redirect"]
        assert not redirect.endswith("/")
        return redirect

    def log_on(self, user: str, password: str, ucsid: str, **headers: str) -> int:
        """Wire 2.3."""
        token = base64.b64encode(f"{user}:{password}".encode()).decode()
        negotiate = {"negotiate": {"iClientProtocolVersion": 70, "optionalParams": {}}}
        status, _, body = self.request(
            "POST",
            "/ws/client/createsession?clientappid=15",
            negotiate,
            Authorization=f"Basic {token}",
            X_UCSID=ucsid,
            **headers,
        )
        if status == 200:
            self.session_id = json.loads(body)["sessionid"]
        return status

    def upgrade(self) -> None:
        """Wire 3; no sub-protocol, no extension."""
        self._socket = socket.create_connection(("127.0.0.1", self.port), PATIENCE)
        if self.tls:
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            self._socket = context.wrap_socket(self._socket)
        key = base64.b64encode(os.urandom(16)).decode()
        self._socket.sendall(
            f"GET /ws/client/websocket/?x-ucsessionid={self.session_id} HTTP/1.1\r\n"
            f"Host: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        while b"\r\n\r\n" not in self._buffer:
            self._buffer += self._socket.recv(4096)
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101"), head
        assert b"extensions" not in head.lower()

    def send(self, message: dict[str, Any]) -> None:
        self._send(TEXT, json.dumps(message).encode())

    def _send(self, opcode: int, payload: bytes) -> None:
        mask = os.urandom(4)
        head = (
            bytes((0x80 | opcode, 0x80 | len(payload)))
            if len(payload) < 126
            else struct.pack(">BBH", 0x80 | opcode, 0xFE, len(payload))
        )
        masked = bytes(b ^ mask[i % 4] for i, b in enumerate(payload))
        assert self._socket is not None
        self._socket.sendall(head + mask + masked)

    def send_raw(self, octets: bytes) -> None:
        """Send what no strict client would."""
        assert self._socket is not None
        self._socket.sendall(octets)

    def call(self, operation: str, argument: Any = None) -> dict[str, Any]:
        """Call and wait; returns the answer, events are kept apart."""
        self._last += 1
        invoke = {"invokeID": self._last, "operationID": 0, "operationName": operation}
        self.send({"invoke": {**invoke, "argument": argument or {}}})
        while True:
            message = self.receive()
            if "invoke" not in message:
                return message

    def receive(self) -> dict[str, Any]:
        """A text frame has to hold an array of exactly one ROSE object."""
        opcode, payload = self.frame()
        assert opcode == TEXT, (opcode, payload)
        messages = json.loads(payload)
        assert isinstance(messages, list)
        assert len(messages) == 1
        only: dict[str, Any] = messages[0]
        return only

    def frame(self) -> tuple[int, bytes]:
        """Return the next frame; pings come at any time, and are answered (RFC 6455 5.5.2)."""
        opcode, payload = self._frame()
        while opcode == PING:
            self._send(PONG, payload)
            opcode, payload = self._frame()
        return opcode, payload

    def _frame(self) -> tuple[int, bytes]:
        head = self._exactly(2)
        size = head[1]
        if size == 126:
            (size,) = struct.unpack(">H", self._exactly(2))
        elif size == 127:
            (size,) = struct.unpack(">Q", self._exactly(8))
        return head[0] & 0x0F, self._exactly(size)

    def close_code(self) -> int:
        """Wait for a close frame and return its code."""
        while True:
            opcode, payload = self.frame()
            if opcode == CLOSE:
                code: int = struct.unpack_from(">H", payload)[0]
                return code

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()

    def _exactly(self, count: int) -> bytes:
        assert self._socket is not None
        while len(self._buffer) < count:
            data = self._socket.recv(65_536)
            if not data:
                raise ConnectionError("the connection was lost")
            self._buffer += data
        taken, self._buffer = self._buffer[:count], self._buffer[count:]
        return taken

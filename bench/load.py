"""Load: WebSocket clients over TLS, and a customer's server that answers at once.

Lean on purpose: raw sockets and a few lines of framing, so that it is not what is measured.
"""

import asyncio
import base64
import json
import ssl
import struct
from typing import Any

MASK = b"\0\0\0\0"
"""A mask of zeros is legal and costs nothing; unmasking it costs the server what any mask does."""


class Client:
    """One WebSocket client."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def connect(cls, port: int, path: str, context: ssl.SSLContext) -> "Client":
        """Open a TLS connection and upgrade it."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
        key = base64.b64encode(b"0123456789abcdef").decode()
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        head = await reader.readuntil(b"\r\n\r\n")
        if b" 101 " not in head.split(b"\r\n", 1)[0] + b" ":
            raise ConnectionError(head.split(b"\r\n", 1)[0].decode())
        return cls(reader, writer)

    def send(self, payload: bytes) -> None:
        """Send a text frame."""
        length = len(payload)
        if length < 126:
            head = bytes((0x81, 0x80 | length))
        elif length < 65_536:
            head = struct.pack(">BBH", 0x81, 0xFE, length)
        else:
            head = struct.pack(">BBQ", 0x81, 0xFF, length)
        self.writer.write(head + MASK + payload)

    async def receive(self) -> bytes:
        """Wait for a text frame; control frames are passed over."""
        while True:
            first, second = await self.reader.readexactly(2)
            length = second & 0x7F
            if length == 126:
                (length,) = struct.unpack(">H", await self.reader.readexactly(2))
            elif length == 127:
                (length,) = struct.unpack(">Q", await self.reader.readexactly(8))
            payload = await self.reader.readexactly(length) if length else b""
            if first & 0x0F == 1:
                return payload
            if first & 0x0F == 8:
                raise ConnectionError("closed")

    def close(self) -> None:
        """Cut it."""
        self.writer.transport.abort()


class EchoServer:
    """A customer's server: one link in bare JSON, answers whatever is called with its argument."""

    def __init__(self, port: int, ucsid: str, password: str) -> None:
        self._port = port
        self._ucsid = ucsid
        self._password = password
        self._task: asyncio.Task[None] | None = None
        self._sessions = 0

    async def start(self) -> None:
        """Dial out and register."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        argument = {
            "iVersion": 70,
            "u8sVersion": "bench",
            "u8sServerName": "bench",
            "u8sServerID": self._ucsid,
            "u8sServerPassword": self._password,
            "presenceDomains": [],
            "u8sSystemID": "BENCH",
            "iInterfaceVersion": 410,
        }
        invoke = {"invokeID": 1, "operationID": 0, "operationName": "asnRegisterServerV2"}
        self._write(writer, json.dumps({"invoke": {**invoke, "argument": argument}}).encode())
        answer = await self._read(reader)
        if b"capabilities" not in answer:
            raise ConnectionError(answer.decode())
        self._task = asyncio.create_task(self._serve(reader, writer))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            payload = await self._read(reader)
            if payload.startswith(b'{"invoke":{"argument":{"_type":"B"'):
                self._echo(writer, payload)
            else:
                self._answer(writer, json.loads(payload).get("invoke") or {})

    def _echo(self, writer: asyncio.StreamWriter, payload: bytes) -> None:
        # Members come sorted: the argument first, then ids.
        at = payload.rindex(b',"invokeID":')
        argument = payload[22:at]
        invoke_id = payload[at + 12 : payload.index(b",", at + 1)]
        self._write(
            writer,
            b'{"result":{"invokeID":%b,"result":{"result":%b,"resultValue":0}}}'
            % (invoke_id, argument),
        )

    def _answer(self, writer: asyncio.StreamWriter, invoke: dict[str, Any]) -> None:
        name = invoke.get("operationName")
        if invoke.get("invokeID") in (None, 99_999):
            return
        result: dict[str, Any] = {}
        if name == "asnCreateUserSession":
            self._sessions += 1
            result = {"u8sSessionID": f"{self._sessions:032X}", "negotiateresult": {}}
        elif name == "asnLogon":
            result = {"u8sLoggedInUser": "bench", "iValidContact": 1, "ownContact": {}}
        body = {"invokeID": invoke["invokeID"], "result": {"resultValue": 0, "result": result}}
        self._write(writer, json.dumps({"result": body}).encode())

    @staticmethod
    def _write(writer: asyncio.StreamWriter, payload: bytes) -> None:
        writer.write(b"J%07d%b" % (len(payload), payload))

    @staticmethod
    async def _read(reader: asyncio.StreamReader) -> bytes:
        head = await reader.readexactly(8)
        return await reader.readexactly(int(head[1:]))

"""The way without a relay: a WebSocket over TLS straight to whoever answers, in this process.

What a relay adds to the latency is what it takes longer than this.
"""

import asyncio
import base64
import hashlib
import ssl
import struct

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""RFC 6455 section 1.3."""


class DirectServer:
    """Sends back what it hears; frames are masked with zeros, as our clients do it."""

    def __init__(self, port: int, certificate: str, key: str) -> None:
        self._port = port
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate, key)
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(
            self._serve, "127.0.0.1", self._port, ssl=self._context, limit=1 << 20
        )

    def stop(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        key = head.split(b"Sec-WebSocket-Key: ")[1].split(b"\r\n")[0]
        accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
        writer.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: %b\r\n\r\n" % accept
        )
        try:
            while True:
                await self._echo(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    @staticmethod
    async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, second = await reader.readexactly(2)
        size, length = second & 0x7F, b""
        if size >= 126:
            length = await reader.readexactly(2 if size == 126 else 8)
        (octets,) = struct.unpack(">H" if size == 126 else ">Q", length) if length else (size,)
        await reader.readexactly(4)
        payload = await reader.readexactly(octets)
        writer.write(bytes((0x81, size)) + length + payload)

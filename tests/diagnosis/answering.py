"""Servers of a few lines, in threads: one that shows a certificate, and one that has pages."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path


@contextmanager
def in_tls(folder: Path, answer: bytes = b"") -> Iterator[int]:
    """Show the certificate in a folder, and answer whatever comes; yields the port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    with _served(lambda connection: _secure(context, connection, answer)) as port:
        yield port


@contextmanager
def in_plain(answer: bytes = b"no TLS here\r\n") -> Iterator[int]:
    """Answer without TLS; yields the port."""
    with _served(lambda connection: connection.sendall(answer)) as port:
        yield port


@contextmanager
def pages(told: Mapping[str, tuple[int, str]], token: str = "") -> Iterator[int]:
    """Serve pages over HTTP, to whoever shows the token; yields the port."""

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, text = told[self.path]
            if token and self.headers.get("Authorization") not in (None, f"Bearer {token}"):
                status, text = 401, ""
            self.send_response(status)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Pages)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _secure(context: ssl.SSLContext, connection: socket.socket, answer: bytes) -> None:
    with context.wrap_socket(connection, server_side=True) as secured:
        secured.recv(4096)
        secured.sendall(answer)


@contextmanager
def _served(serve) -> Iterator[int]:  # type: ignore[no-untyped-def]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        is_over = threading.Event()

        def accept() -> None:
            while True:
                connection, _ = listener.accept()
                with connection:
                    if is_over.is_set():
                        return
                    with contextlib.suppress(OSError):
                        serve(connection)

        thread = threading.Thread(target=accept)
        thread.start()
        port = listener.getsockname()[1]
        try:
            yield port
        finally:
            is_over.set()
            socket.create_connection(("127.0.0.1", port)).close()
            thread.join()

"""The daemon's end of the admin socket, fed by a thread instead of a reactor."""

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from twisted.internet.testing import StringTransport

from procall_mobility.operations.admin_socket import AdminFactory, Verb


@contextmanager
def listening(path: Path, verbs: Mapping[str, Verb]) -> Iterator[None]:
    """Answer questions on the socket `path`, one connection after the other."""
    factory = AdminFactory(verbs)
    is_over = threading.Event()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(path))
        listener.listen()

        def serve() -> None:
            while True:
                connection, _ = listener.accept()
                with connection:
                    question = b""
                    while not question.endswith(b"\n"):
                        piece = connection.recv(65_536)
                        if not piece:
                            break  # Somebody wanted to know no more than who we are.
                        question += piece
                    if not question:
                        if is_over.is_set():
                            return
                        continue
                    protocol = factory.buildProtocol(None)
                    assert protocol is not None
                    transport = StringTransport()
                    protocol.makeConnection(transport)
                    protocol.dataReceived(question)
                    connection.sendall(transport.value())
                    protocol.connectionLost()

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield
        finally:
            is_over.set()
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as last:
                last.connect(str(path))  # Says nothing: the thread ends.
            thread.join()
            path.unlink()

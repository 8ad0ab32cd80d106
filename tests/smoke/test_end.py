"""The daemon's end: everybody is told, and the caller learns that all was well."""

import signal
import socket
from pathlib import Path

import pytest

from tests.daemon import PATIENCE
from tests.smoke.daemons import Daemons
from tests.smoke.strict_client import StrictClient


def test_sigterm_tells_everybody_and_ends_with_status_0(tmp_path: Path) -> None:
    """Clients look up again at once (1001); systemd and scripts see a clean end."""
    running = Daemons(tmp_path)
    running.prepare()
    with running.linked() as daemon:
        clients = [
            StrictClient(port, tls=port == running.tls) for port in (running.http, running.tls)
        ]
        for client in clients:
            assert client.log_on("alice", "alice", "acme") == 200
            client.upgrade()
        daemon.send_signal(signal.SIGTERM)
        assert [client.close_code() for client in clients] == [1001, 1001]
        assert daemon.wait(PATIENCE) == 0
        for port in (running.http, running.tls, running.link):
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", port))
        assert "server link lost" in running.log("access")
        assert "stopped" in running.log("service")

"""coturn's own server: what its tools see there, they have to see at ours."""

import subprocess
import time
from pathlib import Path

from attrs import define

from examples.uc_demo.authority import make_certificates
from tests.daemon import PATIENCE
from tests.interop.turn.servers import PASSWORD, USER

HOST = "127.0.0.1"

SETTINGS = """\
listening-ip={host}
relay-ip={host}
listening-port={port}
tls-listening-port={tls_port}
cert={folder}/certificate.pem
pkey={folder}/key.pem
realm=test
user={user}:{password}
lt-cred-mech
mobility
allow-loopback-peers
min-port=32768
max-port=49151
no-dtls
no-cli
log-file=stdout
simple-log
pidfile={folder}/pid
userdb={folder}/turndb
"""
"""Its relayed addresses are beside ours, which go from port 49152."""


@define
class Coturn:
    folder: Path
    port: int
    tls_port: int
    user: str = USER.replace(":", "-")
    """A colon ends a user's name in its settings."""
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        make_certificates(self.folder)
        settings = self.folder / "turnserver.conf"
        settings.write_text(
            SETTINGS.format(
                folder=self.folder,
                host=HOST,
                port=self.port,
                tls_port=self.tls_port,
                user=self.user,
                password=PASSWORD,
            )
        )
        with (self.folder / "turnserver.log").open("wb") as log:
            self.process = subprocess.Popen(
                ["turnserver", "-c", str(settings)], stdout=log, stderr=log
            )
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            assert self.process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(PATIENCE)

    def _answers(self) -> bool:
        probe = ["turnutils_stunclient", "-p", str(self.port), HOST]
        try:
            return not subprocess.run(
                probe, capture_output=True, check=False, timeout=1
            ).returncode
        except subprocess.TimeoutExpired:
            return False

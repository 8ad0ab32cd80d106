"""A certificate authority that speaks ACME (pebble), with a DNS of its own, on this machine."""

import json
import os
import shutil
import ssl
import subprocess
import time
import urllib.request
from pathlib import Path

from attrs import define, field

from examples.uc_demo.authority import make_certificates
from tests.daemon import PATIENCE
from tests.ports import free_port

PROGRAMS = ("certbot", "pebble", "pebble-challtestsrv")
MISSING = [name for name in PROGRAMS if shutil.which(name) is None]
VALIDITY = 20 * 86_400
"""Seconds; so short that what was issued is due for renewal at once."""


@define
class Authority:
    """All names of its DNS are this machine; a challenge is looked for on `http`."""

    folder: Path
    http: int = field(factory=free_port)
    port: int = field(factory=free_port)
    management: int = field(factory=free_port)
    processes: "list[subprocess.Popen[bytes]]" = field(factory=list)

    @property
    def directory(self) -> str:
        return f"https://localhost:{self.port}/dir"

    @property
    def environment(self) -> dict[str, str]:
        """What certbot needs to trust it, and to keep to the folder; the way operators do it."""
        return {
            "REQUESTS_CA_BUNDLE": str(self.folder / "ca.pem"),
            "XDG_CONFIG_HOME": str(self.folder / "xdg"),
        }

    def start(self) -> None:
        make_certificates(self.folder)
        dns = free_port()
        config = {
            "listenAddress": f"127.0.0.1:{self.port}",
            "managementListenAddress": f"127.0.0.1:{self.management}",
            "certificate": str(self.folder / "certificate.pem"),
            "privateKey": str(self.folder / "key.pem"),
            "httpPort": self.http,
            "tlsPort": free_port(),
            "certificateValidityPeriod": VALIDITY,
        }
        (self.folder / "pebble.json").write_text(json.dumps({"pebble": config}))
        settings = self.folder / "xdg/letsencrypt/cli.ini"
        settings.parent.mkdir(parents=True)
        folders = ("config", "work", "logs")
        settings.write_text("".join(f"{x}-dir = {self.folder}/certbot/{x}\n" for x in folders))
        names = ["pebble-challtestsrv", "-defaultIPv4", "127.0.0.1", "-defaultIPv6", ""]
        names += ["-dns01", f"127.0.0.1:{dns}", "-management", f"127.0.0.1:{free_port()}"]
        self._run(*names, "-http01", "", "-https01", "", "-tlsalpn01", "")
        acme = ["pebble", "-strict", "-config", str(self.folder / "pebble.json")]
        self._run(*acme, "-dnsserver", f"127.0.0.1:{dns}")
        self.roots()

    def roots(self) -> Path:
        """Return the file of the authority's root, once it answers."""
        context = ssl.create_default_context(cafile=str(self.folder / "ca.pem"))
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                where = f"https://localhost:{self.management}/roots/0"
                with urllib.request.urlopen(where, context=context, timeout=PATIENCE) as answer:
                    file = self.folder / "roots.pem"
                    file.write_bytes(answer.read())
                    return file
            except OSError:
                assert time.monotonic() < deadline, (self.folder / "output").read_text()
                time.sleep(0.05)

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
            process.wait(PATIENCE)

    def _run(self, *command: str) -> None:
        # Without its random waits, and its refusals of one nonce in twenty.
        environment = os.environ | {"PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "0"}
        with (self.folder / "output").open("ab") as output:
            self.processes.append(
                subprocess.Popen(command, env=environment, stdout=output, stderr=output)
            )

"""Gets a certificate by ACME (RFC 8555): has certbot do it, now and for every renewal.

certbot and not a client of our own: it is in Debian with a timer that renews, keeps accounts and
ways of renewal in files that operators know, and runs a command of ours after each renewal.  So
nothing of it runs inside the daemon, which needs neither root nor port 80.
"""

import ipaddress
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from procall_mobility.commands.certificate_pairs import PairFiles
from procall_mobility.commands.setup_choices import Acme

STANDARD_ERROR = 2
RENEWERS = ("etc/systemd/system/timers.target.wants/certbot.timer", "etc/cron.d/certbot",
            "etc/systemd/system/timers.target.wants/snap.certbot.renew.timer")  # fmt: skip
"""What runs `certbot renew` where it was installed as a package."""


class AcmeError(Exception):
    """There is no certificate; the text says what helps."""


def issue(acme: Acme, host: str, config: Path) -> None:
    """Have a certificate issued, unless the one there is is good for longer.

    Whenever one is issued, now or later, certbot runs our command that installs it.

    Raises:
        AcmeError: there is none.
    """
    # What it tells people is not to be mixed with facts on standard output.
    done = subprocess.run(  # noqa: S603
        [_certbot(), *order(acme, host, name_of(config), hook(config))],
        env=_environment(),
        stdout=STANDARD_ERROR,
        check=False,
    )
    if done.returncode:
        raise AcmeError(
            f"certbot has got no certificate (exit status {done.returncode}); what it said above "
            f"tells why. The authority must reach http://{host}/ from outside, port 80"
        )


def issued(config: Path) -> PairFiles:
    """Return what certbot has, where it was issued before and is only to be installed.

    Raises:
        AcmeError: it does not tell.
    """
    asked = [_certbot(), "certificates", "--cert-name", name_of(config)]
    told = subprocess.run(  # noqa: S603
        asked, env=_environment(), capture_output=True, text=True, check=False
    )
    files = files_in(told.stdout)
    if files is None:
        raise AcmeError(f"`{shlex.join(asked)}` does not tell where the certificate is")
    return files


def check_host(host: str) -> None:
    """See, before anything is done, whether certbot will ask for a certificate for it.

    Raises:
        AcmeError: it will not.
    """
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return
    raise AcmeError(
        f"certbot gets certificates for names, not for addresses such as {host}; name one by "
        "--host, or a certificate that you have by --certificate and --key"
    )


def name_of(config: Path) -> str:
    """Return what certbot is to call our certificate, of which it may have others.

    Under a name that is taken it would replace what a web server shows.
    """
    name = "procall-mobility"
    return name if config.stem == name else f"{name}-{config.stem}"


def order(acme: Acme, host: str, name: str, deploy_hook: str) -> list[str]:
    """Return what certbot is told; it remembers all of it for renewals."""
    arguments = ["certonly", "--non-interactive", "--cert-name", name, "-d", host]
    # A certificate that is good for long is kept, and one of another name is replaced.
    arguments += ["--keep-until-expiring", "--renew-with-new-domains"]
    arguments += ["--deploy-hook", deploy_hook]
    if acme.webroot is None:
        arguments += ["--standalone"]
        arguments += ["--http-01-port", str(acme.port)] if acme.port is not None else []
    else:
        arguments += ["--webroot", "--webroot-path", str(acme.webroot)]
    if acme.email:
        arguments += ["--email", acme.email, "--no-eff-email"]
    else:
        arguments += ["--register-unsafely-without-email"]
    arguments += ["--agree-tos"] if acme.agrees else []
    arguments += ["--server", acme.server] if acme.server else []
    return arguments


def hook(config: Path) -> str:
    """Return the command, for a shell, by which we take over what was issued."""
    options = ["--config", str(config.absolute()), "install-certificate"]
    return shlex.join([*_own_program(sys.argv[0]), *options])


def files_in(told: str) -> PairFiles | None:
    """Find in what `certbot certificates` tells where a certificate and its key are."""
    paths = dict(
        line.strip().split(": ", 1) for line in told.splitlines() if ": " in line.strip(" :")
    )
    try:
        return PairFiles(Path(paths["Certificate Path"]), Path(paths["Private Key Path"]))
    except KeyError:
        return None


def is_renewed(root: Path = Path("/")) -> bool:
    """Whether something on this machine runs `certbot renew` from time to time."""
    return any(os.path.lexists(root / each) for each in RENEWERS)


def _certbot() -> str:
    program = shutil.which("certbot")
    if program is None:
        raise AcmeError("certbot is not installed; `apt install certbot` does that")
    return program


def _environment() -> dict[str, str]:
    """It has a Python of its own, which is not to find our modules."""
    return {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}


def _own_program(called: str) -> Sequence[str]:
    """Return how this program is started again, from whatever folder and environment."""
    file = Path(called).absolute()
    if file.name == "procall-mobility" and os.access(file, os.X_OK):
        return [str(file)]
    here = json.dumps(str(Path(__file__).parents[2]))
    program = (
        f"import sys; sys.path.insert(0, {here}); from procall_mobility.cli import main; "
        'main(prog_name="procall-mobility")'
    )
    return [sys.executable, "-P", "-c", program]

"""`push app key`: keys of application servers, for Web Push (VAPID, RFC 8292)."""

import os
from pathlib import Path

import click
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from procall_mobility.commands.settings import failed, json_option, show
from procall_mobility.config.small_files import read_small
from procall_mobility.protocols.push.credentials import CredentialError
from procall_mobility.protocols.push.json_web_tokens import base64url
from procall_mobility.protocols.push.vapid import vapid_key
from procall_mobility.protocols.push.web_push_encryption import public_octets


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@json_option
def key(file: Path, as_json: bool) -> None:
    """Print what apps subscribe with (applicationServerKey); make FILE if there is none."""
    is_new = not os.path.exists(file)  # noqa: PTH110  # Path's own raises where a folder is closed.
    try:
        if is_new:
            _make(file)
        found = vapid_key(read_small(file))
    except OSError as error:
        failed(f"{file}: {error.strerror}")
    except CredentialError as error:
        failed(f"{file}: {error}")
    public = base64url(public_octets(found.public_key()))
    facts = {"file": str(file.resolve()), "application_server_key": public, "is_new": is_new}
    show(facts, lambda: public, as_json=as_json)


def _make(file: Path) -> None:
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    # Nobody else may read it, not even while it is being written; and none is ever replaced.
    opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(opened, "wb") as written:
        written.write(pem)

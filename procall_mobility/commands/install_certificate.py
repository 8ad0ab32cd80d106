"""`procall-mobility install-certificate`: takes over a certificate that was issued or renewed."""

from pathlib import Path
from typing import Any

import click

from procall_mobility.commands import accounts
from procall_mobility.commands.certificate_pairs import (
    PairFiles,
    check_place,
    facts_for,
    host_of,
    install,
)
from procall_mobility.commands.settings import Place, failed, json_option, show
from procall_mobility.config import Settings
from procall_mobility.transports.certificate_files import CertificateError, CertificateFacts

CHAIN, KEY = "fullchain.pem", "privkey.pem"
"""What ACME clients call them in the folders they hand to their hooks."""


@click.command("install-certificate")
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    envvar="RENEWED_LINEAGE",
    show_envvar=True,
    help=f"Where {CHAIN} and {KEY} are, as certbot tells its deploy hooks.",
)
@click.option("--certificate", type=click.Path(path_type=Path), help="Certificate and its chain.")
@click.option("--key", type=click.Path(path_type=Path), help="Its private key.")
@json_option
@click.pass_obj
def install_certificate(
    place: Place, folder: Path | None, certificate: Path | None, key: Path | None, as_json: bool
) -> None:
    """Copy a certificate and its key to where [tls] says, with the key for the daemon to read.

    Both are looked at first: that they belong together, for the name clients call, and not
    expired.  The daemon notices them by itself.
    """
    settings = place.settings()
    try:
        source = _source(folder, certificate, key)
        facts, is_new = install_for(settings, source)
    except (accounts.AccountError, CertificateError) as error:
        failed(str(error))
    target = PairFiles.of(settings)
    text = f"{target.certificate}: {'installed' if is_new else 'there already'}, {words(facts)}"
    show({"is_new": is_new} | certificate_facts(target, facts), lambda: text, as_json=as_json)


def install_for(settings: Settings, source: PairFiles) -> tuple[CertificateFacts, bool]:
    """Look at a pair and install it for the daemon; tell also whether that changed anything.

    Raises:
        AccountError, CertificateError: it cannot be used, or not be put there.
    """
    target = PairFiles.of(settings)
    check_place(target)
    facts = facts_for(host_of(settings.service.origin), source)
    account = accounts.of_daemon(settings)
    group = account.group if account.is_another else None
    return facts, install(source, target, group)


def certificate_facts(files: PairFiles, facts: CertificateFacts) -> dict[str, Any]:
    """Return for machines where a certificate is, and what it is for."""
    return {
        "certificate": str(files.certificate),
        "key": str(files.key),
        "names": list(facts.names),
        "until": facts.until.isoformat(),
    }


def words(facts: CertificateFacts) -> str:
    """Return for people what a certificate is for."""
    return f"for {', '.join(facts.names)} until {facts.until:%Y-%m-%d}"


def _source(folder: Path | None, certificate: Path | None, key: Path | None) -> PairFiles:
    if certificate is not None and key is not None:
        return PairFiles(certificate, key)
    if certificate is not None or key is not None:
        raise click.UsageError("--certificate and --key belong together")
    if folder is None:
        raise click.UsageError("which one? Name --folder, or --certificate and --key")
    return PairFiles(folder / CHAIN, folder / KEY)

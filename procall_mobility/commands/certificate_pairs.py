"""A certificate with its key: looked at as the daemon does, and put where it looks for them."""

import contextlib
import stat
import time
from pathlib import Path
from urllib.parse import urlsplit

from attrs import frozen

from procall_mobility.commands.accounts import acting_for_owner, owner_of
from procall_mobility.commands.whole_files import WholeFile, make_folder, put
from procall_mobility.config import Settings
from procall_mobility.config.secret_files import SYSTEM_CREDENTIALS
from procall_mobility.protocols.certificate_names import covers
from procall_mobility.transports.certificate_files import CertificateError, CertificateFacts, load


@frozen
class PairFiles:
    """Where a certificate, with its chain, and its key are."""

    certificate: Path
    key: Path

    @classmethod
    def of(cls, settings: Settings) -> "PairFiles":
        """Return where the daemon looks."""
        return cls(Path(settings.tls.certificate), Path(settings.tls.key))

    def facts(self) -> CertificateFacts:
        """Read both.

        Raises:
            CertificateError: they cannot be used.
        """
        return load(self.certificate, self.key, time.time()).facts


def facts_for(host: str, files: PairFiles) -> CertificateFacts:
    """Read a pair that is to be good for `host`; for whatever it names, where that is empty.

    Raises:
        CertificateError: it is not, or cannot be used.
    """
    facts = files.facts()
    if host and not covers(facts.names, facts.names, host):
        names = ", ".join(facts.names) or "nothing"
        raise CertificateError(
            f"{files.certificate}: is for {names}, not for {host}, which clients call; "
            "have one issued for that name"
        )
    return facts


def host_of(origin: str) -> str:
    """Return the host of an origin; empty where there is none."""
    return urlsplit(origin).hostname or ""


def check_place(target: PairFiles) -> None:
    """See whether a certificate may be put there.

    Raises:
        CertificateError: it may not.
    """
    if Path() in (target.certificate, target.key):
        raise CertificateError("there is no place for a certificate: [tls] names no files")
    for file in (target.certificate, target.key):
        if file.is_relative_to(SYSTEM_CREDENTIALS):
            raise CertificateError(
                f"{file}: systemd hands it to the daemon when that starts, so that it could not "
                "be renewed while it runs; name files outside of that folder in [tls]"
            )


def install(source: PairFiles, target: PairFiles, group: int | None) -> bool:
    """Copy a pair that has been looked at; tell whether anything is new.

    The key is for its owner and `group`, for its owner alone without one.

    Raises:
        AccountError: the owner of the folder itself cannot get there.
        CertificateError: it cannot be put there.
    """
    folder = target.key.parent
    owner = owner_of(folder) if folder == target.certificate.parent else None
    # In a folder of the daemon's its links are to lead root, who renews, nowhere.
    is_daemons = owner is not None and owner.group == group
    try:
        wanted = (
            WholeFile(
                target.key, source.key.read_bytes(), 0o600 if group is None else 0o640, group
            ),
            WholeFile(target.certificate, source.certificate.read_bytes(), 0o644),
        )
        with acting_for_owner(folder) if is_daemons else contextlib.nullcontext():
            # Files that are right already are left alone, so that nobody loads them again.
            files = [file for file in wanted if not _is_there(file)]
            for file in files:
                make_folder(file.path.parent)
            put(*files)
    except OSError as error:
        raise CertificateError(f"{error.filename}: {error.strerror}") from error
    return bool(files)


def _is_there(file: WholeFile) -> bool:
    try:
        status = file.path.stat()
        # A pipe would have us wait for ever.
        return (
            stat.S_ISREG(status.st_mode)
            and status.st_mode & 0o777 == file.mode
            and file.group in (None, status.st_gid)
            and file.path.read_bytes() == file.content
        )
    except FileNotFoundError:
        return False

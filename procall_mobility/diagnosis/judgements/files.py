"""Whether the daemon can read the files that the settings name."""

from collections.abc import Iterable, Iterator

from attrs import evolve, frozen

from procall_mobility.diagnosis.findings import Finding, State, wrong

OF_RIGHTS = frozenset(
    {"folder-closed", "file-unreadable", "folder-missing", "not-writable", "store-unusable",
     "daemon-silent"}
)  # fmt: skip
"""Reasons that hold for an account, and may not for another."""


@frozen(kw_only=True)
class FileFacts:
    """A file that is to be read."""

    setting: str
    path: str
    account: str
    """Who is to read it."""
    is_there: bool
    """Also false where a folder above it is closed to us."""
    is_readable: bool
    """By that account."""
    group: str = ""
    """That account's own."""
    owner: str = ""
    """`root:ssl-cert`; empty where it is not told."""
    mode: str = ""
    """`-rw-r-----`, as `ls` shows it."""
    closed_folder: str = ""
    """The folder above it that the account may not look into, if it is that."""


def judge_files(check: str, files: Iterable[FileFacts]) -> Iterator[Finding]:
    """Judge files; nothing is said of those that can be read."""
    for file in files:
        if file.is_readable:
            continue
        if file.closed_folder:
            yield wrong(
                check,
                "folder-closed",
                f"{file.account} cannot read {file.setting}, {file.path}: it may not look into"
                f" the folder {file.closed_folder}.",
                f"Let it: `setfacl -m u:{file.account}:x {file.closed_folder}`; or put the file"
                " elsewhere, or hand it over by systemd (LoadCredential).",
            )
        elif not file.is_there:
            yield wrong(
                check,
                "file-missing",
                f"{file.setting} names {file.path}, which is not there.",
                f"Install the file, or correct {file.setting}.",
            )
        else:
            yield wrong(
                check,
                "file-unreadable",
                f"{file.account} cannot read {file.setting}, {file.path}: it belongs to"
                f" {file.owner}, with mode {file.mode}.",
                f"Let it: `chown root:{file.group} {file.path}` and `chmod 640 {file.path}`;"
                " or hand it over by systemd (LoadCredential).",
            )


def not_for_the_daemon(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Return findings as somebody has made them who is neither root nor the daemon's account.

    What is closed to that one may be as it has to be, and must not be opened to it.
    """
    cure = "Look again as root: `sudo procall-mobility doctor`."
    for each in findings:
        if each.reason in OF_RIGHTS:
            yield evolve(each, state=State.UNKNOWN, cure=cure)
        else:
            yield each

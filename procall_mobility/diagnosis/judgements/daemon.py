"""Whether a daemon runs, which one, and in whose name all this is looked at."""

from collections.abc import Iterator

from attrs import frozen

from procall_mobility.diagnosis.findings import Finding, ok, unknown, warning, wrong
from procall_mobility.operations.admin_answer import Answer

DAEMON, ACCOUNT = "daemon", "account"


@frozen(kw_only=True)
class DaemonFacts:
    """The daemon that listens on the admin socket."""

    socket: str
    status: Answer | None = None
    """Its answer to `status`; None where none runs, or none answers."""
    error: str | None = None
    """Why it did not answer, where one is there."""
    pid: int | None = None
    uid: int | None = None


@frozen(kw_only=True)
class AccountFacts:
    """Who looks, and in whose name the daemon runs or will."""

    mine: str
    daemons: str | None
    """None where it cannot be told: there is no daemon, and no folder of one."""
    is_root: bool


def judge_daemon(daemon: DaemonFacts, version: str) -> Iterator[Finding]:
    """Judge what answers; `version` is that of the program that asks."""
    if daemon.error is not None:
        yield wrong(
            DAEMON,
            "daemon-silent",
            f"The daemon cannot be asked: {daemon.error}.",
            "Ask as root or as the daemon's own account; one that hangs is started again by"
            " `systemctl restart procall-mobility`.",
        )
    elif daemon.status is None:
        yield warning(
            DAEMON,
            "daemon-not-running",
            f"No daemon listens on {daemon.socket}; links and the relay cannot be looked at.",
            "Start it: `systemctl start procall-mobility`, or `procall-mobility run`.",
        )
    elif daemon.status["version"].said != version:
        yield warning(
            DAEMON,
            "daemon-older",
            f"The daemon that runs is version {daemon.status['version']}; {version} is installed.",
            "Start it again: `systemctl restart procall-mobility`.",
        )
    else:
        yield ok(DAEMON, f"The daemon runs, version {version}.")


def judge_account(account: AccountFacts) -> Iterator[Finding]:
    """Judge whether what is found out about files and ports is found out for the daemon."""
    if account.is_root or account.daemons in (None, account.mine):
        yield ok(ACCOUNT, f"This is looked at as {account.mine}.")
        return
    yield unknown(
        ACCOUNT,
        "other-account",
        f"This is looked at as {account.mine}, and the daemon's account is {account.daemons}:"
        " what is said of files and ports holds for the former.",
        "Look again as root: `sudo procall-mobility doctor`.",
    )

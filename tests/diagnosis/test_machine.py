"""What the machine gives: files that may be open, libraries, room on the disk, an account."""

from typing import Any

import pytest
from attrs import evolve

from procall_mobility.diagnosis.facts.file_limit import soft_limit
from procall_mobility.diagnosis.findings import State, wrong
from procall_mobility.diagnosis.judgements.daemon import (
    AccountFacts,
    DaemonFacts,
    judge_account,
    judge_daemon,
)
from procall_mobility.diagnosis.judgements.file_limit import LimitFacts, Whose, judge_file_limit
from procall_mobility.diagnosis.judgements.files import not_for_the_daemon
from procall_mobility.diagnosis.judgements.parts import (
    DatapathFacts,
    PartFacts,
    judge_datapath,
    judge_parts,
)
from procall_mobility.diagnosis.judgements.storage import FolderFacts, judge_storage
from procall_mobility.operations.admin_answer import Answer
from tests.diagnosis.findings import is_told, only, reasons

LIMIT = LimitFacts(limit=1024, whose=Whose.OURS, connections=50_000, relays=10_000)


def test_a_limit_below_what_the_settings_need_says_how_much_that_is() -> None:
    assert is_told(
        only(judge_file_limit(LIMIT)),
        "file-limit-low",
        "What is started from here may open 1024 files, and 70500 are needed for"
        " connections.total = 50000, turn.limits.allocations = 10000",
        "LimitNOFILE=131072",
    )


@pytest.mark.parametrize("limit", [70_500, None])
def test_a_limit_that_is_enough_is_well(limit: int | None) -> None:
    assert only(judge_file_limit(evolve(LIMIT, limit=limit))).state is State.OK


def test_a_relay_that_is_off_needs_none() -> None:
    assert only(judge_file_limit(evolve(LIMIT, limit=50_500, relays=0))).state is State.OK
    low = only(judge_file_limit(evolve(LIMIT, limit=50_499, relays=0)))
    assert "allocations" not in low.what


def test_the_limit_of_a_shell_says_nothing_of_the_unit() -> None:
    found = only(judge_file_limit(evolve(LIMIT, has_unit=True)))
    assert (found.state, found.reason) == (State.UNKNOWN, "file-limit-untold")


@pytest.mark.parametrize(
    ("line", "limit"),
    [
        ("Max open files            1024                 524288               files", "1024"),
        ("Max open files            unlimited            unlimited            files", "unlimited"),
        ("Max processes             1024                 1024                 processes", None),
    ],
)
def test_the_soft_limit_is_the_one_that_counts(line: str, limit: str | None) -> None:
    """proc_pid_limits(5)."""
    assert soft_limit(f"Limit   Soft Limit  Hard Limit  Units\n{line}\n") == limit


PARTS = PartFacts(takes_pushes=True, push_library="1.64.0", masks_natively=True)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, []),
        ({"push_library": None}, [("wrong", "push-library-missing")]),
        ({"push_library": None, "takes_pushes": False}, []),
        ({"masks_natively": False}, [("wrong", "masking-slow")]),
    ],
    ids=["there", "no library", "no pushes", "masking"],
)
def test_libraries_that_are_missing_are_named(
    changed: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert reasons(judge_parts(evolve(PARTS, **changed))) == expected


PATH = DatapathFacts(choice="auto", carrier="python", why="no libbpf: install it", as_daemon=True)


@pytest.mark.parametrize(
    ("changed", "state"),
    [
        ({}, State.WARNING),
        ({"choice": "kernel"}, State.WRONG),
        ({"choice": "python"}, State.OK),
        ({"carrier": "kernel"}, State.OK),
        ({"is_for_itself": True}, State.OK),
        ({"carrier": None}, State.UNKNOWN),
        ({"as_daemon": False}, State.UNKNOWN),
    ],
)
def test_a_kernel_that_cannot_relay_is_as_bad_as_the_setting_says(
    changed: dict[str, Any], state: State
) -> None:
    found = only(judge_datapath(evolve(PATH, **changed)))
    assert found.state is state
    if state in (State.WARNING, State.WRONG):
        assert "no libbpf: install it" in found.what
        assert "docs/datapath.md" in found.cure


FOLDER = FolderFacts(
    setting="service.data", path="/d", account="mobility", is_there=True, is_writable=True,
    free=10**10,
)  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, []),
        ({"is_there": False, "is_writable": False}, [("wrong", "folder-missing")]),
        ({"is_there": False, "is_made_at_start": True}, []),
        ({"is_writable": False}, [("wrong", "not-writable")]),
        ({"trouble": "database is locked"}, [("wrong", "store-unusable")]),
        ({"free": 10**8}, [("warning", "disk-full")]),
        ({"free": 10**6}, [("wrong", "disk-full")]),
        ({"free": None}, []),
    ],
)
def test_what_cannot_be_kept_is_told(
    changed: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert reasons(judge_storage([FOLDER, evolve(FOLDER, **changed)])) == expected


DAEMON = DaemonFacts(socket="/run/s", status=Answer({"version": "1.2"}))


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, []),
        ({"status": None}, [("warning", "daemon-not-running")]),
        ({"status": None, "error": "no answer within 5 s"}, [("wrong", "daemon-silent")]),
        ({"status": Answer({"version": "1.1"})}, [("warning", "daemon-older")]),
        ({"status": Answer({})}, [("warning", "daemon-older")]),
    ],
    ids=["runs", "does not", "silent", "older", "of a version without a version"],
)
def test_the_daemon_is_told_of(changed: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert reasons(judge_daemon(evolve(DAEMON, **changed), "1.2")) == expected


@pytest.mark.parametrize(
    ("mine", "daemons", "state"),
    [
        ("root", "mobility", State.OK),
        ("mobility", "mobility", State.OK),
        ("mary", None, State.OK),
        ("mary", "mobility", State.UNKNOWN),
    ],
)
def test_whoever_looks_is_told_whose_rights_count(
    mine: str, daemons: str | None, state: State
) -> None:
    account = AccountFacts(mine=mine, daemons=daemons, is_root=mine == "root")
    assert only(judge_account(account)).state is state


def test_a_cure_gives_nothing_away_that_a_link_leads_to() -> None:
    """The daemon's account could put one there, and have root type the rest."""
    found = only(judge_storage([evolve(FOLDER, is_writable=False)]))
    assert "`chown -h mobility /d`" in found.cure


# Somebody else's eyes -----------------------------------------------------------------------


def test_what_is_closed_to_somebody_else_is_not_to_be_opened_to_them() -> None:
    """A key that an ordinary user cannot read is as it has to be."""
    closed = wrong("certificate", "file-unreadable", "bob cannot read it.", "`chown root:bob`")
    expired = wrong("certificate", "certificate-expired", "It has expired.", "Renew it.")
    told = list(not_for_the_daemon([closed, expired]))
    assert told[0].state is State.UNKNOWN
    assert told[0].what == closed.what
    assert told[0].cure == "Look again as root: `sudo procall-mobility doctor`."
    assert told[1] == expired

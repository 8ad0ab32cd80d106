"""The support bundle: what is shown, and that nothing else is."""

import datetime
import json
from pathlib import Path

import attrs
import pytest

from procall_mobility.config import Settings
from procall_mobility.config.loading import parse
from procall_mobility.diagnosis.bundle import answers
from procall_mobility.diagnosis.bundle.log_files import NotReadable, read_book
from procall_mobility.diagnosis.bundle.log_privacy import LogPrivacy
from procall_mobility.diagnosis.bundle.pages import of_customer
from procall_mobility.diagnosis.bundle.report import PRIORITIES, FaultReport, form
from procall_mobility.diagnosis.bundle.sections import MOST_OCTETS, bounded, rendered
from procall_mobility.diagnosis.bundle.shown_settings import (
    SHOWN,
    own_addresses_in,
    shown_settings,
)
from procall_mobility.operations.admin_answer import Answer

SINCE = datetime.datetime(2026, 11, 22, 9, tzinfo=datetime.UTC)
REFUSED = "2026-11-22T10:14:03+00:00 acme session opened  client=203.0.113.57 user#7f3a91"


def privacy(**changed: object) -> LogPrivacy:
    return LogPrivacy(**{"since": SINCE, "is_access": True} | changed)  # type: ignore[arg-type]


# Log lines --------------------------------------------------------------------------------


def test_a_line_keeps_its_stand_ins_and_loses_the_end_of_its_address() -> None:
    told = privacy().shown(REFUSED)
    assert told == REFUSED.replace("203.0.113.57", "203.0.113.0/24")


def test_lines_in_json_are_treated_alike() -> None:
    line = {"time": "2026-11-22T10:14:03.250+00:00", "client": "203.0.113.57", "secret": "x"}
    told = json.loads(privacy().shown(json.dumps(line)) or "")
    assert told == line | {"client": "203.0.113.0/24", "secret": "(left out)"}


def test_a_field_that_no_book_has_is_not_shown() -> None:
    line = '2026-11-22T10:14:03+00:00 info started token=abc name=node1 password="a b" text=x'
    told = privacy(is_access=False).shown(line)
    assert told is not None
    assert "abc" not in told
    assert "a b" not in told
    assert "name=node1" in told
    assert "text=x" in told


@pytest.mark.parametrize(
    "line", ["Traceback (most recent call last):", "  password = 'x'", "", "{not json", "[1]"]
)
def test_lines_that_are_not_ours_are_counted_and_not_shown(line: str) -> None:
    """Nobody knows what another program, or Python itself, has written there."""
    asked = privacy()
    assert asked.shown(line) is None
    assert asked.strange == 1


def test_what_was_before_is_counted() -> None:
    asked = privacy()
    assert asked.shown(REFUSED.replace("T10", "T08")) is None
    assert asked.older == 1


@pytest.mark.parametrize(
    ("line", "is_access", "is_shown"),
    [
        (REFUSED, True, True),
        (REFUSED.replace("acme", "other"), True, False),
        (REFUSED.replace("acme", "-"), True, True),
        ("2026-11-22T10:00:00+00:00 warn x customer=other", False, False),
        ("2026-11-22T10:00:00+00:00 warn x customer=acme", False, True),
        ("2026-11-22T10:00:00+00:00 warn x", False, True),
        ('{"time": "2026-11-22T10:00:00+00:00", "customer": "other"}', True, False),
        ('{"time": "2026-11-22T10:00:00+00:00"}', True, True),
    ],
)
def test_of_other_customers_nothing_is_shown(line: str, is_access: bool, is_shown: bool) -> None:
    asked = privacy(customer="acme", is_access=is_access)
    assert (asked.shown(line) is not None) is is_shown
    assert asked.others == (not is_shown)


def test_a_book_is_read_with_what_was_rotated_last(tmp_path: Path) -> None:
    book = tmp_path / "access.log"
    (tmp_path / "access.log.1").write_text("one\n")
    book.write_text("two\nthree\n")
    assert list(read_book(str(book), "x", 0)) == ["one", "two", "three"]


@pytest.mark.parametrize("target", ["stderr", "/nowhere/access.log"])
def test_a_book_that_cannot_be_read_says_why(target: str) -> None:
    with pytest.raises(NotReadable, match=r"standard error|is not there"):
        list(read_book(target, "x", 0))


@pytest.mark.parametrize("is_well", [True, False])
def test_the_journal_is_asked_for_what_is_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_well: bool
) -> None:
    program = tmp_path / "journalctl"
    program.write_text(f"#!/bin/sh\nprintf '%s\\n' \"$@\"; exit {int(not is_well)}\n")
    monkeypatch.setattr("os.geteuid", lambda: 12345)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    if not is_well:
        with pytest.raises(NotReadable, match="root can"):
            list(read_book("journal", "procall-mobility", 12.5))
        return
    assert "--since=@0" in list(read_book("journal", "procall-mobility", -12.5))
    asked = list(read_book("journal", "procall-mobility", 12.5))
    assert {"--identifier=procall-mobility", "--since=@12", "--output=cat"} <= set(asked)


def test_root_is_told_what_keeps_it_from_the_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To be root is no cure for it."""
    program = tmp_path / "journalctl"
    program.write_text("#!/bin/sh\necho 'Failed to open: Bad message\nand more' >&2; exit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("os.geteuid", lambda: 0)
    with pytest.raises(NotReadable, match=r"by root: Failed to open: Bad message$"):
        list(read_book("journal", "procall-mobility", 0))
    program.write_text("#!/bin/sh\nexit 3\n")
    with pytest.raises(NotReadable, match="by root: exit status 3"):
        list(read_book("journal", "procall-mobility", 0))
    program.write_text("no program")
    with pytest.raises(NotReadable, match=r"by root: .*Exec format"):
        list(read_book("journal", "procall-mobility", 0))
    program.write_text("#!/bin/sh\nexec /bin/sleep 60\n")
    monkeypatch.setattr("procall_mobility.diagnosis.bundle.log_files.PATIENCE", 0.01)
    with pytest.raises(NotReadable, match="by root: no answer within"):
        list(read_book("journal", "procall-mobility", 0))


@pytest.mark.parametrize("account", [0, 12345])
def test_who_may_not_see_the_journal_does_not_say_that_it_is_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, account: int
) -> None:
    """journalctl shows an account what is its own, which is nothing, and that is no failure."""
    program = tmp_path / "journalctl"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("os.geteuid", lambda: account)
    if account == 0:
        assert not list(read_book("journal", "procall-mobility", 0))
        return
    with pytest.raises(NotReadable, match="nothing of it that this account may see; root"):
        list(read_book("journal", "procall-mobility", 0))


def test_without_a_journal_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(NotReadable, match="no journal"):
        list(read_book("journal", "procall-mobility", 0))


# Settings ---------------------------------------------------------------------------------

TEXTS = """\
[service]
origin = "https://mobility.example.net"
[turn]
urls = ["turn:user:hunter2@turn.example.net"]
realm = "mobility"
[push]
endpoints_inside = ["push.internal.example.net"]
[[ice.servers]]
urls = ["turn:turn.example.net"]
username = "a-fixed-user"
credential_file = "/etc/procall-mobility/secrets/turn"
"""


def test_settings_are_shown_but_for_what_may_be_secret() -> None:
    told = "\n".join(shown_settings(parse(TEXTS)))
    assert "service.origin = https://mobility.example.net\n" in told
    assert "listen.tls = ['0.0.0.0:443', '[::]:443']  (default)" in told
    assert "turn.ports = 49152-65535  (default)" in told
    assert "ice.servers[0].credential_file = /etc/procall-mobility/secrets/turn" in told
    assert "ice.servers[0].username = (set, not shown)" in told
    assert "turn.urls = (set, not shown)" in told
    for secret in ("hunter2", "a-fixed-user", "push.internal"):
        assert secret not in told


def test_every_name_on_the_list_is_a_setting() -> None:
    def leaves(kind: type, where: str = "") -> set[str]:
        found = set()
        for each in attrs.fields(kind):
            inner = each.metadata.get("section") or each.metadata.get("tables")
            name = f"{where}{each.name}"
            found |= leaves(inner, f"{name}.") if inner is not None else {name}
        return found

    assert leaves(Settings) >= SHOWN


def test_addresses_of_the_settings_are_this_machines_own() -> None:
    source = '[service]\norigin = "https://a.example"\n[turn]\nrelay = ["10.0.0.5"]\n'
    source += 'external = ["10.0.0.5=198.51.100.7"]\n'
    assert own_addresses_in(parse(source)) >= {"10.0.0.5", "198.51.100.7", "0.0.0.0"}


# What the daemon answers ------------------------------------------------------------------


def test_of_answers_numbers_and_known_texts_are_shown() -> None:
    told = {"lane": "fcm:a b", "waiting": 3, "is": True, "device": "x", "in": {"y": 1}}
    assert answers.row(Answer(told), answers.LANE_TEXTS) == 'lane="fcm:a b"  waiting=3  is=True'


def test_of_links_only_those_of_the_customer_are_shown() -> None:
    status = {
        "version": "1", "node": "node1", "uptime": 3.0, "listening": ["tls [::]:443"],
        "relay": None, "datapath": None, "counters": {"server link opened": 2},
        "links": [{"customer": "acme", "peer": "192.0.2.7"}, {"customer": "other"}],
    }  # fmt: skip
    told = list(answers.status_lines(Answer(status), "acme"))
    assert "links: 1" in told
    assert "  customer=acme  peer=192.0.2.7" in told
    assert "  server link opened = 2" in told
    assert not any("other" in each for each in told)


def test_metrics_of_other_customers_are_left_out() -> None:
    assert of_customer('links{customer="acme"} 1', "acme")
    assert of_customer("# HELP links Links.", "acme")
    assert not of_customer('links{customer="other"} 1', "acme")


# The whole --------------------------------------------------------------------------------


def test_a_section_that_is_too_long_loses_its_end_and_says_so() -> None:
    long = "x" * 999
    section = bounded("Metrics", [long] * 1500, ["a secret"])
    assert len(section.lines) == MOST_OCTETS // 1000
    assert section.left_out == ("a secret", "500 lines, the last: the section has its full size")


def test_of_a_log_the_latest_lines_stay() -> None:
    section = bounded("Book", [f"{n:>999}" for n in range(1500)], keeps_last=True)
    assert section.lines[-1].strip() == "1499"
    assert section.left_out == ("500 lines, the oldest: the section has its full size",)


def test_what_was_left_out_stands_at_the_end() -> None:
    whole = list(rendered(["heading"], [bounded("One", ["said"]), bounded("Two", [], ["this"])]))
    assert whole[0] == "heading"
    assert whole.index("One") < whole.index("said") < whole.index("Two")
    assert whole[-1] == "Two: this"
    assert list(rendered([], [bounded("One", ["said"])]))[-1].startswith("Nothing")


def test_the_form_has_all_that_a_fault_report_must_state() -> None:
    """Time and duration, kind, extent, reproducibility, steps taken, priority."""
    lines = list(form(FaultReport()))
    names = ("Time", "Duration", "Kind", "Extent", "Reproducible", "Steps taken", "Priority")
    for name, line in zip(names, lines, strict=True):
        assert line.startswith(name)
        assert "....." in line
    assert all(code in lines[-1] for code in PRIORITIES)


def test_what_was_told_is_filled_in() -> None:
    lines = list(form(FaultReport(priority="P2", extent="all of acme")))
    assert "Extent             all of acme" in lines
    assert "Priority           P2 critical" in lines


def test_what_others_call_themselves_stays_on_its_line() -> None:
    """Neither a terminal nor a reader is misled; escapes of the log books stay as they are."""
    said = ['server="UC\x1b[31m\n====\nSettings"', r'note="a\nb"']
    assert bounded("Daemon", said).lines == (
        r'server="UC\x1b[31m\n====\nSettings"',
        r'note="a\nb"',
    )

"""The command `reload`: what it tells, and by which status."""

from pathlib import Path
from typing import Any

from tests.cli.conftest import Command
from tests.operations.admin_daemon import listening

GRACE = {"path": "ucclient.grace", "text": "10 -> 3"}
PORTS = {"path": "turn.ports", "text": '"1-2" -> "3-4"', "why": "relays are open there"}
TAKEN = {"path": "listen.tls", "line": 7, "text": "the port is taken"}


def outcome(**members: Any) -> dict[str, Any]:
    return {"file": "/x.toml", "changed": [], "waiting": [], "errors": [], **members}


def test_it_tells_what_has_changed_and_what_waits(command: Command, tmp_path: Path) -> None:
    facts = outcome(changed=[GRACE], waiting=[PORTS])
    with listening(tmp_path / "admin.sock", {"reload": lambda _: facts}):
        said = command("reload")
        assert command("reload", "--json").facts == facts
    assert (said.status, said.text.splitlines()) == (
        0,
        [
            "changed: ucclient.grace: 10 -> 3",
            'waits for a restart: turn.ports: "1-2" -> "3-4" (relays are open there)',
        ],
    )


def test_a_rehearsal_changes_nothing(command: Command, tmp_path: Path) -> None:
    asked: list[dict[str, Any]] = []

    def answer(question: dict[str, Any]) -> dict[str, Any]:
        asked.append(question)
        return outcome(changed=[GRACE], waiting=[PORTS])

    with listening(tmp_path / "admin.sock", {"reload": answer}):
        said = command("reload", "--dry-run")
    assert asked[0]["dry_run"] is True
    assert said.text.startswith("would change: ucclient.grace: 10 -> 3\nwould wait for a restart:")


def test_nothing_to_change_is_told(command: Command, tmp_path: Path) -> None:
    with listening(tmp_path / "admin.sock", {"reload": lambda _: outcome()}):
        said = command("reload")
    assert (said.status, said.text) == (0, "nothing differs\n")


def test_all_errors_are_told_with_status_78(command: Command, tmp_path: Path) -> None:
    errors = [TAKEN, {"path": "", "line": None, "text": "the daemon is told to end"}]
    with listening(tmp_path / "admin.sock", {"reload": lambda _: outcome(errors=errors)}):
        said = command("reload")
    assert (said.status, said.text.splitlines()) == (
        78,
        [
            "/x.toml: line 7: listen.tls: the port is taken",
            "/x.toml: the daemon is told to end",
            "nothing has changed",
        ],
    )


def test_a_file_that_cannot_be_read_is_told_likewise(
    command: Command, config: Path, tmp_path: Path
) -> None:
    """The daemon's socket is named in there: it need not be asked, and says the same."""
    config.write_text("[ucclient]\ngrase = 3\n[listen]\ntls = 4\n")
    said = command("reload", "--json")
    assert said.status == 78
    assert said.facts["changed"] == []
    told = [(each["path"], each["line"]) for each in said.facts["errors"]]
    assert told == [("ucclient.grase", 2), ("listen.tls", 4), ("service.origin", None)]


def test_a_daemon_that_does_not_run_is_told(command: Command) -> None:
    said = command("reload")
    assert said.status == 1
    assert "no daemon listens on" in said.text


def test_status_names_what_waits_for_a_restart(command: Command, tmp_path: Path) -> None:
    status: dict[str, Any] = {
        "version": "1.0",
        "node": "node1",
        "uptime": 1.0,
        "listening": [],
        "connections": 0,
        "links": [],
        "sessions": 0,
        "relay": None,
        "datapath": None,
        "counters": {},
        "certificates": [],
        "waiting": [PORTS, {**PORTS, "path": "push.enabled"}],
    }
    with listening(tmp_path / "admin.sock", {"status": lambda _: status}):
        said = command("status")
    assert "settings that wait for a restart: turn.ports, push.enabled\n" in said.text

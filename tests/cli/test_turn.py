"""`procall-mobility turn`: credentials, who uses the relay, and taking back."""

from pathlib import Path
from typing import Any

import pytest

from procall_mobility.protocols.turn.rest_names import credential_of, parse
from tests.cli.conftest import Command
from tests.operations.admin_daemon import listening

SECRET = "a secret of acme's own"
SESSION: dict[str, Any] = {
    "id": "9c1f0a7be2d4",
    "customer": "acme",
    "user": "eve\x1b[2J",
    "client": "203.0.113.57:50123",
    "transport": "udp",
    "relayed": ["198.51.100.1:49160", "[2001:db8::1]:49161"],
    "seconds": 125.0,
    "expires_in": 590.0,
    "permissions": 1,
    "channels": 1,
    "connections": 0,
    "mobility": False,
    "sent_packets": 10,
    "sent_octets": 999,
    "received_packets": 12,
    "received_octets": 1_234_567,
    "carried_channels": 0,
    "carried_packets": 0,
    "carried_octets": 0,
}


@pytest.fixture
def acme(command: Command, tmp_path: Path) -> Command:
    """The command line, where acme is a customer with a secret we know."""
    command("customer", "add", "acme", "--alias", "acme.example")
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n")
    assert command("turn", "secret", "set", "acme", "--file", str(file)).status == 0
    return command


# Credentials ----------------------------------------------------------------------------


def test_a_credential_is_issued_without_a_daemon(acme: Command) -> None:
    facts = acme("turn", "credentials", "ACME", "--json").facts
    assert list(facts) == ["urls", "username", "credential", "ttl"]
    assert facts["urls"] == [
        "turn:mobility.example.net:3478?transport=udp",
        "turn:mobility.example.net:3478?transport=tcp",
        "turns:mobility.example.net:443?transport=tcp",
    ]
    name = parse(facts["username"].encode())
    assert name is not None
    assert (name.ucsid, name.subject, name.session) == ("acme", "link", None)
    assert facts["credential"] == credential_of(SECRET.encode(), facts["username"])
    assert facts["ttl"] == 86_400


def test_the_settings_say_where_the_relay_is_and_how_long_a_credential_is_good(
    acme: Command, config: Path
) -> None:
    urls = 'urls = ["turn:turn.example.org:3478"]'
    config.write_text(f"{config.read_text()}[turn]\n{urls}\n[ice]\nttl = 600\n")
    facts = acme("turn", "credentials", "acme", "--json").facts
    assert (facts["urls"], facts["ttl"]) == (["turn:turn.example.org:3478"], 600)


def test_a_credential_for_a_user_is_shown_to_people(acme: Command) -> None:
    text = acme("turn", "credentials", "acme", "--user", "alice", "--ttl", "3600").text
    *urls, name, credential, good = text.splitlines()
    assert len(urls) == 3
    assert all(each.startswith("url         turn") for each in urls)
    assert name.startswith("user name   ")
    assert name.endswith(":acme:alice")
    assert len(credential.removeprefix("credential  ")) == 28
    assert good == "good for    1 h 0 min"


def test_a_running_daemon_learns_the_name_for_its_hash(acme: Command, tmp_path: Path) -> None:
    """B15: USERHASH for names we minted."""
    told: list[dict[str, Any]] = []
    with listening(tmp_path / "admin.sock", {"turn-remember": told.append}):
        facts = acme("turn", "credentials", "acme", "--json").facts
    assert told == [{"verb": "turn-remember", "username": facts["username"]}]


def test_a_daemon_that_cannot_be_told_is_no_failure(acme: Command, tmp_path: Path) -> None:
    with listening(tmp_path / "admin.sock", {}):
        said = acme("turn", "credentials", "acme")
    assert said.status == 0
    assert "note: the daemon was not told, a client has to show its name openly" in said.text


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("nobody",), "there is no customer nobody"),
        (("acme.example",), "acme.example is an alias of acme"),
        (("acme", "--user", "a:b"), "without a colon"),
        (("acme", "--user", ""), "a user's name"),
    ],
)
def test_what_cannot_be_issued_is_told(
    acme: Command, arguments: tuple[str, ...], text: str
) -> None:
    said = acme("turn", "credentials", *arguments)
    assert said.status == 1
    assert text in said.text


@pytest.mark.parametrize("change", [("disable", "acme"), ("set", "acme", "turn=no")])
def test_a_customer_that_is_off_gets_none(acme: Command, change: tuple[str, ...]) -> None:
    acme("customer", *change)
    said = acme("turn", "credentials", "acme")
    assert said.status == 1
    assert "acme gets no relay" in said.text


@pytest.mark.parametrize("ttl", ["0", "-1", "31536001", "soon"])
def test_a_lifetime_that_is_none_is_misuse(acme: Command, ttl: str) -> None:
    assert acme("turn", "credentials", "acme", "--ttl", ttl).status == 2


# Sessions -------------------------------------------------------------------------------


def test_sessions_are_shown_to_people_and_machines(command: Command, tmp_path: Path) -> None:
    facts = {"sessions": [SESSION], "counters": {"moved": 1, "allocations": 1}}
    with listening(tmp_path / "admin.sock", {"turn-sessions": lambda _: facts}):
        assert command("turn", "sessions", "--json").facts == facts
        lines = command("turn", "sessions").text.splitlines()
    assert [line.split("  ")[0] for line in lines] == [
        "ID",
        "9c1f0a7be2d4",
        "",
        "allocations",
        "moved",
    ]
    for shown in (
        r"acme:eve\x1b[2J",
        "198.51.100.1:49160, [2001:db8::1]:49161",
        "  2 min  9 min  ",
        "  999 B  1.23 MB   -",
    ):
        assert " ".join(shown.split()) in " ".join(lines[1].split())
    assert "\x1b" not in lines[1]


@pytest.mark.parametrize(
    ("channels", "packets", "shown"),
    [(0, 0, "-"), (1, 0, "0 %"), (1, 11, "50 %"), (0, 21, "95 %"), (1, 22, "100 %")],
)
def test_a_session_shows_how_much_the_kernel_has_relayed(
    command: Command, tmp_path: Path, channels: int, packets: int, shown: str
) -> None:
    carried = {"carried_channels": channels, "carried_packets": packets}
    facts = {"sessions": [{**SESSION, **carried}], "counters": {}}
    with listening(tmp_path / "admin.sock", {"turn-sessions": lambda _: facts}):
        line = command("turn", "sessions").text.splitlines()[1]
    assert line.endswith(f"MB   {shown}")


def test_all_but_one_packet_is_not_all(command: Command, tmp_path: Path) -> None:
    """Whoever looks for the first packets, which came before the channel was bound, finds them."""
    session = {**SESSION, "received_packets": 10_000, "carried_packets": 10_009}
    facts = {"sessions": [session], "counters": {}}
    with listening(tmp_path / "admin.sock", {"turn-sessions": lambda _: facts}):
        assert command("turn", "sessions").text.splitlines()[1].endswith("  99 %")


def test_a_client_on_its_way_is_nowhere(command: Command, tmp_path: Path) -> None:
    moving = {**SESSION, "client": None, "transport": None, "sent_octets": 5e15}
    facts = {"sessions": [moving], "counters": {}}
    with listening(tmp_path / "admin.sock", {"turn-sessions": lambda _: facts}):
        line = command("turn", "sessions").text.splitlines()[1]
    assert "  -       -   " in line
    assert "5e+03 TB" in line


def test_nobody_is_a_fact_too(command: Command, tmp_path: Path) -> None:
    facts: dict[str, Any] = {"sessions": [], "counters": {}}
    with listening(tmp_path / "admin.sock", {"turn-sessions": lambda _: facts}):
        assert command("turn", "sessions").text == "nobody has a relay\n"


def test_sessions_need_a_daemon(command: Command, tmp_path: Path) -> None:
    said = command("turn", "sessions")
    assert said.status == 1
    assert "no daemon listens on" in said.text
    with listening(tmp_path / "admin.sock", {}):
        said = command("turn", "sessions")
    assert said.status == 1
    assert "no such verb" in said.text


# Taking back ----------------------------------------------------------------------------


def test_a_running_daemon_ends_relays_and_tells_how_many(acme: Command, tmp_path: Path) -> None:
    told: list[dict[str, Any]] = []

    def end(question: dict[str, Any]) -> dict[str, int]:
        told.append(question)
        if question["target"] == "nobody":
            raise ValueError("there is no customer and no session 'nobody'")
        return {"ended": 3}

    with listening(tmp_path / "admin.sock", {"turn-revoke": end}):
        assert acme("turn", "revoke", "acme").text == "acme: 3 ended\n"
        facts = acme("turn", "revoke", "acme:alice", "--json").facts
        said = acme("turn", "revoke", "nobody")
    assert facts == {"target": "acme:alice", "ended": 3, "relay": "on"}
    assert told[0] == {"verb": "turn-revoke", "target": "acme"}
    assert said.status == 1
    assert "no customer and no session 'nobody'" in said.text


@pytest.mark.parametrize("target", ["acme", "ACME:alice"])
def test_without_a_daemon_it_is_noted_for_the_next_one(
    acme: Command, tmp_path: Path, target: str
) -> None:
    file = tmp_path / "password"
    file.write_text("a password of alice's")
    acme("turn", "user", "set", "acme", "alice", "--password-file", str(file))
    before = acme("turn", "credentials", "acme", "--user", "alice", "--json").facts
    facts = acme("turn", "revoke", target, "--json").facts
    assert facts == {"target": target, "ended": 0, "relay": "no-daemon"}
    after = acme("turn", "credentials", "acme", "--user", "alice", "--json").facts
    assert ":@" not in before["username"]
    assert ":@" in after["username"], "it says that it was issued later"
    (alice,) = acme("turn", "user", "list", "acme", "--json").facts
    assert alice["revoked"] is True


def test_a_daemon_whose_relay_is_off_leaves_it_to_the_store(acme: Command, tmp_path: Path) -> None:
    """When the relay is switched on again, nobody gets in by what was taken back."""
    told: list[dict[str, Any]] = []
    acme("turn", "user", "set", "acme", "alice")
    verbs = {"turn-revoke": lambda _: {"ended": None}, "customer-changed": told.append}
    with listening(tmp_path / "admin.sock", verbs):
        said = acme("turn", "revoke", "acme:alice")
        facts = acme("turn", "revoke", "acme", "--json").facts
    assert said.text == (
        "acme:alice: 0 ended, as the relay is switched off; all they had to show is taken back\n"
    )
    assert facts == {"target": "acme", "ended": 0, "relay": "off"}
    assert [each["ucsid"] for each in told] == ["acme", "acme"]
    (alice,) = acme("turn", "user", "list", "acme", "--json").facts
    assert alice["revoked"] is True


def test_people_are_told_why_nothing_has_ended(acme: Command) -> None:
    said = acme("turn", "revoke", "acme")
    assert said.text == "acme: 0 ended, as no daemon runs; all they had to show is taken back\n"


def test_without_a_daemon_nobody_has_an_id(acme: Command) -> None:
    said = acme("turn", "revoke", "9c1f0a7be2d4")
    assert said.status == 1
    assert "there is no customer 9c1f0a7be2d4" in said.text


def test_a_user_needs_a_name(acme: Command) -> None:
    assert acme("turn", "revoke", "acme:").status == 2

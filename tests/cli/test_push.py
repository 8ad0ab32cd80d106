"""`push app` and `push lanes`: where pushes can go, and how that goes."""

import datetime
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.gateway.push.credentials import P8, service_account
from tests.operations.admin_daemon import listening
from tests.protocols.push.certificates import certificate, pem

APPLE = ("--topic", "org.example.app", "--team", "TEAM123456", "--key-id", "KEY1234567",
         "--title", "Example")  # fmt: skip


@pytest.fixture
def key(tmp_path: Path) -> str:
    file = tmp_path / "AuthKey_KEY1234567.p8"
    file.write_bytes(P8)
    return str(file)


@pytest.fixture
def account(tmp_path: Path) -> str:
    file = tmp_path / "account.json"
    file.write_bytes(service_account())
    return str(file)


def add(command: Command, provider: str, file: str, *more: str, name: str = "app") -> object:
    return command("push", "app", "add", name, "--provider", provider, "--credential-file", file,
                   *more)  # fmt: skip


def test_an_application_is_registered_and_listed(command: Command, key: str, account: str) -> None:
    assert command("push", "app", "list").text == "no application is registered\n"
    command("customer", "add", "acme")
    assert add(command, "apns", key, *APPLE, name="ios").text == "ios is registered\n"
    said = add(command, "fcm", account, "--customer", "ACME", "--json", name="android")
    assert said.facts == {
        "channel": "android", "customer": "acme", "provider": "fcm", "credential": account,
    }  # fmt: skip
    listed = command("push", "app", "list").text.splitlines()
    assert [line.split() for line in listed] == [
        ["channel", "customer", "provider", "credential"],
        ["android", "acme", "fcm", account],
        ["ios", "all", "apns", key],
    ]
    (ios,) = [each for each in command("push", "app", "list", "--json").facts
              if each["channel"] == "ios"]  # fmt: skip
    assert (ios["topic"], ios["environment"]) == ("org.example.app", "production")


@pytest.mark.parametrize(
    ("provider", "more", "why"),
    [
        ("apns", (), "--topic is needed for apns"),
        ("apns", APPLE[:-2], "--title is needed for apns"),
        ("apns", ("--topic", "a b", "--title", "Example"), "--topic is no bundle id"),
        ("hms", (), "--system is needed for hms"),
        ("wns", ("--may-ring", "yes"), "--may-ring means nothing to wns"),
        ("fcm", ("--topic", "org.example.app"), "--topic means nothing to fcm"),
        ("fcm", ("--environment", "both"), "--environment means nothing to fcm"),
    ],
)
def test_what_is_missing_or_too_much_is_named(
    command: Command, key: str, provider: str, more: tuple[str, ...], why: str
) -> None:
    said = add(command, provider, key, *more)
    assert said.status == 2
    assert why in said.text


def test_a_credential_that_cannot_be_used_registers_nothing(
    command: Command, key: str, tmp_path: Path
) -> None:
    missing = add(command, "apns", str(tmp_path / "none.p8"), *APPLE)
    assert (missing.status, "No such file" in missing.text) == (1, True)
    other = add(command, "fcm", key)
    assert other.status == 1
    assert "it is not a JSON object" in other.text
    assert "PRIVATE KEY" not in other.text
    assert command("push", "app", "list", "--json").facts == []


def test_a_name_is_taken_once(command: Command, key: str) -> None:
    add(command, "apns", key, *APPLE)
    said = add(command, "apns", key, *APPLE)
    assert (said.status, "app is registered already" in said.text) == (1, True)


def test_another_credential_is_used_from_now_on_if_it_can_be(
    command: Command, key: str, tmp_path: Path
) -> None:
    add(command, "apns", key, *APPLE)
    rotate = ("push", "app", "rotate", "app", "--credential-file")
    wrong = tmp_path / "wrong.p8"
    wrong.write_text("no key")
    said = command(*rotate, str(wrong))
    assert (said.status, "it is no PEM" in said.text) == (1, True)
    new = tmp_path / "new.p8"
    new.write_bytes(P8)
    assert command(*rotate, str(new)).text == f"app uses {new} from now on\n"
    (app,) = command("push", "app", "list", "--json").facts
    assert app["credential"] == str(new)
    unknown = command("push", "app", "rotate", "other", "--credential-file", key)
    assert (unknown.status, "there is no application other" in unknown.text) == (1, True)


def test_applications_of_huawei_and_microsoft_have_the_secret_of_a_client(
    command: Command, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.json"
    secret.write_text('{"client_id": "100000001", "client_secret": "s3cret"}')
    said = add(command, "hms", str(secret), "--system", "android", "--title", "Acme",
               "--body", "There is news", "--may-ring", "yes", "--json")  # fmt: skip
    assert (said.facts["may_ring"], said.facts["category"]) == ("yes", "IM")
    wrong = add(command, "wns", str(secret), name="windows")
    assert (wrong.status, "client_id is no package's" in wrong.text) == (1, True)
    assert "s3cret" not in wrong.text
    secret.write_text('{"client_id": "ms-app://s-1-15-2-1-2-3", "client_secret": "s3cret"}')
    assert add(command, "wns", str(secret), name="windows").text == "windows is registered\n"


def test_a_key_that_takes_over_has_another_id(command: Command, key: str) -> None:
    add(command, "apns", key, *APPLE)
    rotate = ("push", "app", "rotate", "app", "--credential-file", key)
    wrong = command(*rotate, "--key-id", "short")
    assert (wrong.status, "--key-id is not ten capital letters" in wrong.text) == (2, True)
    assert command(*rotate, "--key-id", "KEY7654321").status == 0
    (app,) = command("push", "app", "list", "--json").facts
    assert (app["key_id"], app["team"], app["title"]) == ("KEY7654321", "TEAM123456", "Example")


def test_a_certificate_may_take_over_from_a_key(
    command: Command, key: str, tmp_path: Path
) -> None:
    add(command, "apns", key, *APPLE)
    file = tmp_path / "certificate.pem"
    start = datetime.datetime.now(datetime.UTC)
    found = certificate(start=start)
    file.write_bytes(pem(*found))
    assert command("push", "app", "rotate", "app", "--credential-file", str(file)).status == 0
    late = tmp_path / "late.pem"
    late.write_bytes(pem(*certificate(start=start - datetime.timedelta(days=9), days=8)))
    said = command("push", "app", "rotate", "app", "--credential-file", str(late))
    assert (said.status, "the certificate has expired" in said.text) == (1, True)


def test_an_application_is_removed(command: Command, key: str) -> None:
    add(command, "apns", key, *APPLE)
    assert command("push", "app", "remove", "app").text == "app is removed\n"
    said = command("push", "app", "remove", "app")
    assert (said.status, "there is no application app" in said.text) == (1, True)


def test_a_running_daemon_is_told(command: Command, config: Path, key: str) -> None:
    asked = []
    verbs = {"push-apps-changed": lambda question: asked.append(question["verb"]) or "ok"}
    with listening(config.parent / "admin.sock", verbs):
        add(command, "apns", key, *APPLE)
        command("push", "app", "remove", "app")
    assert asked == ["push-apps-changed"] * 2


def test_lanes_are_shown_with_their_troubles(command: Command, config: Path) -> None:
    lane = {"lane": "apns:TEAM.KEY", "waiting": 3, "in_flight": 0, "sent": 7, "rejected": 0,
            "retried": 1, "trouble": "InvalidProviderToken"}  # fmt: skip
    told: list[list[dict[str, object]]] = [[], [lane], [lane]]
    with listening(config.parent / "admin.sock", {"push-lanes": lambda _: told.pop(0)}):
        assert "no application is registered" in command("push", "lanes").text
        head, row = command("push", "lanes").text.splitlines()
        assert head.split() == ["lane", "waiting", "in", "flight", "sent", "rejected", "retried",
                                "trouble"]  # fmt: skip
        assert row.split() == ["apns:TEAM.KEY", "3", "0", "7", "0", "1", "InvalidProviderToken"]
        assert command("push", "lanes", "--json").facts == [lane]
    said = command("push", "lanes")
    assert (said.status, "not running" in said.text) == (1, True)


class TestKeysOfWebPush:
    def test_a_key_is_made_once_and_shown_to_subscribe_with(
        self, command: Command, tmp_path: Path
    ) -> None:
        """An uncompressed point in base64url, as `PushManager.subscribe` takes it."""
        file = tmp_path / "vapid.pem"
        public = command("push", "app", "key", str(file)).text.strip()
        assert (len(public), public[0]) == (87, "B")
        assert file.stat().st_mode & 0o777 == 0o600
        before = file.read_bytes()
        again = command("push", "app", "key", str(file), "--json").facts
        assert again == {
            "file": str(file), "application_server_key": public, "is_new": False,
        }  # fmt: skip
        assert file.read_bytes() == before

    def test_it_registers_an_application(self, command: Command, tmp_path: Path) -> None:
        file = tmp_path / "vapid.pem"
        command("push", "app", "key", str(file))
        subject = ("--subject", "mailto:push@example.com")
        assert add(command, "webpush", str(file), *subject).text == "app is registered\n"
        wrong = add(command, "webpush", str(file), "--subject", "mailto:me@localhost", name="b")
        assert wrong.status == 2
        assert "--subject is no mailbox" in wrong.text

    def test_what_is_no_key_is_left_alone(self, command: Command, tmp_path: Path) -> None:
        file = tmp_path / "notes.txt"
        file.write_text("not a key")
        said = command("push", "app", "key", str(file))
        assert said.status == 1
        assert file.read_text() == "not a key"
        missing = command("push", "app", "key", str(tmp_path / "nowhere" / "vapid.pem"))
        assert missing.status == 1
        assert "No such file" in missing.text

"""Providers are called as far as TLS, by those applications alone that are registered."""

import email.utils
import os
import time
from pathlib import Path

import pytest

from procall_mobility.config import Settings
from procall_mobility.diagnosis import Wishes, diagnose
from procall_mobility.diagnosis.facts.daemon import Account
from procall_mobility.diagnosis.facts.providers import Called, call_providers
from procall_mobility.diagnosis.judgements.providers import Obstacle, judge_providers
from procall_mobility.gateway.push.applications.registrations import Provider, Registration
from procall_mobility.storage.customers import CustomerStore
from procall_mobility.storage.push_apps import PushAppStore
from tests.diagnosis.answering import in_plain, in_tls
from tests.diagnosis.certificates import DAY, Authority
from tests.diagnosis.conftest import Make
from tests.ports import free_port

SECRET = '{"client_id": "10001", "client_secret": "s3cret"}'


def register(folder: Path, credential: str = SECRET) -> None:
    file = folder / "credential.json"
    file.write_text(credential)
    store = CustomerStore(folder / "customers.sqlite", os.urandom, time.time)
    options = {"system": "android", "title": "Call", "body": "Somebody calls"}
    app = Registration(
        name="hms.app", provider=Provider.HMS, credential=str(file), options=options
    )
    PushAppStore(store).add(app)
    store.close()


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    made = Authority()
    made.issue(tmp_path)
    made.write(tmp_path / "ca.pem")
    return made


def settings_for(make: Make, folder: Path, port: int, host: str = "localhost") -> Settings:
    place = f"{host}:{port}"
    return make(
        f'[push]\nauthorities = "{folder}/ca.pem"\n'
        f'[push.hosts]\nhms = "{place}"\nhms_tokens = "{place}"\n'
    )


def only(called: Called) -> tuple[Obstacle | None, str]:
    (facts,) = called.providers
    assert facts.uses == ("hms",)
    return facts.obstacle, facts.detail


@pytest.mark.usefixtures("authority")
def test_one_that_answers_says_what_time_it_is(make: Make, tmp_path: Path) -> None:
    register(tmp_path)
    date = email.utils.formatdate(time.time() - 3600, usegmt=True)
    with in_tls(tmp_path, f"HTTP/1.1 404 No\r\nDate: {date}\r\n\r\n".encode()) as port:
        called = call_providers(settings_for(make, tmp_path, port))
    assert only(called) == (None, "")
    (date_of,) = called.dates
    assert date_of.ahead == pytest.approx(3600, abs=2)
    assert [each.problem for each in called.credentials] == [None]


@pytest.mark.usefixtures("authority")
@pytest.mark.parametrize(
    "answer",
    [b"", b"\0\0\x12\x04", b"HTTP/1.1 200 Yes\r\nDate: soon\r\n\r\n", b"HTTP/1.1 200\r\n"],
)
def test_one_that_tells_no_time_is_reached_all_the_same(
    make: Make, tmp_path: Path, answer: bytes
) -> None:
    """Apple speaks nothing but HTTP/2."""
    register(tmp_path)
    with in_tls(tmp_path, answer) as port:
        called = call_providers(settings_for(make, tmp_path, port))
    assert only(called)[0] is None
    assert called.dates == ()


def test_whoever_shows_another_certificate_is_not_believed(make: Make, tmp_path: Path) -> None:
    """As proxies do that open TLS."""
    register(tmp_path)
    Authority("A proxy").issue(tmp_path)
    Authority().write(tmp_path / "ca.pem")
    with in_tls(tmp_path) as port:
        obstacle, detail = only(call_providers(settings_for(make, tmp_path, port)))
    assert obstacle is Obstacle.UNTRUSTED
    assert detail


def test_a_certificate_out_of_its_time_points_to_the_clock(
    make: Make, tmp_path: Path, authority: Authority
) -> None:
    register(tmp_path)
    authority.issue(tmp_path, begins=DAY)
    with in_tls(tmp_path) as port:
        called = call_providers(settings_for(make, tmp_path, port))
    assert only(called)[0] is Obstacle.TIME


@pytest.mark.usefixtures("authority")
def test_whoever_speaks_no_tls_is_told_apart(make: Make, tmp_path: Path) -> None:
    register(tmp_path)
    with in_plain() as port:
        called = call_providers(settings_for(make, tmp_path, port))
    assert only(called)[0] is Obstacle.TLS
    with in_plain(b"") as port:
        called = call_providers(settings_for(make, tmp_path, port))
    assert only(called)[0] is Obstacle.TLS


@pytest.mark.usefixtures("authority")
def test_a_connection_that_is_refused_is_told_as_such(make: Make, tmp_path: Path) -> None:
    register(tmp_path)
    called = call_providers(settings_for(make, tmp_path, free_port()))
    assert only(called)[0] is Obstacle.REFUSED


@pytest.mark.usefixtures("authority")
def test_nobody_is_called_offline(make: Make, tmp_path: Path) -> None:
    register(tmp_path)
    called = call_providers(settings_for(make, tmp_path, free_port()), calls=False)
    assert called.providers == ()
    assert len(called.credentials) == 1


def test_a_credential_that_cannot_be_used_calls_nobody(make: Make, tmp_path: Path) -> None:
    register(tmp_path, "no secret")
    (bad,) = call_providers(make()).credentials
    assert bad.problem
    (tmp_path / "credential.json").unlink()
    called = call_providers(make())
    assert [each.problem for each in called.credentials] == ["No such file or directory"]
    assert called.providers == ()


def test_without_pushes_nothing_is_looked_at(make: Make, tmp_path: Path) -> None:
    register(tmp_path)
    called = call_providers(make("[push]\nenabled = false\n"))
    assert called == Called(providers=(), credentials=(), dates=())


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_authorities_that_cannot_be_used_are_told_of(
    make: Make, tmp_path: Path, content: str | None
) -> None:
    """The daemon takes no pushes with them; that is no fault of whoever looks."""
    file = tmp_path / "authorities.pem"
    if content is not None:
        file.write_text(content)
    register(tmp_path)
    settings = make(f'[push]\nauthorities = "{file}"\n')
    called = call_providers(settings, calls=False)
    assert called.credentials
    (found,) = judge_providers(called.providers, str(file), called.authorities_problem)
    assert found.reason == "provider-authorities"
    assert f"{file}, which cannot be used: " in found.what
    told = diagnose(settings, Wishes(calls_providers=False))
    assert "provider-authorities" in {each.reason for each in told}


def test_of_providers_that_were_not_to_be_called_nothing_is_said(
    make: Make, tmp_path: Path
) -> None:
    """That no application is registered would not be true."""
    register(tmp_path)
    told = diagnose(make(), Wishes(calls_providers=False))
    assert "providers" not in {each.check for each in told}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can try for others")
def test_a_credential_that_the_daemon_may_not_read_is_no_good_one(
    make: Make, tmp_path: Path
) -> None:
    """Root, who looks, may read it."""
    register(tmp_path)
    daemon = Account("mobility", 12345, 12345, is_mine=False)
    (bad,) = call_providers(make(), daemon, calls=False).credentials
    assert bad.problem == "mobility may not read it"


def test_applications_that_cannot_be_read_are_not_called_none(make: Make, tmp_path: Path) -> None:
    """An ordinary user, whom the daemon's folder is closed to, would be told that all is well."""
    (tmp_path / "customers.sqlite").write_text("no database, or a closed one")
    called = call_providers(make())
    assert called.is_unread
    told = diagnose(make(), Wishes())
    assert "applications-unread" in {each.reason for each in told}

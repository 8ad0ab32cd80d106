"""The running gateway follows what is registered, and the files of credentials."""

import datetime
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import evolve
from twisted.logger import capturedLogs

from procall_mobility.gateway.push.ports import State
from procall_mobility.protocols.push.exchange import Answer
from procall_mobility.storage.customers import CustomerStore
from tests.composition.push.house import HUAWEI, IOS, House
from tests.gateway.push.credentials import P8
from tests.gateway.push.fakes import UNIX
from tests.protocols.push.certificates import certificate, pem


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    customers = CustomerStore(tmp_path / "customers.sqlite", bytes, lambda: UNIX)
    made = House(tmp_path, customers)
    yield made
    customers.close()


def test_applications_that_are_registered_while_it_runs_are_taken_over(house: House) -> None:
    house.gateway.start()
    assert house.lanes() == set()
    house.registered.add(evolve(IOS, credential=house.file("key.p8", P8)))
    house.gateway.look_for_changes()
    assert house.lanes() == {"apns:TEAM123456.KEY1234567"}
    house.lines[0].opens()
    assert house.takes(1, "phone") is State.QUEUED
    house.lines[0].answers(200)
    assert house.became(1) is State.SENT
    house.registered.remove("phone", None)
    house.gateway.look_for_changes()
    assert house.lanes() == set()


def test_what_waits_when_a_credential_is_spoilt_waits_on(house: House) -> None:
    """While it runs, the one before is kept; at a start, there is none: nothing is lost."""
    file = house.file("key.p8", P8)
    house.registered.add(evolve(IOS, credential=file))
    Path(file).unlink()
    with capturedLogs() as events:
        house.gateway.start()
    (said,) = [each for each in events if each["log_format"] == "push app without credential"]
    assert (said["name"], said["file"]) == ("phone", file)
    assert house.lanes() == {"held:apns"}
    Path(file).write_bytes(P8)
    house.gateway.look_for_changes()
    assert house.lanes() == {"apns:TEAM123456.KEY1234567"}
    Path(file).write_bytes(b"spoilt")
    with capturedLogs() as events:
        house.gateway.look_for_changes()
    assert "no PEM" in events[0]["error"]
    assert house.lanes() == {"apns:TEAM123456.KEY1234567"}
    assert len(house.lines) == 1, "its connections go on"


def test_tokens_are_fetched_as_long_as_an_application_needs_them(house: House) -> None:
    secret = {"client_id": "100000001", "client_secret": "s3cret"}
    file = house.file("client.json", json.dumps(secret).encode())
    house.registered.add(evolve(HUAWEI, credential=file))
    house.gateway.start()
    (server,) = house.servers
    assert server.host == "oauth-login.cloud.huawei.com"
    house.lines[0].opens()
    assert house.takes(1, "huawei", "h" * 60) is State.QUEUED
    assert house.lines[0].asked == [], "there is no token yet"
    server.grants("first")
    ((request, _),) = house.lines[0].asked
    assert ("authorization", "Bearer first") in request.headers
    house.lines[0].answers(Answer(status=200, headers={}, body=b'{"code":"80000000"}'))
    assert house.became(1) is State.SENT

    Path(file).write_bytes(json.dumps({**secret, "client_secret": "another"}).encode())
    house.gateway.look_for_changes()
    assert b"another" in house.servers[1].asked[0][0].body
    house.registered.remove("huawei", None)
    house.gateway.look_for_changes()
    house.clock.advance(3600.0)
    assert server.asked == [], "nobody needs the first any more"


def test_a_token_that_is_refused_is_fetched_anew(house: House) -> None:
    secret = {"client_id": "100000001", "client_secret": "s3cret"}
    house.registered.add(
        evolve(HUAWEI, credential=house.file("client.json", json.dumps(secret).encode()))
    )
    house.gateway.start()
    (server,), (line,) = house.servers, house.lines
    server.grants("first")
    line.opens()
    house.clock.advance(100.0)
    house.takes(1, "huawei", "h" * 60)
    line.answers(Answer(status=200, headers={}, body=b'{"code":"80200003"}'))
    assert line.asked == []
    server.grants("second")
    ((request, _),) = line.asked
    assert ("authorization", "Bearer second") in request.headers


def test_a_token_that_cannot_be_had_is_told(house: House) -> None:
    secret = b'{"client_id": "100000001", "client_secret": "s3cret"}'
    house.registered.add(evolve(HUAWEI, credential=house.file("client.json", secret)))
    house.gateway.start()
    denied = Answer(status=400, headers={}, body=b'{"error": 1101}')
    with capturedLogs() as events:
        house.servers[0].asked.pop(0)[1](denied)
    assert ("no token for pushes", "1101") in [
        (each["log_format"], each.get("reason")) for each in events
    ]
    assert "s3cret" not in str(events)


def test_a_certificate_that_ends_is_told_of_in_time(house: House) -> None:
    start = datetime.datetime.fromtimestamp(UNIX, datetime.UTC)
    file = house.file("certificate.pem", pem(*certificate(start=start, days=20)))
    house.registered.add(evolve(IOS, credential=file))
    house.gateway.start()
    (ends,) = house.gateway.expiring
    assert (ends.name, ends.at) == ("phone", UNIX + 20 * 86_400)
    told = []
    for _ in range(21):
        with capturedLogs() as events:
            house.gateway.look_for_changes()
        told += [
            (each["name"], each["text"], each["until"][:10])
            for each in events
            if each["log_format"] == "push credential ends"
        ]
        house.clock.advance(86_400.0)
    until = f"{start + datetime.timedelta(days=20):%Y-%m-%d}"
    assert told == [
        ("phone", "in 20 days", until), ("phone", "in 14 days", until),
        ("phone", "in 3 days", until), ("phone", "it has ended", until),
    ]  # fmt: skip


def test_a_wrong_clock_is_told_of(house: House) -> None:
    house.registered.add(evolve(IOS, credential=house.file("key.p8", P8)))
    house.gateway.start()
    house.lines[0].opens()
    house.takes(1, "phone")
    expired = Answer(status=403, headers={}, body=b'{"reason":"ExpiredProviderToken"}')
    house.lines[0].answers(expired)
    with capturedLogs() as events:
        house.gateway.look_for_changes()
    assert [each["log_format"] for each in events] == ["clock doubted"]


def test_at_the_end_the_queue_is_closed(house: House) -> None:
    house.gateway.start()
    stopped: list[object] = []
    house.gateway.stop().addBoth(stopped.append)
    house.clock.advance(10.0)
    assert stopped
    assert house.store.is_closed

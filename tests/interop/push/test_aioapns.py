"""aioapns, as others use it, against the simulated APNs: it judges the judge."""

import asyncio
import ssl
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.interop.push.running import PATIENCE, Running

aioapns = pytest.importorskip("aioapns")
connection = pytest.importorskip("aioapns.connection")

pytestmark = pytest.mark.interop

DEVICE = "ab" * 32
ALERT = {"aps": {"alert": "Hello"}}


def client(simulators: Running, *, by_certificate: bool = False, **changed: Any) -> Any:
    facts = simulators.facts
    apns = facts["apns"]
    context = ssl.create_default_context(cafile=facts["ca"])
    context.set_alpn_protocols(["h2"])
    if by_certificate:
        context.load_cert_chain(apns["certificate"])
        options = {"client_cert": apns["certificate"], "topic": None}
    else:
        options = {
            "key": Path(apns["key"]).read_text(),
            "key_id": apns["key_id"],
            "team_id": apns["team"],
            "topic": apns["topic"],
        }
    made = aioapns.APNs(**{**options, **changed}, ssl_context=context)
    # It has no setting for where Apple is.
    here = {"APNS_SERVER": "127.0.0.1", "APNS_PORT": simulators.port("apns")}
    made.pool.protocol_class = type("Here", (connection.APNsTLSClientProtocol,), here)
    return made


def request(**changed: Any) -> Any:
    said = {"device_token": DEVICE, "message": ALERT, "push_type": aioapns.PushType.ALERT}
    return aioapns.NotificationRequest(**{**said, **changed})


async def sent(apns: Any, *requests: Any) -> list[tuple[str, str | None]]:
    found = []
    for each in requests:
        result = await asyncio.wait_for(apns.send_notification(each), PATIENCE)
        found.append((result.status, result.description))
    return found


def test_a_push_of_its_own_is_taken_and_noted(simulators: Running) -> None:
    async def play() -> list[tuple[str, str | None]]:
        return await sent(client(simulators), request(notification_id=str(uuid4())))

    assert asyncio.run(play()) == [("200", None)]
    (arrived,) = simulators.pushes("apns")
    assert arrived["token"] == DEVICE
    assert arrived["remarks"] == []
    assert simulators.ask("state")["conduct"]["apns"]["faults"] == []


def test_hundreds_go_through_at_a_time_after_the_first(simulators: Running) -> None:
    """The limit of streams is 1 until a token was right, and 1,000 from then on."""

    async def play() -> set[str]:
        apns = client(simulators, max_connections=1)
        await apns.send_notification(request())
        results = await asyncio.gather(*(apns.send_notification(request()) for _ in range(300)))
        return {each.status for each in results}

    assert asyncio.run(play()) == {"200"}
    assert simulators.ask("state")["counts"]["apns 200"] == 301


@pytest.mark.parametrize(
    ("row", "description"),
    [
        ("400 BadDeviceToken", "BadDeviceToken"),
        ("410 Unregistered", "Unregistered"),
        ("429 TooManyRequests", "TooManyRequests"),
        ("503 ServiceUnavailable", "ServiceUnavailable"),
    ],
)
def test_it_reads_every_scripted_reason(simulators: Running, row: str, description: str) -> None:
    simulators.ask("script", {"provider": "apns", "answer": row})

    async def play() -> list[tuple[str, str | None]]:
        return await sent(client(simulators), request(), request())

    assert asyncio.run(play()) == [(row[:3], description), ("200", None)]


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"team_id": "SOMEBODY01"}, "InvalidProviderToken"),
        ({"key_id": "UNKNOWNKEY"}, "InvalidProviderToken"),
        ({"topic": "example.other"}, "TopicDisallowed"),
    ],
)
def test_its_wrong_settings_are_refused_as_apple_does(
    simulators: Running, wrong: dict[str, str], reason: str
) -> None:
    async def play() -> list[tuple[str, str | None]]:
        return await sent(client(simulators, **wrong), request())

    assert [found for _, found in asyncio.run(play())] == [reason]


def test_a_second_client_with_the_same_key_has_renewed_its_token_too_soon(
    strict_simulators: Running,
) -> None:
    """At most once within 20 minutes, across connections."""

    async def play() -> list[tuple[str, str | None]]:
        clients = [client(strict_simulators), client(strict_simulators)]
        return [answer for each in clients for answer in await sent(each, request())]

    assert asyncio.run(play()) == [("200", None), ("429", "TooManyProviderTokenUpdates")]


@pytest.mark.filterwarnings("ignore:X509:DeprecationWarning")
def test_its_certificate_does_instead_of_a_token(simulators: Running) -> None:
    async def play() -> list[tuple[str, str | None]]:
        return await sent(client(simulators, by_certificate=True), request())

    assert asyncio.run(play()) == [("200", None)]

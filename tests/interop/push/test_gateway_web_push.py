"""Web Push and UnifiedPush through the whole gateway: what was posted is read by the application
alone, and an origin that is dead is no matter to the others.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from attrs import define

from tests.interop.push.town import Town, message, town_in
from tests.ports import free_port

pytestmark = pytest.mark.interop

SECRET_PATH = "a-path-that-only-the-push-service-knows"


@define(kw_only=True)
class WebTown(Town):
    """A town with an application server."""

    sender: str
    """Its public key."""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebTown]:
    folder = tmp_path_factory.mktemp("push")
    # The operator's own push service; other addresses of this machine stay closed.
    with town_in(folder, more='endpoints_inside = ["127.0.0.1"]\n') as made:
        yield WebTown(daemons=made.daemons, providers=made.providers, sender=registered(made))


def registered(town: Town) -> str:
    """Register an application while the daemon runs; returns its public key."""
    key = town.daemons.folder / "vapid.pem"
    public = town.does("push", "app", "key", str(key)).strip()
    town.does("push", "app", "add", "web.demo", "--provider", "webpush", "--credential-file",
              str(key), "--subject", "mailto:push@example.com")  # fmt: skip
    return public


def subscribed(town: WebTown, **members: Any) -> dict[str, Any]:
    made: dict[str, Any] = town.providers.ask("subscriptions", {"sender": town.sender, **members})
    return made


def token_of(subscription: dict[str, Any]) -> str:
    """What a browser's `JSON.stringify(subscription)` gives."""
    return json.dumps({**subscription, "expirationTime": None})


def name_of(subscription: dict[str, Any]) -> str:
    name: str = subscription["endpoint"].rsplit("/", 1)[1]
    return name


def arrivals(town: WebTown, subscription: dict[str, Any]) -> list[dict[str, Any]]:
    every = town.providers.pushes("web_push")
    return [each for each in every if each["token"] == name_of(subscription)]


def test_a_browser_reads_what_nobody_on_the_way_can(town: WebTown) -> None:
    """The simulator deciphers it with the subscription's keys, and checks VAPID's claims."""
    browser = subscribed(town)
    call = message("web.demo", token_of(browser), "avnewcall", collapse="call-7")
    assert town.posts(call) == (202, [{"id": call["id"], "status": "sent"}])
    (arrived,) = arrivals(town, browser)
    assert (arrived["id"], arrived["remarks"]) == (call["id"], [])
    assert json.loads(arrived["clear"])["data"] == "c2VhbGVk"
    assert "c2VhbGVk" not in arrived["body"]
    headers = dict(arrived["headers"])
    assert (headers["urgency"], headers["content-encoding"]) == ("high", "aes128gcm")
    assert int(headers["ttl"]) <= 30


def test_each_message_has_a_key_of_its_own(town: WebTown) -> None:
    """RFC 8291 section 3.1: used for two, it would give both away."""
    browser = subscribed(town)
    for _ in range(3):
        town.posts(message("web.demo", token_of(browser)))
    bodies = [bytes.fromhex(each["body"]) for each in arrivals(town, browser)]
    assert len({body[:16] for body in bodies}) == 3, "salts"
    assert len({body[21:86] for body in bodies}) == 3, "public keys"


@pytest.mark.parametrize("row", ["410 Gone", "404 Not Found"])
def test_a_subscription_that_has_ended_is_told_and_not_called_again(
    town: WebTown, row: str
) -> None:
    browser = subscribed(town)
    town.providers.ask("script", {"provider": "web_push", "answer": row, "times": None,
                                  "token": name_of(browser)})  # fmt: skip
    status, results = town.posts(message("web.demo", token_of(browser)))
    assert (status, results[0]["status"]) == (202, "token_gone")
    assert results[0]["reason"] == f"http-{row[:3]}"
    assert town.posts(message("web.demo", token_of(browser)))[0] == 410, "known by now"
    assert len(arrivals(town, browser)) == 1

    def told() -> list[tuple[str, str]]:
        dead = town.asks("GET", "feedback")[1]["feedback"]
        return [(each["channel"], each["token"]) for each in dead]

    town.daemons.until(lambda: ("web.demo", token_of(browser)) in told())


def test_a_subscription_to_another_key_than_ours_is_told(town: WebTown) -> None:
    browser = town.providers.ask("subscriptions", {"sender": "another-key"})
    _, (result,) = town.posts(message("web.demo", token_of(browser)))
    assert (result["status"], result["reason"]) == ("token_gone", "vapid-key-mismatch")


def test_an_application_of_before_gets_bare_content_at_its_endpoint(town: WebTown) -> None:
    """UnifiedPush without Web Push: no VAPID, no encryption but the content's own."""
    phone = subscribed(town, plain=True)
    chat = message("web.demo", phone["endpoint"])
    assert town.posts(chat) == (202, [{"id": chat["id"], "status": "sent"}])
    (arrived,) = arrivals(town, phone)
    assert arrived["id"] == chat["id"]
    assert "authorization" not in dict(arrived["headers"])


def test_an_origin_that_is_dead_does_not_disturb_another(town: WebTown) -> None:
    browser = subscribed(town)
    dead = {**browser, "endpoint": f"https://127.0.0.1:{free_port()}/{SECRET_PATH}"}
    lost = [message("web.demo", token_of(dead), ttl=600) for _ in range(20)]
    assert town.posts(*lost, wait=0)[0] == 202
    calls = [message("web.demo", token_of(browser), "avnewcall") for _ in range(20)]
    status, results = town.posts(*calls)
    assert (status, {each["status"] for each in results}) == (202, {"sent"})
    assert {town.became(each) for each in lost} == {"queued"}


def test_lanes_are_told_by_origin_and_never_by_path(town: WebTown) -> None:
    told = json.loads(town.does("push", "lanes", "--json"))
    lanes = [each["lane"] for each in told]
    origin = town.providers.facts["web_push"]["origin"]
    assert f"unifiedpush@{origin}" in lanes
    assert [each for each in lanes if each.startswith("webpush:") and each.endswith(origin)]
    assert SECRET_PATH not in json.dumps(told)


@pytest.mark.parametrize(
    "endpoint",
    ["https://localhost/x", "https://[::1]/x", "https://192.168.0.1/x", "https://10.1.2.3:8443/x",
     "https://169.254.169.254/latest/meta-data", "https://router.local/x"],
)  # fmt: skip
def test_the_machines_neighbours_are_nobodys_push_service(town: WebTown, endpoint: str) -> None:
    """A token is a URL a stranger chose (server-side request forgery)."""
    browser = subscribed(town)
    for token in (endpoint, token_of({**browser, "endpoint": endpoint})):
        status, (result,) = town.posts(message("web.demo", token))
        assert (status, result["reason"]) == (400, "endpoint-forbidden")


def test_a_key_that_exists_is_shown_and_never_replaced(town: WebTown) -> None:
    key = town.daemons.folder / "vapid.pem"
    before = key.read_bytes()
    assert key.stat().st_mode & 0o777 == 0o600
    again = json.loads(town.does("push", "app", "key", str(key), "--json"))
    assert (again["application_server_key"], again["is_new"]) == (town.sender, False)
    assert key.read_bytes() == before


def test_nothing_of_a_subscription_is_in_the_logs_or_readable_in_the_files(town: WebTown) -> None:
    browser = subscribed(town)
    town.posts(message("web.demo", token_of(browser)))
    secrets = [SECRET_PATH, name_of(browser), browser["keys"]["auth"], "c2VhbGVk"]
    for file in town.daemons.folder.iterdir():
        if file.is_file():
            octets = file.read_bytes()
            for secret in secrets:
                assert secret.encode() not in octets, (file.name, secret)

"""Push 4.5: at most one new token for each of Apple's teams in 20 minutes, whatever happens.

The simulator refuses a second one, as Apple does.
"""

import os
import time
from collections.abc import Iterator

import pytest

from examples.push_simulators.json_web_tokens import parse
from procall_mobility.protocols.push.apple_tokens import TokenUse
from procall_mobility.storage.apple_token_uses import AppleTokenUses
from procall_mobility.storage.customers import CustomerStore
from tests.daemon import PATIENCE
from tests.interop.push.town import IPHONE, Town, at_apple, message, town_in

pytestmark = pytest.mark.interop

DEVELOPERS = "5a" * 32
MINUTE = 60


@pytest.fixture
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town_in(tmp_path_factory.mktemp("push"), "--token-updates", "1") as made:
        yield made


def was_in_use(town: Town, use: TokenUse) -> None:
    """Have it be remembered from a daemon before."""
    store = CustomerStore(town.daemons.folder / "customers.sqlite", os.urandom, time.time)
    apns = town.providers.facts["apns"]
    AppleTokenUses(store).note(apns["team"], apns["key_id"], use)
    store.close()


def rings(town: Town) -> None:
    """Push by both applications of the team, and into both environments."""
    town.providers.ask(
        "devices", {"provider": "apns", "token": DEVELOPERS, "environment": "sandbox"}
    )
    for channel in ("ios.demo", "ios.second"):
        for token in (IPHONE, DEVELOPERS):
            call = message(channel, token, "avnewcall")
            status, (told,) = town.posts(call)
            assert (status, told["status"]) == (202, "sent")


def test_all_connections_of_a_team_and_all_daemons_have_one_token(town: Town) -> None:
    """Applications, environments, connections that are cut, a kill -9 and an orderly end.

    Theirs is the one that was in use a minute ago, when it may have been another half hour.
    """
    issued = int(time.time()) - 25 * MINUTE
    was_in_use(town, TokenUse(issued, time.time() - MINUTE))
    town.does(*at_apple("ios.second", town.providers.facts, "both"))
    rings(town)
    for provider in ("apns", "apns_sandbox"):
        town.providers.ask("conduct", {"provider": provider, "cut": True})
    rings(town)
    town.kill()
    town.daemons.start_daemon()
    rings(town)
    daemon = town.daemon
    daemon.terminate()
    daemon.wait(PATIENCE)
    town.daemons.start_daemon()
    rings(town)
    pushes = [*town.providers.pushes("apns"), *town.providers.pushes("apns_sandbox")]
    assert len({(each["provider"], each["connection"]) for each in pushes}) >= 8
    refusals = {each["refusal"] for each in pushes}
    assert refusals <= {"", "BadDeviceToken"}, "none was refused for a token too many"
    tokens = {dict(each["headers"])["authorization"] for each in pushes}
    (authorization,) = tokens
    assert parse(authorization.removeprefix("bearer ")).number("iat") == issued

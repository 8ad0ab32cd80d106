"""Push 4.1: the whole daemon is killed at any moment, under load; nothing it has accepted is lost.

PUSH_KILLS says how often: 200 times in `make soak`, 20 by itself.
"""

import json
import os
import random
import time
from collections import Counter, defaultdict
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field

from procall_mobility.protocols.push.apple_tokens import SLOT
from tests.daemon import PATIENCE
from tests.interop.push.town import ANDROID, IPHONE, PASSWORD, Town, town_in
from tests.soak.forking import Forge, forging
from tests.soak.push_customer import PushCustomer

pytestmark = pytest.mark.soak

KILLS = int(os.environ.get("PUSH_KILLS", "20"))
EARLY = 0.25
"""Share of lives that are ended while the daemon starts and takes up what was left."""
STARTING, LIVING = 0.6, 1.0
"""Seconds within which a life ends, after its process was forked, or its first promise."""
LATENCY = 0.02
"""Seconds that providers take, so that some pushes are always on their way."""
AT_ONCE = 1000
"""Arrivals that a simulator tells at a time."""


@define
class Arrived:
    """What providers got; they remember less than all of it."""

    town: Town
    ids: "Counter[str]" = field(factory=Counter)
    """How often each push was taken."""
    by_content: defaultdict[str, set[str]] = field(factory=lambda: defaultdict(set))
    apple_tokens: set[str] = field(factory=set)
    refusals: "Counter[str]" = field(factory=Counter)
    _last: int = 0

    def look(self) -> None:
        while found := self.town.providers.ask(f"arrivals?after={self._last}&most={AT_ONCE}"):
            self._last = found[-1]["number"]
            for each in found:
                if each["is_push"]:
                    self._note(each)

    def _note(self, arrival: dict[str, Any]) -> None:
        if arrival["refusal"]:
            self.refusals[arrival["refusal"]] += 1
        content = _content(json.loads(arrival["body"]))
        name = _id(arrival)
        self.by_content[content].add(name)
        if arrival["done"] == "200":
            self.ids[name] += 1
        if arrival["provider"].startswith("apns"):
            self.apple_tokens.add(dict(arrival["headers"])["authorization"])


def _content(body: dict[str, Any]) -> str:
    data = body["message"]["data"] if "message" in body else body
    return str(data["data"])


def _id(arrival: dict[str, Any]) -> str:
    body = json.loads(arrival["body"])
    return str(body["message"]["data"]["id"] if "message" in body else arrival["id"])


def test_no_accepted_push_is_lost_however_often_the_daemon_is_killed(tmp_path: Path) -> None:
    """And what a provider has twice has the same id, by which the app knows it again.

    That a call has expired is told, so it is not lost.
    """
    dice = random.Random(20_261_127)
    begun = time.time()
    with ExitStack() as stack:
        town = stack.enter_context(town_in(tmp_path, "--token-updates", "1"))
        for provider in ("apns", "fcm"):
            town.providers.ask("conduct", {"provider": provider, "latency": LATENCY})
        arrived = Arrived(town)
        customer = PushCustomer(
            town.daemons.http,
            PASSWORD,
            (("ios.demo", IPHONE), ("android.demo", ANDROID)),
            random.Random(dice.random()),
        )
        forge = stack.enter_context(forging(town.daemons.settings))
        with customer:
            for _ in range(KILLS):
                promised = len(customer.accepted)
                town.daemons.until(lambda: len(customer.accepted) > promised)  # noqa: B023
                time.sleep(dice.random() * LIVING)
                town.kill()
                arrived.look()
                begin_again(town, forge, dice)
        town.until(lambda: is_idle(town))
        arrived.look()
        became = {
            each: customer.became(each)
            for each in (customer.accepted | customer.doubtful) - arrived.ids.keys()
        }
        lost = {each for each in customer.accepted & became.keys() if became[each] != "expired"}
        expired = {each for each, what in became.items() if what == "expired"}
        known = {each for each in customer.doubtful if became.get(each, "arrived") is not None}
        lost_in_doubt = known - arrived.ids.keys() - expired
        twice = sum(count - 1 for count in arrived.ids.values())
    print(
        f"{KILLS} kills in {time.time() - begun:.0f} s: {len(customer.accepted)} accepted,"
        f" {len(lost)} lost, {len(expired)} calls expired; {len(customer.doubtful)} without an"
        f" answer, of which {len(known)} are known, {len(lost_in_doubt)} lost; {twice} duplicates;"
        f" refused by providers: {dict(arrived.refusals)}"
    )
    assert not lost, [(each, became[each]) for each in lost][:3]
    assert not lost_in_doubt
    # Where lives are short and the machine is slow, the half minute of a call may pass.
    assert expired <= customer.calls
    assert not customer.refused, customer.refused[:3]
    # Also where a daemon is started in another half hour than those before.
    assert not arrived.refusals
    assert len(arrived.apple_tokens) <= 1 + int(time.time() // SLOT - begun // SLOT)
    assert all(len(ids) == 1 for ids in arrived.by_content.values())
    for content, ids in arrived.by_content.items():
        assert ids == {customer.contents[content]}
    assert len(customer.accepted) >= KILLS


def begin_again(town: Town, forge: Forge, dice: random.Random) -> None:
    """Start the daemon; some are killed before they get to anything."""
    while dice.random() < EARLY:
        daemon = forge.start()
        time.sleep(dice.random() * STARTING)
        daemon.kill()
        daemon.wait(PATIENCE)
    town.daemons.processes.append(forge.start())
    town.daemons.until(town.daemons.is_up)


def is_idle(town: Town) -> bool:
    facts = json.loads(town.does("push", "queue", "--json"))
    return facts["restored"] and not facts["queue"]

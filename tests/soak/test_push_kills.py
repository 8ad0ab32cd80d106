"""Push 4.1: whenever the daemon is killed, every accepted push is found again, once.

PUSH_KILLS says how often it is killed: 200 times in `make soak`, 20 by itself.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

import pytest

from tests.daemon import PATIENCE
from tests.storage.push_stores import Queue

pytestmark = pytest.mark.soak

KILLS = int(os.environ.get("PUSH_KILLS", "20"))
LONGEST = 0.5
"""Seconds until a kill, after the first push was accepted."""
APART = 1_000_000
"""Numbers between the first pushes of two lives."""


def lived(folder: Path, life: int, dice: random.Random) -> list[tuple[str, str]]:
    """Let the program run, kill it, and return the facts it wrote: word and id."""
    command = [sys.executable, "-m", "tests.soak.push_sender", str(folder), str(life * APART)]
    with (folder / f"facts-{life}").open("w+b") as facts:
        process = subprocess.Popen(command, stdout=facts)
        try:
            deadline = time.monotonic() + PATIENCE
            while b"accepted " not in (folder / facts.name).read_bytes():
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.001)
            time.sleep(dice.random() * LONGEST)
        finally:
            process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        # The last line may have been cut off: it was not said.
        lines = (folder / facts.name).read_bytes().decode().split("\n")[:-1]
    return [(word, name) for word, _, name in (line.partition(" ") for line in lines)]


def durable_ends(facts: list[tuple[str, str]]) -> set[str]:
    """Return what ended before a push came that was accepted: it was written with it."""
    accepted = {name for word, name in facts if word == "accepted"}
    came = max(
        at for at, fact in enumerate(facts) if fact[0] == "accepting" and fact[1] in accepted
    )
    return {name for word, name in facts[:came] if word == "sent"}


def test_every_accepted_push_is_found_again_and_none_twice(tmp_path: Path) -> None:
    dice = random.Random(20_261_127)
    waiting: set[str] = set()
    accepted = twice = unsaid = 0
    for life in range(KILLS):
        facts = lived(tmp_path, life, dice)
        told = defaultdict(set)
        for word, name in facts:
            told[word].add(name)
        assert not told["refused"]
        accepted += len(told["accepted"])
        queue = Queue(tmp_path)
        found = queue.loaded()
        queue.store.close()
        assert len(found) == len(set(found))
        missing = (waiting | told["accepted"]) - told["sent"] - set(found)
        assert not missing, (life, len(found), sorted(missing)[:3])
        strange = set(found) - waiting - told["accepting"]
        assert not strange, (life, sorted(strange)[:3])
        back = durable_ends(facts) & set(found)
        assert not back, (life, sorted(back)[:3])
        # What the provider has, and would get again, with the same id.
        twice += len(told["sent"] & set(found))
        unsaid += len(told["accepting"] - told["accepted"] & set(found))
        waiting = set(found)
    print(f"{KILLS} kills, {accepted} accepted, 0 lost, {twice} to be sent again,", end=" ")
    print(f"{unsaid} found that nobody was told of, {len(waiting)} waiting in the end")
    assert accepted >= KILLS

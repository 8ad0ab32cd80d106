"""What the relay writes down (checklist D16 and D17)."""

import json

import pytest

from tests.interop.turn.conftest import Volume
from tests.interop.turn.servers import CUSTOMER, SECRET
from tests.interop.turn.site import Site
from tests.interop.turn.turn_client import Identity

pytestmark = pytest.mark.interop


def test_counters_know_no_names(site: Site, volume: Volume) -> None:
    """D16: however many users there are, there are as many counters as before."""
    kinds = set(site.relay.counters())
    for number in range(volume(100)):
        identity = Identity.minted(SECRET, CUSTOMER, f"user-{number}-of-many")
        caller = site.allocated(identity=identity)
        assert caller.refreshes(0).ok
    status = site.relay.facts("status")
    assert len(set(status["relay"]) - kinds) < 5
    assert "of-many" not in json.dumps(status)


def test_a_record_is_one_line_whatever_a_user_is_called(site: Site, transport: str) -> None:
    """D17: nothing a client says begins a line of its own."""
    name = "eve\n2026-01-01 relay-opened customer=other user=alice\x1b[31m"
    caller = site.allocated(transport, identity=Identity.minted(SECRET, CUSTOMER, name))
    assert caller.refreshes(0).ok
    book = (site.relay.folder / "access.log").read_text()
    assert "\x1b" not in book
    assert not any(line.startswith("2026-01-01 relay-opened") for line in book.splitlines())


def test_a_record_says_how_much_was_relayed(site: Site, transport: str) -> None:
    """D17: one line at the beginning, one at the end; never what was said."""
    caller, peer = site.allocated(transport), site.peer()
    [mine] = [
        each for each in site.relay.sessions()
        if f"{caller.relayed[0]}:{caller.relayed[1]}" in each["relayed"]
    ]  # fmt: skip
    assert caller.binds(0x4000, peer.address).ok
    caller.says(0x4000, b"a secret of theirs")
    peer.hear()
    assert caller.refreshes(0).ok
    book = (site.relay.folder / "access.log").read_text()
    lines = [line for line in book.splitlines() if mine["id"] in line]
    assert len(lines) == 2
    assert "18" in lines[1]
    assert "a secret of theirs" not in site.relay.said()

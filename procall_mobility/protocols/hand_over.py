"""What a daemon and the one that takes over from it say to each other.

Each message is one packet of a Unix socket, JSON, with what it says and facts beside it.  Both are
of one package, but seldom of one version: what is not known is left alone, and what has changed in
earnest gets another number.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from attrs import frozen

from procall_mobility.protocols.errors import PeerError

VERSION: Final = 1

LARGEST: Final = 65_536
"""Octets of a message: less than any socket takes at once."""

NAMES: Final = 60_000
"""Octets of a message for names of customers."""

READY: Final = "ready"
"""New to old: all is made and opened, nothing is served yet; with `pid` and `version`."""
FAILED: Final = "failed"
"""New to old: it will not be; with `why`."""
EXPECTED: Final = "expected"
"""Old to new, as often as needed before `yours`: `customers` whose servers are about to come."""
YOURS: Final = "yours"
"""Old to new: serve from now on."""
TAKEN: Final = "taken"
"""New to old: everybody is served here who comes."""
DRAINING: Final = "draining"
"""Old to new, again and again: what it still has to wait for."""
HANDED_ON: Final = "handed-on"
"""New to old: everything is a third one's now, so that its own end is not that of the service."""


@frozen
class Message:
    """One of them."""

    says: str
    facts: Mapping[str, Any]

    def number(self, name: str) -> int:
        """Return a fact that is a number; 0 when it is none."""
        found = self.facts.get(name)
        return found if isinstance(found, int) and not isinstance(found, bool) else 0

    def text(self, name: str) -> str:
        """Return a fact that is text; nothing when it is none."""
        found = self.facts.get(name)
        return found if isinstance(found, str) else ""

    def names(self, name: str) -> list[str]:
        """Return a fact that is a list of names; what is no name is left out."""
        found = self.facts.get(name)
        return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []


def portions(names: Iterable[str]) -> Iterator[list[str]]:
    """Yield all names, at a time as many as one message holds."""
    some: list[str] = []
    size = 0
    for name in names:
        octets = len(json.dumps(name)) + len(", ")
        if some and size + octets > NAMES:
            yield some
            some, size = [], 0
        some.append(name)
        size += octets
    if some:
        yield some


def encode(says: str, facts: Mapping[str, Any]) -> bytes:
    """Return a message as a packet.

    Raises:
        ValueError: it is too large.
    """
    packet = json.dumps({**facts, "v": VERSION, "says": says}).encode()
    if len(packet) > LARGEST:
        raise ValueError(f"a message of {len(packet)} octets")
    return packet


def decode(packet: bytes) -> Message:
    """Read a packet.

    Raises:
        PeerError: it is no message of this version.
    """
    try:
        facts = json.loads(packet)
    except (ValueError, RecursionError) as error:
        raise PeerError("hand-over", "what it says is no JSON") from error
    if not isinstance(facts, dict) or not isinstance(facts.get("says"), str):
        raise PeerError("hand-over", "it says nothing")
    if facts.pop("v", None) != VERSION:
        raise PeerError("hand-over", "it speaks another version of the hand-over")
    return Message(facts.pop("says"), facts)

"""Remembers servers that did not understand the newer answer to a registration (A-38)."""

from collections import OrderedDict

from procall_mobility.gateway.links import Link

AT_ONCE = 2.0
"""Seconds within which a server closes that does not understand the answer."""

MOST_ADDRESSES = 10_000


class Generations:
    """Addresses whose unnamed registrations are of the first generation."""

    def __init__(self) -> None:
        self._first: OrderedDict[str, None] = OrderedDict()

    def is_first(self, peer: str) -> bool:
        """Whether to answer an unnamed registration of this address in the older form."""
        return peer in self._first

    def link_lost(self, link: Link, now: float) -> None:
        """Note a link that was lost at once, without a word, after a guessed registration."""
        registration = link.registration
        is_sudden = now - link.since < AT_ONCE and not link.received
        if registration.guessed and registration.second_generation and is_sudden:
            self._first[link.peer] = None
            while len(self._first) > MOST_ADDRESSES:
                self._first.popitem(last=False)

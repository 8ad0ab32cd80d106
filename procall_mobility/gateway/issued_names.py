"""The user names we have issued: one is known again by its hash (RFC 8489 section 9.2.2)."""

from collections import OrderedDict, deque
from typing import Final

from attrs import define, field

from procall_mobility.protocols.stun.message import userhash

MOST_NAMES: Final = 10_000
"""In all; whoever comes later than that many others has to show its name openly."""

MOST_OF_ONE: Final = 1000
"""Of one customer, so that no other one's are forgotten because of it."""


@define(eq=False)
class IssuedNames:
    """Remembers the latest ones."""

    realm: bytes
    _names: OrderedDict[bytes, bytes] = field(factory=OrderedDict, init=False, repr=False)
    _by_customer: dict[str, deque[bytes]] = field(factory=dict, init=False, repr=False)

    def __len__(self) -> int:
        return len(self._names)

    def remember(self, ucsid: str, name: bytes) -> None:
        """Take a customer's name in."""
        hashed = userhash(name, self.realm)
        if hashed in self._names:
            return
        theirs = self._by_customer.setdefault(ucsid, deque())
        if len(theirs) >= MOST_OF_ONE:
            self._names.pop(theirs.popleft(), None)
        theirs.append(hashed)
        self._names[hashed] = name
        if len(self._names) > MOST_NAMES:
            self._names.popitem(last=False)

    def find(self, hashed: bytes) -> bytes | None:
        """Return the name with this hash."""
        return self._names.get(hashed)

    def forget(self, ucsid: str) -> None:
        """Forget a customer's names."""
        for hashed in self._by_customer.pop(ucsid, ()):
            self._names.pop(hashed, None)

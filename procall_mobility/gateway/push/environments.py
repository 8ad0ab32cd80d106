"""Remembers which tokens belong to their provider's other environment, found out by trying."""

from collections import OrderedDict
from typing import Final

MOST_DEVICES: Final = 100_000
"""Only development builds of an application are elsewhere than it is; the first is forgotten,
and found out again at the cost of one request."""


class Environments:
    """By device."""

    def __init__(self) -> None:
        self._found: OrderedDict[bytes, bool | None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._found)

    def of(self, device: bytes) -> bool | None:
        """Return whether a device was found in the other environment; None if never looked."""
        return self._found.get(device)

    def found(self, device: bytes, sandbox: bool | None) -> None:
        """Note where a push has arrived that was tried in both."""
        self._found[device] = sandbox
        while len(self._found) > MOST_DEVICES:
            self._found.popitem(last=False)

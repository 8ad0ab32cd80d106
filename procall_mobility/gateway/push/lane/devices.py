"""The pushes of a queue by their devices, of which nearly all have one."""

from bisect import bisect_left, insort
from operator import attrgetter

from procall_mobility.gateway.push.waiting import Waiting

_ORDER = attrgetter("order")


class Devices:
    """An index, the oldest first; a device with one push costs no list."""

    def __init__(self) -> None:
        self._pushes: dict[bytes, Waiting | list[Waiting]] = {}

    def __len__(self) -> int:
        return len(self._pushes)

    def of(self, device: bytes, most: int) -> list[Waiting]:
        """Return a device's oldest pushes, and look at no others."""
        found = self._pushes.get(device)
        if found is None:
            return []
        return found[:most] if isinstance(found, list) else [found]

    def add(self, push: Waiting) -> None:
        """Take a push in."""
        found = self._pushes.setdefault(push.device, push)
        if isinstance(found, list):
            insort(found, push, key=_ORDER)
        elif found is not push:
            self._pushes[push.device] = sorted((found, push), key=_ORDER)

    def remove(self, push: Waiting) -> None:
        """Take out a push that is in."""
        found = self._pushes[push.device]
        if found is push:
            del self._pushes[push.device]
            return
        assert isinstance(found, list), "what is taken out is in"
        at = bisect_left(found, push.order, key=_ORDER)
        assert found[at] is push, "no two have the same place in order"
        del found[at]
        if len(found) == 1:
            self._pushes[push.device] = found[0]

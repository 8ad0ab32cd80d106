"""The pushes of a queue by their devices, of which nearly all have one."""

from procall_mobility.gateway.push_waiting import Waiting


class Devices:
    """An index; a device with one push costs no list."""

    def __init__(self) -> None:
        self._pushes: dict[bytes, Waiting | list[Waiting]] = {}

    def __len__(self) -> int:
        return len(self._pushes)

    def of(self, device: bytes) -> list[Waiting]:
        """Return a device's pushes."""
        found = self._pushes.get(device)
        if found is None:
            return []
        return list(found) if isinstance(found, list) else [found]

    def add(self, push: Waiting) -> None:
        """Take a push in."""
        found = self._pushes.setdefault(push.device, push)
        if isinstance(found, list):
            found.append(push)
        elif found is not push:
            self._pushes[push.device] = [found, push]

    def remove(self, push: Waiting) -> None:
        """Take out a push that is in."""
        found = self._pushes[push.device]
        if found is push:
            del self._pushes[push.device]
            return
        assert isinstance(found, list), "what is taken out is in"
        found.remove(push)
        if len(found) == 1:
            self._pushes[push.device] = found[0]

"""Of pushes with one collapse key that fly, the newest; older ones are not tried again.

Of two that fly, the older one must not come after the newer: a phone would ring again.
"""

from procall_mobility.gateway.push.waiting import Key, Waiting


class Latest:
    """By key."""

    def __init__(self) -> None:
        self._flying: dict[Key, Waiting] = {}

    def sent(self, waiting: Waiting) -> None:
        """Note that a push flies; it may be the older one."""
        if waiting.key is None:
            return
        other = self._flying.setdefault(waiting.key, waiting)
        if other.order < waiting.order:
            other.is_outdated = True
            self._flying[waiting.key] = waiting
        elif other is not waiting:
            waiting.is_outdated = True

    def landed(self, waiting: Waiting) -> None:
        """Note that it does not any more."""
        if waiting.key is not None and self._flying.get(waiting.key) is waiting:
            del self._flying[waiting.key]

    def outdate(self, newer: Waiting) -> None:
        """Note that a newer push goes another way."""
        other = None if newer.key is None else self._flying.get(newer.key)
        if other is not None and other.order < newer.order:
            other.is_outdated = True

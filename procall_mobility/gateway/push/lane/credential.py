"""When a lane asks for a fresh token of ours: once, and again only after one was good."""

import enum


class Reaction(enum.Enum):
    """To a provider that finds our token too old."""

    SEND_AGAIN = "send again"
    """It was sent with an older one than we have, or are about to have."""
    REFRESH = "refresh"
    SUSPEND = "suspend"
    """The fresh one is no better: age was not the reason."""


class CredentialState:
    """Of one lane."""

    def __init__(self) -> None:
        self.generation = 0
        """Requests are marked with it, so that the answer to an old one renews nothing."""
        self.until: float | None = None
        """While a fresh token is fetched: when that has taken too long."""
        self._is_unproven = False

    def stale(self, generation: int, until: float) -> Reaction:
        """Return what to do about a token that is too old; `until` is the time to renew it."""
        if generation != self.generation or self.until is not None:
            return Reaction.SEND_AGAIN
        if self._is_unproven:
            # Another round may help later, when a probe still finds it too old.
            self._is_unproven = False
            return Reaction.SUSPEND
        self.until = until
        return Reaction.REFRESH

    def renewed(self) -> None:
        """Note a fresh token, whether it was asked for or not."""
        self._is_unproven = self.until is not None
        self.generation += 1
        self.until = None

    def failed(self) -> None:
        """Note that there is none."""
        self.until = None

    def proved(self, generation: int) -> None:
        """Note that the provider has taken one."""
        if generation == self.generation:
            self._is_unproven = False

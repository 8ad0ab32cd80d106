"""Tells dead tokens from a mistake of ours that looks the same: then there are suddenly many."""

from typing import Final

SHARE: Final = 0.01
"""Of all verdicts on tokens; real devices go away far more slowly."""

FEWEST: Final = 20
"""Suspicious ones before their share says anything."""

MEMORY: Final = 10_000
"""Verdicts after which all counts are halved, so that what is long past weighs little."""


class Suspicion:
    """Of one lane."""

    def __init__(self) -> None:
        self._verdicts = 0
        self._suspicious = 0
        self._is_raised = False

    @property
    def is_raised(self) -> bool:
        """Whether no suspicious verdict is to be believed."""
        return self._is_raised

    def forget(self) -> None:
        """Begin anew: somebody has looked at it, and verdicts of before say nothing any more."""
        self._verdicts = self._suspicious = 0
        self._is_raised = False

    def note(self, *, suspicious: bool) -> bool:
        """Count a verdict on a token, living or dead; True when `is_raised` has changed by it."""
        self._verdicts += 1
        self._suspicious += suspicious
        if self._verdicts >= MEMORY:
            self._verdicts //= 2
            self._suspicious //= 2
        if not self._suspicious and not self._is_raised:
            return False  # As nearly always.
        # Twice as easily raised as lowered, so that it does not flicker.
        limit = SHARE * self._verdicts / (2 if self._is_raised else 1)
        is_many = self._suspicious > limit and (self._is_raised or self._suspicious >= FEWEST)
        changed = is_many is not self._is_raised
        self._is_raised = is_many
        return changed

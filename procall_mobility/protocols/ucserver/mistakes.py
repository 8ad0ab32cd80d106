"""What a server does wrong before it is let in, and how much of it is borne."""

from procall_mobility.protocols.ucserver.rules import Phase

MOST_MISTAKES = 100
"""Undecodable or misplaced messages after which a peer is a broken one, not an odd one."""

OBJECTIONS = {Phase.PLAIN: "starttls-required", Phase.UNREGISTERED: "not-registered"}


class Mistakes:
    """Counts them, and keeps what is to be said of a server that leaves without registering."""

    def __init__(self) -> None:
        self._count = 0
        self.objection: str | None = None
        """Reason code of the last mistake on the way in; None when there was none."""

    def another(self, phase: Phase) -> bool:
        """Note one made in `phase`; whether it was one too many."""
        self._count += 1
        self.objection = OBJECTIONS.get(phase, self.objection)
        return self._count >= MOST_MISTAKES

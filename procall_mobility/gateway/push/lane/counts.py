"""What is counted of each lane."""

from attrs import asdict, define

from procall_mobility.gateway.push.ports import State


@define
class LaneCounts:
    """Since the start; only sums, nobody's name."""

    accepted: int = 0
    restored: int = 0
    sent: int = 0
    """Ended well, whoever delivered it."""
    in_session: int = 0
    """Of these, delivered by the device's own session."""
    rejected: int = 0
    expired: int = 0
    replaced: int = 0
    token_gone: int = 0
    requests: int = 0
    """All that went to the provider."""
    retried: int = 0
    """Attempts that failed and were not the last."""
    untouched: int = 0
    """Requests the provider has proven not to have processed: sent again, no duplicate."""
    unknown: int = 0
    """Requests nobody knows the outcome of: sent again with the same id, maybe a duplicate."""
    refreshed: int = 0
    moved: int = 0
    """Pushes that were tried in the provider's other environment."""
    fetched: int = 0
    """Contents read back from the store."""

    def ended(self, state: State) -> None:
        """Count how a push has ended."""
        word = state._value_  # What `value` is, without a call.
        setattr(self, word, getattr(self, word) + 1)

    def add(self, others: "LaneCounts") -> None:
        """Count what was counted elsewhere."""
        for name, count in asdict(others).items():
            setattr(self, name, getattr(self, name) + count)

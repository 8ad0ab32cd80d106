"""Where nothing carries data but this process: the port `Flows` that does nothing."""

from procall_mobility.protocols.turn.allocation import Allocation, Channel


class NoFlows:
    """Carries nothing."""

    def put(self, channel: Channel, until: float, now: float) -> None:
        """Leave the channel's data to us."""

    def drop(self, channel: Channel) -> None:
        """Nothing was carried."""

    def settle(self, allocation: Allocation) -> None:
        """Nothing was carried."""

    def release(self, allocation: Allocation) -> None:
        """Nothing was carried."""

    def spent(self, allocation: Allocation, now: float) -> None:
        """Nothing was carried."""

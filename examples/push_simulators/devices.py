"""Which devices a provider knows; of those it does not know, it may take every one."""

from attrs import define, field

MOST_DEVICES = 100_000
"""More than a show has; those that register are told when there are more."""


@define(eq=False, kw_only=True)
class Device:
    """One installation of an application."""

    token: str
    topic: str | None = None
    """The application it belongs to, where the provider tells them apart."""
    environment: str | None = None
    """`production` or `sandbox`, where the provider has two."""
    gone: float | None = None
    """Unix seconds of when it was found to be gone."""
    wake: str | None = None
    """URL that is asked to wake it."""


@define(eq=False)
class Devices:
    """The devices of one provider."""

    known: dict[str, Device] = field(factory=dict)
    takes_unknown: bool = True
    """Whether a token that is well-formed and was never registered is one of a living device."""

    def register(self, device: Device) -> None:
        """Take a device in, or its latest state.

        Raises:
            ValueError: there are too many.
        """
        if device.token not in self.known and len(self.known) >= MOST_DEVICES:
            raise ValueError(f"there are {MOST_DEVICES} devices already")
        self.known[device.token] = device

    def find(self, token: str) -> Device | None:
        """Return the device of a token; None where nobody has it."""
        found = self.known.get(token)
        return Device(token=token) if found is None and self.takes_unknown else found

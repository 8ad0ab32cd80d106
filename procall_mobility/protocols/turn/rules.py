"""The bounds of the relay; each is a number a sysadmin may set."""

from attrs import frozen

PERMISSION_LIFETIME = 300.0
"""Seconds (RFC 8656 section 9)."""

CHANNEL_LIFETIME = 600.0
"""Seconds (RFC 8656 section 12)."""

CHANNEL_GUARD = 300.0
"""Seconds in which neither number nor peer of an expired binding may be bound otherwise."""

RESERVATION_LIFETIME = 30.0
"""Seconds (RFC 8656 section 7.2)."""

UNAUTHENTICATED_BURST = 4.0
"""Seconds' worth of answers that a source may get at once before it has shown who it is."""

CREDENTIAL_GRACE = 12 * 3600.0
"""Seconds an allocation may be refreshed with a credential that has expired since."""


@frozen(kw_only=True)
class TurnRules:
    """What is allowed, and how much of it.  Octets per second of 0 are not bounded."""

    lifetime: int = 600
    """Seconds of an allocation whose client asks for no more (RFC 8656 section 3.2)."""
    longest_lifetime: int = 3600
    mobility: bool = True
    tcp_relay: bool = True
    md5: bool = True
    """Whether keys by MD5 are taken, which is all that browsers have."""
    old_channels: bool = False
    """Whether channels from 0x5000 to 0x7FFF are taken, which RFC 5766 allowed."""
    allocations: int = 10_000
    allocations_per_customer: int = 5000
    allocations_per_user: int = 50
    allocations_per_address: int = 1000
    permissions: int = 200
    """Of one allocation."""
    channels: int = 200
    new_peers_per_second: float = 20.0
    customer_octets_per_second: float = 125_000_000.0
    user_octets_per_second: float = 12_500_000.0
    address_octets_per_second: float = 25_000_000.0
    tcp_connections: int = 20
    """Of one allocation, those that are being opened included."""
    wrong_passwords_per_minute: float = 60.0
    unauthenticated_per_second: float = 50.0
    interim_every: float = 300.0
    """Seconds between the records of an allocation that goes on."""

    @property
    def strangers(self) -> tuple[float, float]:
        """Return how many answers a source gets a second, and at once, before it is known."""
        rate = self.unauthenticated_per_second
        return rate, rate * UNAUTHENTICATED_BURST

    @property
    def guessers(self) -> tuple[float, float]:
        """Return how many wrong passwords a source may show a second, and at once."""
        return self.wrong_passwords_per_minute / 60, max(1.0, self.wrong_passwords_per_minute)

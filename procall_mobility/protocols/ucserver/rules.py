"""The life of a server link, and its limits."""

import enum

from attrs import frozen


class StartTls(enum.Enum):
    """What a connection may or must do about asnStartTLS (Wire 4.8)."""

    DEMANDED = enum.auto()
    ALLOWED = enum.auto()
    OVER_TLS = enum.auto()


class Phase(enum.Enum):
    """Where a link is in its life.

    ```
          asnStartTLS         secured()        asnRegisterServer[V2]     accept()
    PLAIN ----------> SECURING -----> UNREGISTERED ---------> DECIDING -----> OPEN
    (where TLS is demanded)                 ^                     | refuse()
                                            |                     v redirect()
                                      every other start         CLOSED
    ```
    """

    PLAIN = enum.auto()
    SECURING = enum.auto()
    UNREGISTERED = enum.auto()
    DECIDING = enum.auto()
    OPEN = enum.auto()
    CLOSED = enum.auto()


@frozen(kw_only=True)
class LinkRules:
    """Limits of a link; times in seconds, sizes in octets."""

    message_size: int = 9_999_999
    registration_timeout: float = 20.0
    keep_alive: float = 30.0
    silence: float = 90.0
    guess_registration: bool = True
    """Take an unnamed first call of the right shape for a registration (A-38)."""

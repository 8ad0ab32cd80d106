"""What the lanes of pushes want done, and what they tell.

Nobody changes any of it.  Two are not frozen all the same: there is one of each for every push,
and attrs takes three times as long to make what is.
"""

import enum

from attrs import define, frozen

from procall_mobility.gateway.push.ports import QueuedPush, State
from procall_mobility.gateway.push.waiting import Waiting


class Trouble(enum.StrEnum):
    """What somebody has to look after; raised once, and taken back when it is over."""

    SUSPENDED = "suspended"
    """The provider refuses the lane's credential; everything is kept."""
    UNREACHABLE = "unreachable"
    """Pushes wait, and there is no connection to the provider."""
    SUSPICIOUS = "suspicious"
    """So many tokens are dead that a mistake in the configuration is likelier: none is buried."""


@define(kw_only=True)
class SendPush:
    """Send a push; `answered` or `unanswered` is to be said of it exactly once."""

    lane: str
    push: QueuedPush
    has_moved: bool
    """Whether the provider's other environment was tried already."""
    avoid: int | None
    """A connection to avoid where there is another one: it has failed this push."""
    patience: float
    """Seconds after which the request is to be cancelled and `unanswered`."""


@frozen(kw_only=True)
class OpenLane:
    """Connect for a lane, and say by `offers` how many requests the connections carry."""

    lane: str


@frozen(kw_only=True)
class CloseLane:
    """Let the connections of a lane go, after the last answer; nothing more is offered for it."""

    lane: str


@frozen(kw_only=True)
class ConnectNow:
    """Wait no longer with the next attempt to connect: calls wait, and would not live so long."""

    lane: str


@frozen(kw_only=True)
class RefreshCredential:
    """Get a fresh token of ours; `credential_renewed` or `credential_failed` is to be said."""

    lane: str
    reason: str


@frozen(kw_only=True)
class TroubleRaised:
    """An operator has to look after a lane."""

    lane: str
    trouble: Trouble
    reason: str


@frozen(kw_only=True)
class TroubleOver:
    """Not any more."""

    lane: str
    trouble: Trouble


@frozen(kw_only=True)
class NotTakenUp:
    """A push of before the start is left on disk for the next one, by a mistake of ours."""

    push: str
    """Its id."""
    fault: Exception


@frozen(kw_only=True)
class Drained:
    """Nothing is in flight any more, or nobody waits for it: the store may be closed."""

    given_up: int
    """Pushes in flight whose outcome nobody will know; they are sent again after the start."""


@define(kw_only=True)
class PushEnded:
    """A push has left its lane for good."""

    waiting: Waiting
    state: State
    reason: str | None = None


@frozen(kw_only=True)
class PushPostponed:
    """A push has failed once more, and waits."""

    push: QueuedPush


@frozen(kw_only=True)
class TokenDied:
    """A push has ended because its token is dead, which is to be remembered and told."""

    waiting: Waiting
    push: QueuedPush
    reason: str
    since: float | None
    """Unix seconds of when the provider knew."""


@frozen(kw_only=True)
class TokenElsewhere:
    """The token of a push may belong to the provider's other environment."""

    waiting: Waiting
    push: QueuedPush
    reason: str


@frozen(kw_only=True)
class PushAstray:
    """A push has waited in a lane that is no more: it is to be routed anew."""

    waiting: Waiting
    push: QueuedPush


@frozen(kw_only=True)
class DeviceHome:
    """A push is not sent, as its device has a session of its own by now: it goes there first."""

    waiting: Waiting


Told = PushEnded | PushPostponed | PushAstray | TokenDied | TokenElsewhere | DeviceHome
"""What a lane tells the pipeline."""

Wanted = (
    SendPush
    | ConnectNow
    | OpenLane
    | CloseLane
    | RefreshCredential
    | TroubleRaised
    | TroubleOver
    | NotTakenUp
    | Drained
)
"""What the pipeline tells whoever runs it."""

LaneOutput = Told | SendPush | ConnectNow | RefreshCredential | TroubleRaised | TroubleOver

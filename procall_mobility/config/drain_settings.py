"""How the daemon ends: what is under way is let finish, for a while."""

from attrs import frozen

from procall_mobility.config.declaring import setting
from procall_mobility.config.kinds import seconds


@frozen(kw_only=True)
class Drain:
    """How long the end may take; it is over as soon as nothing is under way any more."""

    on_stop: float = setting(
        20.0,
        seconds(0, 3600),
        "After SIGTERM, until calls that still run are cut off; a second SIGTERM does it at once.",
    )
    on_hand_over: float = setting(
        14_400.0,
        seconds(0, 604_800),
        "The same after a new process has taken over: calls go on in the old one meanwhile.",
    )
    spread: float = setting(
        10.0,
        seconds(0, 300),
        "Time over which a crowd of clients is moved, so that not all log on again at once.",
    )

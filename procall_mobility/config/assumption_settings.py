"""What is assumed of servers and apps that nobody has met yet."""

import attrs
from attrs import frozen

from procall_mobility.config import kinds
from procall_mobility.config.declaring import setting
from procall_mobility.config.kinds import flag, list_of, text, whole

LINK_PATHS = ("/ws/ucserver", "/ws/server", "/ucserver", "/ws/server/websocket")


@frozen(kw_only=True)
class Assumptions:
    """What a first meeting with a real server or app may overturn; leave it alone otherwise."""

    a15_one_shot_error_status: int = setting(
        400, whole(200, 599), "Status that carries a ROSE error of a one-shot call."
    )
    a16_bad_session_status: int = setting(403, whole(400, 499), "Status for an unknown session.")
    a22_close_codes: dict[int, int] = attrs.field(
        factory=dict,
        metadata={"read": kinds.codes, "purpose": "Close codes to send instead of ours."},
    )
    a24_link_paths: tuple[str, ...] = setting(
        LINK_PATHS,
        list_of(kinds.matching(kinds.WEB_PATH, "/ws/ucserver")),
        "Where server links may come as WebSockets.",
    )
    a28_turn_capability: str = setting(
        "asnWebServiceCapabilityTypeTurn", text, "The text that says TURN is available."
    )
    a38_guess_registration: bool = setting(
        True, flag, "Take an unnamed first call of the right shape for a registration."
    )
    a41_own_operations: bool = setting(
        True, flag, "Take operations whose names begin with `mobility` for ours, not a server's."
    )

"""What only a real client can settle about answers to clients (Wire 12: A-15, A-16, A-22)."""

from collections.abc import Mapping

from attrs import field, frozen

from procall_mobility.protocols.ucclient.socket_rules import CloseCode


@frozen
class ClientAssumptions:
    """Settings for a first meeting with a real app; the defaults are what is deduced.

    `one_shot_error_status` answers a ROSE error or reject of a one-shot call (A-15),
    `bad_session_status` an unknown session (A-16); `close_codes` replaces single codes (A-22).
    """

    one_shot_error_status: int = 400
    bad_session_status: int = 403
    close_codes: Mapping[CloseCode, int] = field(factory=dict)

    def close_code(self, why: CloseCode) -> int:
        """Give the number to close a WebSocket with."""
        return self.close_codes.get(why, int(why))

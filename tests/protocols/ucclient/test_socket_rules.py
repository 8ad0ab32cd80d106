"""A client's WebSocket (Wire 3)."""

import pytest

from procall_mobility.protocols.ucclient.assumptions import ClientAssumptions
from procall_mobility.protocols.ucclient.socket_rules import (
    KEEP_ALIVE_OPERATIONS,
    CloseCode,
    websocket_session_id,
)

SESSION = "7C0E5B2A4F1D4E6C9A3B8D7E6F5A4B3C"


@pytest.mark.parametrize("path", ["/ws/client/websocket", "/ws/client/websocket/"])
@pytest.mark.parametrize("name", ["x-ucsessionid", "X-UCSESSIONID", "ucsessionid"])
def test_both_spellings_of_the_path_lead_to_a_session(path, name):
    """Wire 2.1, 3."""
    assert websocket_session_id(path, ((name, SESSION),)) == SESSION


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/ws/client/websocket", ()),
        ("/ws/client/websocket", (("x-ucsessionid", ""),)),
        ("/ws/client/websocket", (("x-ucsessionid", "a b"),)),
        ("/ws/client/websocket", (("x-ucsessionid", "a\x00"),)),
        ("/ws/client/websocket", (("x-ucsessionid", "x" * 129),)),
        ("/ws/client/websocket", (("x-ucsessionid", "ä"),)),
        ("/ws/client/websocket//", (("x-ucsessionid", SESSION),)),
        ("/ws/client/socket", (("x-ucsessionid", SESSION),)),
    ],
)
def test_other_paths_and_improper_ids_lead_to_none(path, query):
    """Wire 3."""
    assert websocket_session_id(path, query) is None


@pytest.mark.parametrize(
    ("why", "code"),
    [
        (CloseCode.LOGGED_OFF, 1000),
        (CloseCode.DRAINING, 1001),
        (CloseCode.SESSION_ENDED, 1008),
        (CloseCode.TOO_BIG, 1009),
        (CloseCode.INTERNAL, 1011),
        (CloseCode.LINK_LOST, 1012),
        (CloseCode.BUSY, 1013),
    ],
)
def test_each_close_has_its_code_which_a_setting_may_replace(why, code):
    """Wire 3, A-22."""
    assert ClientAssumptions().close_code(why) == code
    assert ClientAssumptions(close_codes={why: 4000}).close_code(why) == 4000


def test_the_keep_alives_have_their_published_ids():
    """Wire 3."""
    assert KEEP_ALIVE_OPERATIONS == {"asnTransportKeepAlive": 1706, "asnKeepAlive": 100}

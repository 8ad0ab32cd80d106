"""The rules of a client's WebSocket (Wire 3)."""

import enum
import re

WEBSOCKET_PATH = "/ws/client/websocket"

KEEP_ALIVE_OPERATIONS = {"asnTransportKeepAlive": 1706, "asnKeepAlive": 100}
"""Events by which a client shows that it lives, with their ids; nobody answers them."""

LONGEST_MESSAGE = 9_999_999
"""Octets: the most that the JSON framing of a server link can carry (Wire 4.7)."""

LONGEST_SESSION_ID = 128
"""Characters; published samples have 32."""

_SESSION_ID = re.compile(rf"[!-~]{{1,{LONGEST_SESSION_ID}}}")


class CloseCode(enum.IntEnum):
    """Why we close a client's WebSocket (A-22); clients act the same on all of them."""

    LOGGED_OFF = 1000
    DRAINING = 1001
    SESSION_ENDED = 1008
    TOO_BIG = 1009
    INTERNAL = 1011
    LINK_LOST = 1012
    BUSY = 1013


def is_websocket_path(path: str) -> bool:
    """Whether clients upgrade here; published clients use both spellings."""
    return path.removesuffix("/") == WEBSOCKET_PATH


def websocket_session_id(path: str, query: tuple[tuple[str, str], ...]) -> str | None:
    """Give the session id of an upgrade; None if the path is another or the id is malformed."""
    if not is_websocket_path(path):
        return None
    named: dict[str, str] = {}
    for name, value in query:
        named.setdefault(name.lower(), value)
    found = named.get("x-ucsessionid") or named.get("ucsessionid") or ""
    return found if is_session_id(found) else None


def is_session_id(text: str) -> bool:
    """Whether `text` could be a session id: visible ASCII of bounded length, otherwise opaque."""
    return _SESSION_ID.fullmatch(text) is not None

"""Error objects in the shapes that clients know (Wire 2.7)."""

import enum
from typing import Any

BAD_SESSION = 8
NOT_CONNECTED = 119
BAD_ANSWER = 502
BUSY = 503
TIMED_OUT = 504


class LogonCode(enum.IntEnum):
    """Values of iErrorDetail in an AsnLogonError; 111 and 133 are reserved."""

    INTERNAL = 100
    WRONG_CREDENTIALS = 101
    NO_LICENCE = 103
    VERSION_MISMATCH = 104
    NEXT_STEP = 105
    METHOD_NOT_SUPPORTED = 106
    USER_NOT_ENABLED = 107
    COMPUTER_UNKNOWN = 108
    DOMAIN_LOGIN_FAILED = 109
    RIGHT_MISSING = 110
    RESERVED_111 = 111
    APPLICATION_NOT_ALLOWED = 112
    ALREADY_LOGGED_IN = 113
    TLS_REQUIRED = 114
    LOCKED = 129
    TOKEN_EXPIRED = 130
    TOO_MANY_ATTEMPTS = 131
    RESERVED_133 = 133


def logon_error(code: LogonCode, text: str) -> dict[str, Any]:
    """Make an AsnLogonError of our own."""
    return {
        "_type": "AsnLogonError",
        "iErrorDetail": int(code),
        "sAuthCredetials": "",
        "u8sErrorString": text,
        "u8sFailedUser": "",
    }


def web_service_error(detail: int, text: str, details: str = "") -> dict[str, Any]:
    """Make a WsError, the web service's own error."""
    return {
        "details": details or text,
        "_type": "WsError",
        "iErrorDetail": detail,
        "u8sErrorString": text,
    }

"""What Push Kit says: a code in the body, whatever the status (Huawei's list of codes)."""

import json
import secrets

from examples.push_simulators.exchange import Reply
from examples.push_simulators.json_replies import json_reply

CODES: dict[str, tuple[int, str]] = {
    "80000000": (200, "Success"),
    "80100000": (200, "The message is successfully sent to some tokens"),
    "80100001": (400, "Some request parameters are incorrect"),
    "80100003": (400, "Incorrect message structure"),
    "80100004": (400, "The message expiration time is earlier than the current time"),
    "80100013": (400, "The collapse_key message field is invalid"),
    "80100016": (400, "The message contains sensitive information"),
    "80100017": (400, "A maximum of 100 topic-based messages can be sent at the same time"),
    "80200001": (200, "OAuth authentication error"),
    "80200003": (200, "OAuth token expired"),
    "80200005": (200, "The JWT token expired"),
    "80300002": (200, "The current app does not have the permission to send messages"),
    "80300007": (200, "All tokens are invalid"),
    "80300008": (200, "The message body size exceeds the default value"),
    "80300010": (200, "The number of tokens in the message body exceeds the default value"),
    "80300011": (200, "You are not authorized to send high-priority notification messages"),
    "80300029": (200, "Messages are sent too often"),
    "80300036": (200, "The JWT token's lifetime is too long"),
    "80300037": (200, "The app was penalised"),
    "80600003": (200, "Failed to request the OAuth service"),
    "81000001": (500, "Internal error"),
}
"""Status and text; the statuses of refused forms and of inner faults are our reading."""

ROWS = (*CODES, "503 flow control")
"""For scripts."""

FLOW_CONTROL = Reply(503, (("content-type", "text/plain"),), b"flow control")


def answer(code: str, message: str | None = None) -> Reply:
    """Return an answer with a code."""
    status, text = CODES[code]
    said = {"code": code, "msg": message or text, "requestId": secrets.token_hex(12)}
    return json_reply(status, said)


def some_illegal(tokens: tuple[str, ...], illegal: tuple[str, ...]) -> Reply:
    """Return the answer to a message for several tokens, some of which are bad."""
    said = {
        "success": len(tokens) - len(illegal),
        "failure": len(illegal),
        "illegal_tokens": list(illegal),
    }
    return answer("80100000", json.dumps(said))

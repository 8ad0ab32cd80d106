"""What push services say: Mozilla's words and numbers, and others' where they differ."""

from examples.push_simulators.exchange import Reply
from examples.push_simulators.json_replies import json_reply

ERRORS: dict[str, tuple[int, str]] = {
    "400 Bad Request": (110, "Invalid crypto headers"),
    "400 Invalid TTL": (111, "Missing or invalid TTL header"),
    "400 Invalid Topic": (113, "Invalid topic"),
    "401 Unauthorized": (109, "Missing VAPID"),
    "403 Forbidden": (109, "Invalid VAPID"),
    "403 VAPID public key mismatch": (109, "VAPID public key mismatch"),
    "404 Not Found": (102, "Invalid endpoint"),
    "405 Method Not Allowed": (0, "Use POST"),
    "410 Gone": (103, "Subscription has expired"),
    "413 Payload Too Large": (104, "Payload too large"),
    "429 Too Many Requests": (201, "Too many requests"),
    "500 Internal Server Error": (999, "Unknown error"),
    "503 Service Unavailable": (201, "Use exponential back-off for retries"),
    "503 once more": (202, "Retry immediately"),
}
"""A service's own number, and its text."""

APPLE = ("400 VapidPkHashMismatch", "403 BadJwtToken", "403 ExpiredJwtToken")
GOOGLE = "403 other credentials"

ROWS = (*ERRORS, *APPLE, GOOGLE)
"""For scripts."""

_GOOGLES = (
    b"the VAPID credentials in the authorization header do not correspond to the credentials used "
    b"to create the subscriptions."
)


def error(row: str) -> Reply:
    """Return the answer of a row."""
    status, words = int(row[:3]), row[4:]
    if row in APPLE:
        return json_reply(status, {"reason": words})
    if row == GOOGLE:
        return Reply(status, (("content-type", "text/plain; charset=utf-8"),), _GOOGLES)
    number, text = ERRORS[row]
    return json_reply(status, {"code": status, "errno": number, "error": words, "message": text})

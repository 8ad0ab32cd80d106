"""What FCM says: Google's error objects, with FCM's own codes in their details."""

from typing import Any

from examples.push_simulators.exchange import Reply
from examples.push_simulators.json_replies import json_reply

FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"
ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo"
QUOTA_FAILURE = "type.googleapis.com/google.rpc.QuotaFailure"

NO_TOKEN = "The registration token is not a valid FCM registration token"
NOT_FOUND = "Requested entity was not found."
UNAUTHENTICATED = (
    "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie "
    "or other valid authentication credential. "
    "See https://developers.google.com/identity/sign-in/web/devconsole-project."
)
MISSING = UNAUTHENTICATED.replace("had invalid", "is missing required").replace(
    "credentials.", "credential.", 1
)


def error(status: int, canonical: str, message: str, *details: dict[str, Any]) -> Reply:
    """Return an error object of Google's."""
    said = {"code": status, "message": message, "status": canonical}
    return json_reply(status, {"error": {**said, **({"details": details} if details else {})}})


def of_fcm(status: int, canonical: str, message: str, code: str) -> Reply:
    """Return an error with a code of FCM's."""
    return error(status, canonical, message, {"@type": FCM_ERROR, "errorCode": code})


def bad_field(name: str, description: str) -> Reply:
    """Return the refusal of what the message says in a field."""
    violation = {"field": name, "description": description}
    detail = {"@type": BAD_REQUEST, "fieldViolations": [violation]}
    return error(400, "INVALID_ARGUMENT", description, detail)


def no_credential(reason: str, message: str) -> Reply:
    """Return what Google's front door says to who shows no good access token."""
    info = {
        "@type": ERROR_INFO,
        "reason": reason,
        "domain": "googleapis.com",
        "metadata": {
            "service": "fcm.googleapis.com",
            "method": "google.firebase.fcm.v1.FcmService.SendMessage",
        },
    }
    return error(401, "UNAUTHENTICATED", message, info)


def html(status: int, title: str) -> Reply:
    """Return what comes when a request got no further than the front door."""
    page = (
        "<!DOCTYPE html>\n<html lang=en>\n<meta charset=utf-8>\n"
        f"<title>Error {status} ({title})!!1</title>\n<p><b>{status}.</b> That is an error.\n"
    )
    headers = (("content-type", "text/html; charset=UTF-8"), ("referrer-policy", "no-referrer"))
    return Reply(status, headers, page.encode())


def success(project: str, number: str) -> Reply:
    """Return the answer to a message that was taken."""
    return json_reply(200, {"name": f"projects/{project}/messages/{number}"})


_QUOTA = {
    "@type": QUOTA_FAILURE,
    "violations": [{"subject": "device", "description": "Device message rate exceeded"}],
}
ROWS: dict[str, Reply] = {
    "400 INVALID_ARGUMENT token": of_fcm(400, "INVALID_ARGUMENT", NO_TOKEN, "INVALID_ARGUMENT"),
    "400 INVALID_ARGUMENT field": bad_field(
        "message.data[0].value", "Invalid value at 'message.data[0].value' (TYPE_STRING), 1"
    ),
    "401 THIRD_PARTY_AUTH_ERROR": of_fcm(
        401, "UNAUTHENTICATED", "Auth error from APNS or Web Push Service",
        "THIRD_PARTY_AUTH_ERROR",
    ),
    "401 UNAUTHENTICATED": no_credential("ACCESS_TOKEN_EXPIRED", UNAUTHENTICATED),
    "403 SENDER_ID_MISMATCH": of_fcm(
        403, "PERMISSION_DENIED", "SenderId mismatch", "SENDER_ID_MISMATCH"
    ),
    "403 PERMISSION_DENIED": error(
        403, "PERMISSION_DENIED",
        "Permission 'cloudmessaging.messages.create' denied on resource (or it may not exist).",
    ),
    "404 UNREGISTERED": of_fcm(404, "NOT_FOUND", NOT_FOUND, "UNREGISTERED"),
    "404 NOT_FOUND": error(404, "NOT_FOUND", NOT_FOUND),
    "429 QUOTA_EXCEEDED": of_fcm(
        429, "RESOURCE_EXHAUSTED",
        "Quota exceeded for quota metric 'Send requests' and limit 'Send requests per minute'",
        "QUOTA_EXCEEDED",
    ),
    "429 QUOTA_EXCEEDED device": error(
        429, "RESOURCE_EXHAUSTED", "Device message rate exceeded.",
        {"@type": FCM_ERROR, "errorCode": "QUOTA_EXCEEDED"}, _QUOTA,
    ),
    "500 INTERNAL": of_fcm(500, "INTERNAL", "Internal error encountered.", "INTERNAL"),
    "502 html": html(502, "Server Error"),
    "503 UNAVAILABLE": of_fcm(
        503, "UNAVAILABLE", "The service is currently unavailable.", "UNAVAILABLE"
    ),
}  # fmt: skip
"""For scripts, by status and `errorCode`."""


def access(token: str, life: float) -> Reply:
    """Return what Google's token endpoint says."""
    return json_reply(
        200, {"access_token": token, "expires_in": int(life), "token_type": "Bearer"}
    )

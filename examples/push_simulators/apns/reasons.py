"""What APNs says, by status and reason, as Apple's documentation lists it."""

import json
from collections.abc import Mapping

from examples.push_simulators.exchange import Reply

REASONS: Mapping[str, int] = {
    "BadCollapseId": 400,
    "BadDeviceToken": 400,
    "BadExpirationDate": 400,
    "BadMessageId": 400,
    "BadPriority": 400,
    "BadTopic": 400,
    "DeviceTokenNotForTopic": 400,
    "DuplicateHeaders": 400,
    "IdleTimeout": 400,
    "InvalidPushType": 400,
    "MissingDeviceToken": 400,
    "MissingTopic": 400,
    "PayloadEmpty": 400,
    "TopicDisallowed": 400,
    "BadCertificate": 403,
    "BadCertificateEnvironment": 403,
    "BadEnvironmentKeyIdInToken": 403,
    "ExpiredProviderToken": 403,
    "Forbidden": 403,
    "InvalidProviderToken": 403,
    "MissingProviderToken": 403,
    "UnrelatedKeyIdInToken": 403,
    "BadPath": 404,
    "MethodNotAllowed": 405,
    "ExpiredToken": 410,
    "Unregistered": 410,
    "PayloadTooLarge": 413,
    "TooManyProviderTokenUpdates": 429,
    "TooManyRequests": 429,
    "InternalServerError": 500,
    "ServiceUnavailable": 503,
    "Shutdown": 503,
}

DATED = ("ExpiredToken", "Unregistered")
"""Answers that tell since when."""


def refusal(reason: str, push_id: str, since: float | None = None) -> Reply:
    """Return an answer.

    Args:
        reason: one of `REASONS`.
        push_id: the push's `apns-id`.
        since: Unix seconds of when a token was found to be inactive.
    """
    said: dict[str, object] = {"reason": reason}
    if since is not None:
        said["timestamp"] = int(since * 1000)
    body = json.dumps(said, separators=(",", ":")).encode()
    return Reply(REASONS[reason], (("apns-id", push_id),), body)


def success(push_id: str, unique_id: str | None = None) -> Reply:
    """Return the answer to a push that was taken; `unique_id` in the sandbox only."""
    headers = (("apns-id", push_id),)
    return Reply(200, headers if unique_id is None else (*headers, ("apns-unique-id", unique_id)))


ROWS = ("200", *(f"{status} {reason}" for reason, status in REASONS.items()))
"""For scripts."""


def row(name: str, push_id: str, since: float) -> Reply:
    """Return the answer of a row."""
    if name == "200":
        return success(push_id)
    reason = name.split(" ")[1]
    return refusal(reason, push_id, since if reason in DATED else None)

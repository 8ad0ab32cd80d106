"""Which application a client says it is (Wire 2.8)."""

APPS = {
    0: "unknown",
    1: "windows",
    7: "mobile",
    8: "tablet",
    9: "service",
    10: "mac",
    15: "web",
    18: "procall-one",
    20: "analytics",
    21: "livechat",
    25: "meetings",
    26: "web-app",
    27: "webview",
    28: "teams",
}
"""clientappid to the word the access book uses; the others appear as `app#16`."""


def app_name(app_id: int) -> str:
    """Return the word for a clientappid."""
    return APPS.get(app_id, f"app#{app_id}")

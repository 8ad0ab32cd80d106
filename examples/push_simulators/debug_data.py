"""What GOAWAY frames carry beside their code."""

import json


def reason_data(reason: str | None) -> bytes:
    """Return debug data as APNs writes it; nothing without a reason."""
    return b"" if reason is None else json.dumps({"reason": reason}).encode()

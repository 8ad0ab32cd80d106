"""A trace as JSON can say it, to the operator or to the customer whose push it was."""

from collections.abc import Callable
from typing import Any

from procall_mobility.gateway.push.trace import Step, Trace

DeviceName = Callable[[str, bytes], str]
"""Returns the stand-in for a customer's device, by its digest: the one of the access book."""


def facts(trace: Trace, name_of: DeviceName, *, for_operator: bool) -> dict[str, Any]:
    """Return what there is to tell: nothing secret, no user.

    A customer learns which provider its push went to, the operator by which of the credentials.
    """
    told: dict[str, Any] = {
        "id": trace.id,
        "channel": trace.app,
        "kind": trace.kind,
        "device": name_of(trace.customer, trace.device),
        "accepted": round(trace.accepted, 3),
        "status": trace.state.value,
        "steps": [_step(trace, step, for_operator=for_operator) for step in trace.steps],
    }
    if for_operator:
        told["customer"] = trace.customer
    if trace.left_out:
        told["left_out"] = trace.left_out
    return told


def _step(trace: Trace, step: Step, *, for_operator: bool) -> dict[str, Any]:
    at, stage, lane, status, reason = step
    told: dict[str, Any] = {"ms": round((at - trace.began) * 1000, 1), "step": stage}
    if lane is not None and for_operator:
        told["lane"] = lane
    elif lane is not None:
        told["provider"] = lane.partition(":")[0]
    if status is not None:
        told["http_status"] = status
    if reason is not None:
        told["reason"] = reason
    return told

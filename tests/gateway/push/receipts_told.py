"""Receipts as those get them who hand the pushes of `push_fakes` in."""

from procall_mobility.gateway.push.ports import State
from procall_mobility.gateway.push.receipts import Receipt
from tests.gateway.push.fakes import push


def queued(number: int) -> Receipt:
    return Receipt(id=push(number).id, state=State.QUEUED)


def refused(number: int, reason: str, **members: object) -> Receipt:
    return Receipt(
        id=push(number).id,
        reason=reason,
        is_accepted=False,
        **{"state": State.REJECTED, **members},  # type: ignore[arg-type]
    )

"""One accepted push as the queues see it: few fields, and its content only while there is room."""

import hashlib
from functools import lru_cache
from typing import Final

from attrs import define, field

from procall_mobility.gateway.push.ports import QueuedPush
from procall_mobility.gateway.push.trace import Trace
from procall_mobility.protocols.push.notification import Notification, Urgency

OVERHEAD: Final = 200
"""Octets counted for each push beside what its customer has said: id, times and places."""

CALL: Final = Urgency.CALL
"""For what is asked of each push: to find a member of an enumeration takes as long as a call."""

MOST_KEYS: Final = 8
"""Of digests, that are kept at hand; a process has one."""

Key = tuple[bytes, str]
"""A device, and the collapse key of a push to it."""

Alarm = tuple[float, int, "Waiting"]
"""When to look at a waiting push; the number keeps two of the same time from being compared."""


@define(eq=False, kw_only=True)
class Waiting:
    """An accepted push.  Times are monotonic, so that a clock that is set disturbs nothing."""

    id: str
    customer: str
    urgency: Urgency
    order: int
    """Grows from push to push: of two, the lower is the older."""
    device: bytes = field(repr=False)
    """A digest of customer, application and token."""
    key: Key | None = field(repr=False)
    octets: int
    since: float
    """When it was accepted."""
    expires: float
    not_before: float
    push: QueuedPush | None = field(repr=False)
    """None while its content is left to the store."""
    lane: str = ""
    """Where it waits, or has been sent from."""
    alarm: Alarm | None = field(default=None, repr=False)
    """Its one place among the times to look at; None as long as it is in no queue."""
    is_ready: bool = False
    """Whether a queue has it waiting for nothing but its turn."""
    trouble: str | None = None
    """Why the last attempt failed: what is said when time runs out."""
    avoid: int | None = None
    """The connection that failed it."""
    asks_device: bool = True
    """Whether the device's own session is to be looked for before it is sent."""
    resends: int = 0
    """How often in a row it came back untouched."""
    refused_at: float | None = None
    """When its provider has refused the credential last, of this push."""
    refused_alone: int = 0
    """How often it was, while others that went after it were taken."""
    has_moved: bool = False
    """Whether the provider's other environment was tried."""
    trace: Trace | None = field(default=None, repr=False)
    """What has happened to it, if it is for a call."""
    is_durable: bool = False
    is_forsaken: bool = False
    """Whether it could not be stored: it may still be delivered, but is not tried again."""
    is_outdated: bool = False
    """Whether a newer one of its key has gone out since it did: it is not tried again either."""

    @property
    def is_queued(self) -> bool:
        """Whether it is in a queue."""
        return self.alarm is not None


def device_of(customer: str, app: str, token: str, key: bytes) -> bytes:
    """Return what stands for a device in memory; nothing can be learnt from it but sameness.

    `key` is the process's own.
    """
    digest = _begun(key).copy()
    digest.update(f"{customer}\0{app}\0{token}".encode("utf-8", "surrogatepass"))
    return digest.digest()


@lru_cache(MOST_KEYS)
def _begun(key: bytes) -> "hashlib.blake2b":
    """Return a digest with the key in it; with an octet behind it, that is worked in already."""
    return hashlib.blake2b(b"\0", key=key, digest_size=16)


def octets_of(notification: Notification) -> int:
    """Return about how much room a push takes."""
    content = notification.content
    said = sum(map(len, content)) + sum(map(len, content.values()))
    return OVERHEAD + len(notification.token) + len(notification.kind) + said


def waiting(push: QueuedPush, order: int, now: float, unix: float, *, key: bytes = b"") -> Waiting:
    """Return what the queues see of a push; `key` is that of devices' digests."""
    told = push.notification
    device = device_of(push.customer, push.app, told.token, key)
    return Waiting(
        id=told.id,
        customer=push.customer,
        urgency=told.urgency,
        order=order,
        device=device,
        key=None if told.collapse is None else (device, told.collapse),
        octets=octets_of(told),
        since=now + (push.accepted - unix),
        expires=now + (told.expires - unix),
        not_before=now + (push.not_before - unix),
        push=push,
    )

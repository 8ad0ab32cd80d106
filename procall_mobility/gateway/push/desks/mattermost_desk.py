"""Answers Mattermost servers as their push proxy does.

They look at the JSON of an answer and not at its status, and try nothing again: what is ours is
kept until it is delivered, which is all that can be done for them.
"""

import math
from collections import Counter
from collections.abc import Callable
from typing import Final

from attrs import field, frozen

from procall_mobility.gateway.customer_door import Reply
from procall_mobility.gateway.json_answers import json_answer
from procall_mobility.gateway.push.desks.errands import Errand, Fate, PushErrands, Verdict
from procall_mobility.gateway.push.desks.sender_door import SenderDoor
from procall_mobility.gateway.push.desks.senders import Api
from procall_mobility.gateway.push.pipeline import LONGEST_WAIT
from procall_mobility.gateway.reasons import Reason
from procall_mobility.protocols.push import mattermost
from procall_mobility.protocols.push.derived_ids import derived_id
from procall_mobility.protocols.push.mattermost import MattermostError, SendPush
from procall_mobility.protocols.ucclient.http_answer import HttpAnswer
from procall_mobility.protocols.ucclient.intentions import HttpRequest

_TEXTS: Final = {
    Reason.UNKNOWN_SENDER: "this proxy takes no pushes for this server_id and platform",
    Reason.UNKNOWN_APP: "this proxy takes no pushes for this server_id and platform",
    Reason.CUSTOMER_DISABLED: "this proxy takes no pushes for this server_id now",
    "token-malformed": "the application has no such devices",
    "endpoint-forbidden": "a device names nothing that may be called",
    "too-large": "the push is too large",
    "too-fast": "more pushes than the quota allows",
    "too-many-queued": "more pushes wait than the quota allows",
    "too-much-queued": "more pushes wait than the quota allows",
    "too-many-lanes": "devices name more places than the quota allows",
}
_OTHERWISE: Final = "the push cannot be taken now"


@frozen(kw_only=True)
class MattermostDesk:
    """Takes requests."""

    door: SenderDoor
    errands: PushErrands
    version: str
    clock: Callable[[], float] = field(repr=False)
    wall_clock: Callable[[], float] = field(repr=False)
    new_id: Callable[[], str] = field(repr=False)
    acknowledged: "Counter[str]" = field(factory=Counter, init=False)
    """How many pushes devices say they have received, by what they were about."""

    def wants(self, path: str) -> bool:
        """Want the three places there are."""
        return path.rstrip("/") in (mattermost.SEND, mattermost.ACKNOWLEDGE, mattermost.VERSION)

    def serve(self, request: HttpRequest, reply: Reply) -> None:
        """Answer `request` through `reply`, at once or later, exactly once."""
        path = request.path.rstrip("/")
        method = "GET" if path == mattermost.VERSION else "POST"
        if request.method != method:
            told = mattermost.failed(f"{method} is needed")
            reply(json_answer(405, told, ("Allow", method)))
        elif path == mattermost.VERSION:
            reply(json_answer(200, {"GitVersion": self.version}))
        elif (wait := self.door.wait(request)) > 0:
            later = ("Retry-After", str(math.ceil(wait)))
            reply(json_answer(429, mattermost.failed(_TEXTS["too-fast"]), later))
        elif path == mattermost.ACKNOWLEDGE:
            reply(self._acknowledge(request.body))
        else:
            self._send(request, reply)

    def _acknowledge(self, body: bytes) -> HttpAnswer:
        try:
            told = mattermost.read_acknowledgement(body)
        except MattermostError as error:
            return json_answer(200, mattermost.failed(error.text))
        # Nobody shows a credential: only words that are known are counted apart.
        self.acknowledged[told.type if told.type in mattermost.TYPES else "other"] += 1
        return json_answer(200, mattermost.OK)

    def _send(self, request: HttpRequest, reply: Reply) -> None:
        try:
            told = mattermost.read(request.body)
        except MattermostError as error:
            reply(json_answer(200, mattermost.failed(error.text)))
            return
        errand = self._errand(told, request)
        if isinstance(errand, Verdict):
            reply(_answer(errand))
            return
        now = self.clock()
        self.errands.run([errand], lambda heard: reply(_answer(heard[0])), now, wait=LONGEST_WAIT)

    def _errand(self, told: SendPush, request: HttpRequest) -> Errand | Verdict:
        there = self.door.find(request, Api.MATTERMOST, told.server_id, told.platform)
        if isinstance(there, Reason):
            return Verdict(fate=Fate.REFUSED, reason=there.value)
        parts = ("mattermost", there.customer, there.app.name, told.ack_id, told.device_id)
        name = derived_id(*parts) if told.ack_id else self.new_id()
        forms = mattermost.pushes(told, name=name, unix=self.wall_clock())
        return Errand(customer=there.customer, app=there.app, forms=forms)


def _answer(verdict: Verdict) -> HttpAnswer:
    if verdict.fate is Fate.TAKEN:
        return json_answer(200, mattermost.OK)
    if verdict.fate is Fate.DEAD:
        return json_answer(200, mattermost.REMOVE)
    return json_answer(200, mattermost.failed(_TEXTS.get(verdict.reason or "", _OTHERWISE)))

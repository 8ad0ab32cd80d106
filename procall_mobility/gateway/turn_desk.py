"""Answers `POST /turn/v1/credentials`: a customer shows its password, and gets credentials."""

import json
from typing import Any, Final

from attrs import frozen

from procall_mobility.gateway.customer_door import CustomerDoor, Reply
from procall_mobility.gateway.customers import Customer
from procall_mobility.gateway.json_answers import json_answer, misunderstood, refusal
from procall_mobility.gateway.turn_issuing import IssuingRefused, TurnIssuing
from procall_mobility.protocols.ucclient.bad_request import BadRequest
from procall_mobility.protocols.ucclient.intentions import HttpRequest

PATH: Final = "/turn/v1/credentials"


@frozen(kw_only=True)
class TurnDesk:
    """Takes requests."""

    door: CustomerDoor
    issuing: TurnIssuing

    def wants(self, path: str) -> bool:
        """Want the one place there is."""
        return path.rstrip("/") == PATH

    def serve(self, request: HttpRequest, reply: Reply) -> None:
        """Answer `request` through `reply`, at once or later, exactly once."""
        try:
            asked = _read(request)
        except BadRequest as error:
            reply(misunderstood(error))
            return

        def welcome(customer: Customer) -> None:
            try:
                answer = self.issuing.answer(customer, **asked)
            except IssuingRefused as refused:
                self.door.note(request, customer.ucsid, refused.reason)
                reply(refusal(refused.status, refused.reason, refused.text))
                return
            reply(json_answer(200, answer))

        self.door.open(request, welcome, reply)


def _read(request: HttpRequest) -> dict[str, object]:
    """Return what is asked for: from a JSON body, else from the query."""
    if request.method != "POST":
        raise BadRequest("method", "POST is needed", status=405, allow=("POST",))
    told: Any = {"username": request.parameter("username"), "ttl": request.parameter("ttl")}
    if request.body.strip():
        try:
            told = json.loads(request.body)
        except (ValueError, RecursionError):
            told = None
        if not isinstance(told, dict):
            raise BadRequest("bad-body", "the body is no JSON object")
    return {"user": told.get("username"), "ttl": told.get("ttl")}

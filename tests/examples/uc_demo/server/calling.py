"""What people do with calls, and what they see of them."""

from typing import Any

from examples.uc_demo.server.calls import NORMAL
from examples.uc_demo.server.contacts import IN_CALL
from tests.examples.uc_demo.server.company import BOB, Company


def makes_call(company: Company, caller: str, to: str = BOB) -> Any:
    answer = company.asks(
        caller, "asnAVMakeCallV2", callType=0, u8sUriTo=to, u8sBody="offer", u8sUriFrom="sip:x"
    )
    return answer["callAndConnectionID"]


def rings(company: Company, callee: str) -> dict[str, Any]:
    (offer,) = company.hears(callee, "asnAVNewCallV2")
    return offer


def accepts(company: Company, callee: str, offer: dict[str, Any]) -> None:
    company.says(
        callee,
        "asnAVConnectV2",
        u8sCallID=offer["callAndConnectionID"]["u8sCallID"],
        endpointIDTo=offer["endpointIDFrom"],
        connectedEndPointID=offer["callAndConnectionID"]["u8sEndpointID"],
        u8sBody="answer",
    )


def drops(company: Company, who: str, call_id: str, reason: int = NORMAL) -> None:
    company.says(who, "asnAVDropCall", dropTarget={"u8sCallID": call_id}, iAvDropReason=reason)


def is_in_call(company: Company, contact: str) -> bool:
    session = company.arrives("alice")
    answer = company.asks(session, "asnGetAndSubscribePresenceV2", seqContactIDs=[contact])
    company.office.ended(session)
    state: int = answer["seqSubscribedPresence"][0]["iPresenceState"]
    return bool(state & IN_CALL)

"""A Matrix homeserver that notifies the devices of its users."""

from typing import Any

from procall_mobility.protocols.push.matrix import PATH
from procall_mobility.protocols.ucclient.http_answer import HttpAnswer
from tests.gateway.push.desks.sender_house import TOKEN, House, said
from tests.gateway.push.fakes import UNIX

DEVICE: dict[str, Any] = {
    "app_id": "org.example.app",
    "pushkey": TOKEN,
    "pushkey_ts": UNIX - 86_400,
    "data": {"format": "event_id_only"},
}
OTHER = {**DEVICE, "pushkey": "decade" * 8}
EVENT: dict[str, Any] = {
    "event_id": "$3957tyerfgewrf384",
    "room_id": "!slw48wfj34rtnrf:example.com",
    "prio": "high",
    "counts": {"unread": 2},
}


def asked(house: House, *devices: dict[str, Any], **members: Any) -> list[HttpAnswer]:
    notification = {**EVENT, "devices": list(devices or [DEVICE]), **members}
    heard = house.asks(house.matrix, "POST", PATH, {"notification": notification})
    house.store.commit()
    return heard


def notifies(house: House, *devices: dict[str, Any], **members: Any) -> HttpAnswer:
    """Notify, and let the patience of the desk pass."""
    heard = asked(house, *devices, **members)
    house.later(2.0)
    (answer,) = heard
    return answer


def rejects(answer: HttpAnswer) -> list[str]:
    assert answer.status == 200
    pushkeys: list[str] = said(answer)["rejected"]
    return pushkeys


def refused(house: House, *devices: dict[str, Any], **members: Any) -> tuple[int, str]:
    answer = notifies(house, *devices, **members)
    assert house.sent() == []
    assert house.store.told.queued == {}
    return answer.status, said(answer)["errcode"]

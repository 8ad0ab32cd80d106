"""Who is let in without a credential, and what of it is written down."""

from typing import Any

from procall_mobility.gateway.reasons import Reason
from procall_mobility.protocols.push.matrix import PATH
from tests.gateway.push.desks.sender_house import TOKEN, House


def notification(*app_ids: str) -> dict[str, Any]:
    devices = [{"app_id": each, "pushkey": TOKEN} for each in app_ids]
    return {"notification": {"event_id": "$1", "devices": devices}}


def test_a_request_for_many_strangers_fills_no_log() -> None:
    """A hundred devices may be named in each, by whoever likes."""
    house = House()
    strangers = [f"org.example.stranger{number}" for number in range(100)]
    (answer,) = house.asks(house.matrix, "POST", PATH, notification(*strangers))
    assert answer.status == 403
    assert house.noted == [(None, Reason.UNKNOWN_SENDER)]


def test_whoever_is_named_among_strangers_is_served_all_the_same() -> None:
    house = House()
    house.asks(
        house.matrix, "POST", PATH,
        notification("org.example.lost", "org.example.app", "org.example.stranger"),
    )  # fmt: skip
    house.store.commit()
    assert len(house.sent()) == 1
    assert house.noted == [("acme", Reason.UNKNOWN_APP)], "the first of them"

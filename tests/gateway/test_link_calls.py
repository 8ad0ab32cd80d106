"""Wire 5.4, 6.2: what servers ask for themselves, outside every session."""

from procall_mobility.gateway.customers import Customer, Switches
from procall_mobility.protocols.rose.messages import (
    Error,
    Invoke,
    InvokeProblem,
    JsonValue,
    Problem,
    ProblemKind,
    Reject,
    Result,
)
from tests.gateway.fakes import House, event

UNRECOGNISED = Problem(ProblemKind.INVOKE, InvokeProblem.UNRECOGNISED_OPERATION)


def call(invoke_id: int, name: str = "asnChatTextMessage", value: object = None) -> Invoke:
    return Invoke(invoke_id, 0, name, JsonValue.of(value if value is not None else {}))


def test_ice_servers_come_with_credentials_that_expire() -> None:
    """Wire 6.2: never an empty list; username `<expiry>:<ucsid>:link` (A-32)."""
    house = House()
    wire = house.registers()
    house.gateway.link_invoked(wire, call(9, "asnWebGetIceServersV2"), house.now)
    (answer,) = wire.answers
    assert isinstance(answer, Result)
    assert isinstance(answer.result, JsonValue)
    value = answer.result.value()
    assert value["iTTL"] == 86_400
    assert value["stValidTo"] == "2026-11-23T08:33:52Z"
    stun, turn, fixed = value["iceServers"]
    assert stun == {"urls": ["stun:turn.example.net:3478"]}
    assert turn["username"] == "1795422832:acme:link"
    assert turn["credential"] == "Tj0rX9m0yLU8ZYo0dDu5AqqUSgY=" or len(turn["credential"]) == 28
    assert (fixed["username"], fixed["credential"]) == ("u", "p")


def test_without_turn_the_answer_is_an_error() -> None:
    house = House(Customer(ucsid="acme", switches=Switches(turn=False)))
    wire = house.registers()
    house.gateway.link_invoked(wire, call(9, "asnWebGetIceServers"), house.now)
    (answer,) = wire.answers
    assert isinstance(answer, Error)
    assert isinstance(answer.error, JsonValue)
    assert answer.error.value()["u8sErrorString"] == "TURN not available"


def test_an_external_provider_is_the_servers_own_affair() -> None:
    """A-34."""
    house = House()
    wire = house.registers()
    asked = call(9, "asnWebGetIceServersV2", {"sTurnProviderConfig": "{}"})
    house.gateway.link_invoked(wire, asked, house.now)
    assert wire.answers == [Reject(9, UNRECOGNISED, "unrecognisedOperation")]


def test_the_connection_can_be_checked() -> None:
    house = House()
    wire = house.registers()
    house.gateway.link_invoked(wire, Invoke(9, 1714, "asnCheckConnection"), house.now)
    (answer,) = wire.answers
    assert isinstance(answer, Result)
    assert isinstance(answer.result, JsonValue)
    assert answer.result.value()["iProtocolVersion"] == 70


def test_other_calls_are_rejected_and_events_ignored() -> None:
    house = House()
    wire = house.registers()
    house.gateway.link_invoked(wire, call(9, "asnRequestCERToken"), house.now)
    house.gateway.link_invoked(wire, event("asnRequestCERToken"), house.now)
    assert wire.answers == [Reject(9, UNRECOGNISED, "unrecognisedOperation")]


def test_capabilities_of_a_server_are_kept() -> None:
    house = House()
    wire = house.registers()
    offered = house.gateway.links.all()[0].wire
    assert offered is wire
    house.gateway.capabilities_changed(wire, wire.accepted or ())
    assert house.gateway.links.all()[0].capabilities == wire.accepted

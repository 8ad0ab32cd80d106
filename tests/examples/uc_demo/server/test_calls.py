"""Audio and video calls: who rings, who is told what, who is in a call (Wire 9.4)."""

import pytest

from examples.uc_demo.server.calls import BUSY, CANCEL, NORMAL
from examples.uc_demo.server.replies import RefusedError
from tests.examples.uc_demo.server.calling import accepts, drops, is_in_call, makes_call, rings
from tests.examples.uc_demo.server.company import ALICE, BOB, Company


def test_a_call_rings_at_every_client_of_the_callee_with_the_true_caller(company: Company) -> None:
    """What the client says of itself in u8sUriFrom is not believed."""
    alice, desk, phone = company.arrives("alice"), company.arrives("bob"), company.arrives("bob")
    made = makes_call(company, alice)
    offers = [rings(company, each) for each in (desk, phone)]
    assert [o["callAndConnectionID"]["u8sCallID"] for o in offers] == [made["u8sCallID"]] * 2
    assert {(o["u8sUriFrom"], o["u8sBody"]) for o in offers} == {(ALICE, "offer")}
    assert {o["endpointIDFrom"] for o in offers} == {made["u8sEndpointID"]}


@pytest.mark.parametrize("to", [ALICE, BOB, "sip:carol@demo.example", ""])
def test_nobody_is_called_who_is_not_there(company: Company, to: str) -> None:
    """Oneself, somebody offline, somebody unknown."""
    alice = company.arrives("alice")
    with pytest.raises(RefusedError):
        makes_call(company, alice, to)


def test_who_answers_first_has_the_call_and_the_others_stop_ringing(company: Company) -> None:
    alice, desk, phone = company.arrives("alice"), company.arrives("bob"), company.arrives("bob")
    makes_call(company, alice)
    offer = rings(company, desk)
    accepts(company, desk, offer)
    (answer,) = company.hears(alice, "asnAVConnectV2")
    assert answer["u8sBody"] == "answer"
    (dropped,) = company.hears(phone, "asnAVDropCall")
    assert dropped["iAvDropReason"] == NORMAL
    assert company.hears(desk, "asnAVDropCall") == []
    assert is_in_call(company, ALICE)
    assert is_in_call(company, BOB)
    accepts(company, phone, rings(company, phone))
    assert company.hears(alice, "asnAVConnectV2") == []


def test_a_caller_cannot_answer_its_own_call(company: Company) -> None:
    alice, bob = company.arrives("alice"), company.arrives("bob")
    makes_call(company, alice)
    accepts(company, alice, rings(company, bob))
    assert not is_in_call(company, BOB)
    assert company.hears(bob, "asnAVDropCall") == []


def test_candidates_go_to_the_named_endpoint_of_the_same_call_only(company: Company) -> None:
    alice, bob = company.arrives("alice"), company.arrives("bob")
    makes_call(company, alice)
    offer = rings(company, bob)
    message = {
        "u8sCallID": offer["callAndConnectionID"]["u8sCallID"],
        "endpointIDTo": offer["endpointIDFrom"],
        "messageType": 2,
        "iceCandidate": {"candidate": "c", "sdpMid": "0", "sdpMLineIndex": 0},
    }
    company.says(bob, "asnAVCallMessageV2", **message)
    assert company.hears(alice, "asnAVCallMessageV2") == [message]
    company.says(bob, "asnAVCallMessageV2", **message | {"u8sCallID": "another"})
    company.says(bob, "asnAVCallMessageV2", **message | {"endpointIDTo": "another"})
    stranger = company.arrives("bob")
    company.says(stranger, "asnAVCallMessageV2", **message)
    assert company.hears(alice, "asnAVCallMessageV2") == []


@pytest.mark.parametrize("operation", ["asnAVAlertV2", "asnAVCallStateChanged", "asnAVCallHoldV2"])
def test_clients_of_a_call_tell_each_other_how_it_goes(company: Company, operation: str) -> None:
    alice, bob = company.arrives("alice"), company.arrives("bob")
    makes_call(company, alice)
    offer = rings(company, bob)
    told = {"u8sCallID": offer["callAndConnectionID"]["u8sCallID"]}
    company.says(bob, operation, **told, endpointIDTo=offer["endpointIDFrom"])
    assert company.hears(alice, operation)


@pytest.mark.parametrize("reason", [NORMAL, BUSY, CANCEL, 16])
def test_a_drop_ends_the_call_everywhere_with_its_reason(company: Company, reason: int) -> None:
    alice, bob = company.arrives("alice"), company.arrives("bob")
    call_id = makes_call(company, alice)["u8sCallID"]
    drops(company, bob, call_id, reason)
    (dropped,) = company.hears(alice, "asnAVDropCall")
    assert dropped["dropTarget"] == {"u8sCallID": call_id}
    assert dropped["iAvDropReason"] == reason
    drops(company, alice, call_id)
    assert company.hears(bob, "asnAVDropCall") == []


def test_a_call_can_be_dropped_by_its_connection(company: Company) -> None:
    """dropTarget is a CHOICE."""
    alice, bob = company.arrives("alice"), company.arrives("bob")
    connection = makes_call(company, alice)
    company.says(alice, "asnAVDropCall", dropTarget={"connectionID": connection}, iAvDropReason=2)
    assert company.hears(bob, "asnAVDropCall")


def test_nobody_drops_the_calls_of_others(company: Company) -> None:
    alice, bob = company.arrives("alice"), company.arrives("bob")
    call_id = makes_call(company, alice)["u8sCallID"]
    stranger = company.arrives("bob")
    drops(company, stranger, call_id)
    assert company.hears(bob, "asnAVDropCall") == []


def test_people_are_no_longer_in_a_call_after_it(company: Company) -> None:
    alice, bob = company.arrives("alice"), company.arrives("bob")
    call_id = makes_call(company, alice)["u8sCallID"]
    accepts(company, bob, rings(company, bob))
    drops(company, alice, call_id)
    assert not is_in_call(company, ALICE)
    assert not is_in_call(company, BOB)


def test_a_client_that_vanishes_takes_its_call_along(company: Company) -> None:
    alice, bob = company.arrives("alice"), company.arrives("bob")
    makes_call(company, alice)
    accepts(company, bob, rings(company, bob))
    company.office.ended(alice)
    (dropped,) = company.hears(bob, "asnAVDropCall")
    assert dropped["iAvDropReason"] == CANCEL
    assert not is_in_call(company, BOB)


def test_one_ringing_client_of_two_may_vanish(company: Company) -> None:
    alice, desk, phone = company.arrives("alice"), company.arrives("bob"), company.arrives("bob")
    makes_call(company, alice)
    company.office.ended(desk)
    assert company.hears(alice, "asnAVDropCall") == []
    accepts(company, phone, rings(company, phone))
    assert company.hears(alice, "asnAVConnectV2")


def test_nobody_stays_in_a_call_when_the_link_is_lost(company: Company) -> None:
    """All sessions die with the link, and with them their calls."""
    alice, bob = company.arrives("alice"), company.arrives("bob")
    makes_call(company, alice)
    accepts(company, bob, rings(company, bob))
    company.office.link_lost()
    assert not is_in_call(company, ALICE)
    assert not is_in_call(company, BOB)

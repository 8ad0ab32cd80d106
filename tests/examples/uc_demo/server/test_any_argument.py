"""Whatever a client sends as an argument, the office answers or refuses."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from examples.uc_demo.server.replies import RefusedError, RejectedError
from examples.uc_demo.server.uplink import MISTYPED
from tests.examples.uc_demo.server.company import ALICE, BOB, Company

OPERATIONS = sorted({*Company().office._users, *Company().office._anybody})
EVENTS = sorted(Company().office._events)

NAMES = st.sampled_from(
    [
        *("u8sCallID", "endpointIDTo", "dropTarget", "connectionID", "iAvDropReason"),
        *("u8sUriTo", "u8sRecipientURIs", "u8sMessage", "u8sConversationID", "iStatus"),
        *("asnSequenceIDSet", "iLastSequenceID", "seqContactIDs", "absentstate", "eAbsentState"),
        *("authentication", "simple", "enhanced", "sAuthCredetials", "auth", "authBasic"),
        *("credential", "authBearer", "u8sJWT", "sToken", "iTTL", "u8sDeviceID", "iRegisterType"),
        *("iEncryption", "bReceiveChatEvents", "iLastKnownGlobTransactionID", "bUserTyping"),
    ]
)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.sampled_from([ALICE, BOB, "conversation-1"])
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(OPERATIONS), st.dictionaries(NAMES, VALUES, max_size=6))
def test_an_operation_answers_refuses_or_finds_it_mistyped(operation: str, argument: Any) -> None:
    company = Company()
    alice, _ = company.arrives("alice"), company.arrives("bob")
    company.asks(alice, "asnChatSubscribeEvents")
    try:
        answer = company.office.invoked(operation, alice, argument, company.now)
    except (RefusedError, RejectedError, *MISTYPED):
        return
    assert isinstance(answer, dict)


def test_a_number_beyond_all_numbers_is_mistyped() -> None:
    """JSON's 1e999 is read as infinity."""
    company = Company()
    with pytest.raises(MISTYPED):
        company.asks(company.arrives("alice"), "asnGetUserToken", iTTL=float("1e999"))


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(EVENTS), VALUES)
def test_an_event_is_taken_or_found_mistyped(operation: str, argument: Any) -> None:
    company = Company()
    alice, _ = company.arrives("alice"), company.arrives("bob")
    try:
        assert company.office.told(operation, alice, argument, company.now) is False
    except MISTYPED:
        return

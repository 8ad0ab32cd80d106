"""A server that is not let in yet can make us hold little; one that is may say what it likes."""

import pytest

from procall_mobility.protocols.rose.form import Form
from procall_mobility.protocols.rose.messages import EVENT_ID, Invoke, JsonValue
from procall_mobility.protocols.ucserver import registration
from procall_mobility.protocols.ucserver.outputs import CloseLink, LinkInvoked, Registering
from procall_mobility.protocols.ucserver.speech import LARGEST_OF_A_STRANGER
from tests.protocols.ucserver.plays import ARGUMENT, Play, register

LONG = Invoke(EVENT_ID, 0, "asnX", JsonValue.of("x" * LARGEST_OF_A_STRANGER))
SHORTER = Invoke(EVENT_ID, 0, "asnX", JsonValue.of("x" * 1000))


@pytest.mark.parametrize(
    ("form", "framed"),
    [(Form.JSON_HEADER, True), (Form.JSON_BARE, True), (Form.JSON_BARE, False)],
    ids=["J", "bare", "websocket"],
)
def test_long_messages_are_for_those_who_are_let_in(form: Form, framed: bool) -> None:
    assert Play(form, framed=framed).says(LONG) == [CloseLink("message-too-big")]
    (news,) = Play(form, framed=framed).registered().says(LONG)
    assert isinstance(news, LinkInvoked)


def test_what_is_held_of_a_stranger_is_bounded_before_it_is_complete() -> None:
    play = Play()
    assert play.raw(b"J%07d" % (LARGEST_OF_A_STRANGER + 1)) == [CloseLink("message-too-big")]


def test_a_smaller_limit_of_the_operator_holds_for_everybody() -> None:
    play = Play(message_size=1000)
    assert play.says(SHORTER) == [CloseLink("message-too-big")]
    assert Play(message_size=1000).registered().says(SHORTER) == [CloseLink("message-too-big")]


def test_the_longest_registration_passes() -> None:
    """Wire 5.2: every domain and the key at their bounds."""
    domains = ["d" * 253] * registration.MOST_DOMAINS
    key = "k" * registration.LONGEST_KEY
    texts = dict.fromkeys(
        ("u8sVersion", "u8sServerName", "u8sSystemID", "u8sHardwareID"),
        "t" * registration.LONGEST_TEXT,
    )
    longest = {**ARGUMENT, **texts, "presenceDomains": domains, "u8sJWTPublicKey": key}
    (registering,) = Play().says(register(**longest))
    assert isinstance(registering, Registering)
    assert len(registering.registration.presence_domains) == registration.MOST_DOMAINS

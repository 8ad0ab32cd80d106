"""Which phones are registered for pushes, and which of them sleep (Wire 7.1)."""

import pytest

from examples.uc_demo.server.contacts import MOBILE, OFFLINE
from examples.uc_demo.server.devices import MOST_DEVICES
from examples.uc_demo.server.office import Office
from examples.uc_demo.server.replies import RefusedError
from tests.examples.uc_demo.server.company import ALICE, NOON, Company


def state_of_alice(company: Company) -> int:
    bob = company.arrives("bob")
    answer = company.asks(bob, "asnGetAndSubscribePresenceV2", seqContactIDs=[ALICE])
    company.office.ended(bob)
    state: int = answer["seqSubscribedPresence"][0]["iPresenceState"]
    return state


def test_a_device_gets_a_key_of_its_own_if_it_wants_one(company: Company) -> None:
    alice = company.arrives("alice")
    assert company.installs(alice, "one", iEncryption=0) == b""
    first, second = company.installs(alice, "two"), company.installs(alice, "two")
    assert len(first) == len(second) == 16
    assert first != second
    assert len(company.office.devices) == 2


def test_a_device_is_told_where_its_user_sees_it(company: Company) -> None:
    answer = company.asks(
        company.arrives("alice"), "asnAppsRegisterPush",
        iRegisterType=255, u8sDeviceID="d", u8sPushID="t", u8sPushChannelID="c",
    )  # fmt: skip
    assert answer == {"u8sPhonePage": "http://127.0.0.1:8090/"}


def test_a_device_that_registers_anew_is_one_device_with_its_latest_token(
    company: Company,
) -> None:
    """One device has one registration; a new one overwrites it, whoever's it was."""
    alice, bob = company.arrives("alice"), company.arrives("bob")
    company.installs(alice, "phone")
    company.installs(bob, "phone", u8sPushID="newer")
    company.office.ended(alice)
    assert not company.office.devices.can_wake(ALICE)
    assert len(company.office.devices) == 1


def test_a_device_can_be_taken_away(company: Company) -> None:
    """iRegisterType 0 logs off."""
    alice = company.arrives("alice")
    company.installs(alice, "phone")
    assert company.installs(alice, "phone", kinds=0) == b""
    assert len(company.office.devices) == 0


@pytest.mark.parametrize("missing", ["u8sDeviceID", "u8sPushID", "u8sPushChannelID"])
def test_what_is_mandatory_is_asked_for(company: Company, missing: str) -> None:
    alice = company.arrives("alice")
    with pytest.raises(RefusedError, match=missing):
        company.installs(alice, "phone", **{missing: ""})
    assert len(company.office.devices) == 0


def test_there_are_only_so_many_devices(company: Company) -> None:
    alice = company.arrives("alice")
    for number in range(MOST_DEVICES):
        company.installs(alice, f"phone-{number}")
    company.installs(alice, "phone-0")
    with pytest.raises(RefusedError):
        company.installs(alice, "one too many")


def test_who_sleeps_with_a_phone_is_seen_as_reachable(company: Company) -> None:
    """Wire 9.2: 0x40000000, beside being offline."""
    alice = company.arrives("alice")
    company.installs(alice, "phone")
    company.office.ended(alice)
    assert state_of_alice(company) == OFFLINE | MOBILE
    again = company.arrives("alice")
    company.installs(again, "phone", kinds=0)
    company.office.ended(again)
    assert state_of_alice(company) == OFFLINE


def test_a_phone_for_messages_only_cannot_be_called(company: Company) -> None:
    alice = company.arrives("alice")
    company.installs(alice, "phone", kinds=2)
    company.office.ended(alice)
    assert not company.office.devices.can_wake(ALICE)


@pytest.mark.parametrize("token", ["phone", "phone-calls"])
def test_a_device_with_a_dead_token_is_forgotten_and_everybody_told(
    company: Company, token: str
) -> None:
    alice, bob = company.arrives("alice"), company.arrives("bob")
    company.asks(bob, "asnGetAndSubscribePresenceV2", seqContactIDs=[ALICE])
    company.installs(alice, "phone")
    company.office.ended(alice)
    company.hears(bob, "asnUpdatePresenceV2")
    company.office.devices.token_gone(token, NOON + 1)
    (update,) = company.hears(bob, "asnUpdatePresenceV2")
    assert update["presence"]["iPresenceState"] == OFFLINE
    assert len(company.office.devices) == 0


def test_a_device_that_has_registered_since_is_kept(company: Company) -> None:
    """What was found dead before tells nothing about what was registered later."""
    company.installs(company.arrives("alice"), "phone")
    company.office.devices.token_gone("phone", NOON - 1)
    company.office.devices.token_gone("another", NOON + 1)
    assert len(company.office.devices) == 1


def test_tokens_and_keys_are_not_shown(company: Company) -> None:
    alice = company.arrives("alice")
    key = company.installs(alice, "id", u8sPushID="t0ken", u8sPushIDVoIP="t1ken")
    company.office.ended(alice)
    (device,) = company.office.devices.of(ALICE, 1)
    for secret in ("t0ken", "t1ken", repr(key)):
        assert secret not in repr(device)


def test_a_server_without_a_way_to_post_registers_nobody() -> None:
    office = Office(bytes, lambda: NOON, lambda *_: None, None, lambda *_: None)
    session = office.sessions.create(0.0)
    assert session is not None
    simple = {"u8sClientUsername": "alice", "u8sClientUserPassword": "alice"}
    office.invoked("asnLogon", session.id, {"authentication": {"simple": simple}}, 0.0)
    with pytest.raises(RefusedError, match="no pushes"):
        office.invoked("asnAppsRegisterPush", session.id, {"iRegisterType": 255}, 0.0)

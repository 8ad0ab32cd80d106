"""How the demo server keeps its link up."""

from twisted.internet.task import Clock

from examples.uc_demo.server.destinations import Destination, Route, Security
from examples.uc_demo.server.dialling import FIRST_WAIT, LONGEST_WAIT, Dialling
from examples.uc_demo.server.directory import PEOPLE
from procall_mobility.protocols.rose.form import Form

HOME = Destination("127.0.0.1", 7322, Security.PLAIN)


def dialling(clock: Clock) -> Dialling:
    return Dialling(clock, Route(HOME), "demo", "secret", Form.JSON_HEADER, False, None)


def waits(clock: Clock, server: Dialling) -> list[float]:
    """Lose the link again and again; return the waits."""
    found = []
    for _ in range(40):
        server.lost("refused")
        (call,) = clock.getDelayedCalls()
        found.append(call.getTime() - clock.seconds())
        call.cancel()
    return found


def test_waits_are_drawn_below_a_limit_that_doubles_up_to_a_bound() -> None:
    """Full jitter: many servers that lose one daemon do not come back at one moment."""
    found = waits(clock := Clock(), dialling(clock))
    limits = [min(LONGEST_WAIT, FIRST_WAIT * 2**tries) for tries in range(len(found))]
    assert all(0 <= wait <= limit for wait, limit in zip(found, limits, strict=True))
    assert max(found) > LONGEST_WAIT / 4
    assert len(set(found)) == len(found)


def test_a_registration_begins_with_short_waits_again() -> None:
    server = dialling(clock := Clock())
    waits(clock, server)
    server._destination = HOME
    server.up(server.uplink(lambda octets: None, None, framed=True))
    for limit in (FIRST_WAIT, FIRST_WAIT * 2):
        server.lost("gone")
        (call,) = clock.getDelayedCalls()
        assert call.getTime() - clock.seconds() <= limit
        call.cancel()


def test_its_people_are_offline_while_there_is_no_link() -> None:
    server = dialling(Clock())
    server.office.sessions.create(0.0)
    server.lost("gone")
    assert len(server.office.sessions) == 0


def test_events_without_a_link_go_nowhere() -> None:
    sent: list[bytes] = []
    server = dialling(Clock())
    server._destination = HOME
    server.office._send("session", "asnChatEvent", {})
    server.up(server.uplink(sent.append, None, framed=True))
    server.office._send("session", "asnChatEvent", {"asnChatEventList": []})
    assert len(sent) == 1


def test_it_dials_no_more_once_stopped() -> None:
    server = dialling(clock := Clock())
    server.stop()
    server.lost("the program ends")
    assert clock.getDelayedCalls() == []


def test_the_password_is_not_shown() -> None:
    assert "secret" not in repr(dialling(Clock()))


def test_phones_are_woken_where_it_is_told_and_forgotten_when_they_are_gone() -> None:
    server = Dialling(
        Clock(), Route(HOME), "demo", "secret", Form.JSON_HEADER, False, None,
        "http://127.0.0.1:1/push/v1/", "http://127.0.0.1:2/",
    )  # fmt: skip
    office = server.office
    session = office.sessions.create(0.0)
    assert session is not None
    session.person = PEOPLE["alice"]
    told = {"iRegisterType": 255, "u8sDeviceID": "d", "u8sPushID": "t", "u8sPushChannelID": "c"}
    answer = office.invoked("asnAppsRegisterPush", session.id, told, 0.0)
    assert answer == {"u8sPhonePage": "http://127.0.0.1:2/"}
    server._token_gone("t", 2e9)
    assert len(office.devices) == 0

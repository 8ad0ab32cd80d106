"""Which session has which device: the tokens clients name, bounded, and of their own customer."""

from typing import Any

import pytest

from procall_mobility.gateway.push import presence
from procall_mobility.gateway.push.presence import MOST_TOKENS
from procall_mobility.gateway.push.waiting import device_of
from procall_mobility.gateway.reasons import Reason
from procall_mobility.protocols.rose.messages import JsonValue, Result
from tests.gateway.fakes import CLIENT, FakeClientWire, login
from tests.gateway.push.fakes import KEY, push
from tests.gateway.push.hall import DEVICE, Hall, error_of


def test_a_later_list_takes_the_place_of_an_earlier_one() -> None:
    hall = Hall()
    session, _ = hall.enters("SESSION1", "t", "u")
    hall.offers(1)
    hall.names(session, "u", "v")
    assert not hall.presence.knows(DEVICE)
    assert hall.presence.knows(device_of("acme", "phone", "v", KEY))
    hall.names(session)
    assert hall.presence._hosts == {}
    hall.hears(session, Result(1, JsonValue("{}")))
    assert hall.taken == [(push(1).id, True)], "what was given before may be confirmed still"


def test_the_session_that_names_a_token_last_has_it() -> None:
    """A phone that comes back with another session, before its old one is known to be dead."""
    hall = Hall()
    old, old_wire = hall.enters("SESSION1")
    _, new_wire = hall.enters("SESSION2")
    hall.offers()
    assert (old_wire.sent, len(new_wire.sent)) == ([], 1)
    hall.home.gateway.sessions.end(old, Reason.GRACE_OVER, hall.home.now)
    assert hall.presence.knows(DEVICE)


def test_no_session_gets_the_pushes_of_another_customers_devices() -> None:
    """Not even one that knows their tokens."""
    hall = Hall()
    theirs = hall.home.registers(ucsid="other", system_id="S2")
    answers = hall.home.asks("POST", "/ws/client/createsession", **login(ucsid="other"))
    theirs.answers_with(hall.home.now, {"u8sSessionID": "THEIRS", "negotiateresult": {}})
    theirs.answers_with(
        hall.home.now, {"u8sLoggedInUser": "eve", "iValidContact": 1, "ownContact": {}}
    )
    assert [each.status for each in answers] == [200]
    eve = hall.home.gateway.attach("THEIRS", FakeClientWire(), CLIENT, hall.home.now)
    assert eve is not None
    hall.names(eve, "t")
    assert not hall.presence.knows(DEVICE)
    assert not hall.offers()
    assert hall.presence.knows(device_of("other", "phone", "t", KEY)), "their own phone"


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"tokens": "t"},
        {"tokens": [{"channel": "phone", "token": "t"}] * (MOST_TOKENS + 1)},
        {"tokens": ["t"]},
        {"tokens": [{"channel": "phone"}]},
        {"tokens": [{"token": "t"}]},
        {"tokens": [{"channel": "phone", "token": "t" * 4097}]},
    ],
)
def test_what_is_no_list_of_tokens_changes_nothing(told: dict[str, Any]) -> None:
    hall = Hall()
    session, wire = hall.enters()
    hall.says(session, **told)
    assert error_of(wire) == (400, "bad-body")
    assert hall.presence.knows(DEVICE)


def test_devices_are_bounded_in_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "MOST_DEVICES", 3)
    hall = Hall()
    hall.enters("SESSION1", "a", "b")
    session, wire = hall.enters("SESSION2", "c")
    hall.names(session, "c", "d")
    assert error_of(wire) == (503, "too-many-tokens")
    hall.names(session, "c")
    assert wire.sent == [Result(5, JsonValue('{"tokens":1}'))]


def test_no_token_is_kept_or_shown() -> None:
    hall = Hall()
    hall.enters("SESSION1", "a-secret-token")
    assert "a-secret-token" not in repr(hall.presence)
    assert KEY.decode() not in repr(hall.presence)
    kept = [*hall.presence._hosts]
    assert kept == [device_of("acme", "phone", "a-secret-token", KEY)]

"""What the office knows beside people talking to each other."""

import pytest

from examples.uc_demo.server.replies import RejectedError
from examples.uc_demo.server.sessions import MOST_SESSIONS, SILENCE
from procall_mobility.protocols.rose.messages import InvokeProblem
from tests.examples.uc_demo.server.company import Company

ISSUED = {
    "iceServers": [
        {"urls": ["stun:turn.example:3478"]},
        {"urls": ["turn:turn.example:3478"], "username": "1:demo:link", "credential": "c="},
    ],
    "stValidTo": "2026-11-24T12:00:00Z",
    "iTTL": 86400,
}


def test_unknown_operations_are_rejected(company: Company) -> None:
    with pytest.raises(RejectedError) as rejected:
        company.asks(company.arrives("alice"), "asnMakeCoffee")
    assert rejected.value.problem is InvokeProblem.UNRECOGNISED_OPERATION


def test_unknown_sessions_are_rejected(company: Company) -> None:
    """Wire 5.4: reject 8."""
    with pytest.raises(RejectedError) as rejected:
        company.asks("0" * 32, "asnGetTime")
    assert rejected.value.problem is InvokeProblem.INVALID_SESSION_ID


def test_session_ids_are_32_upper_case_hex_digits(company: Company) -> None:
    """Wire 2.3."""
    session = company.arrives("alice")
    assert len(session) == 32
    assert session == session.upper()
    assert int(session, 16)


def test_there_are_only_so_many_sessions(company: Company) -> None:
    sessions = company.office.sessions
    while len(sessions) < MOST_SESSIONS:
        sessions.create(company.now)
    assert sessions.create(company.now) is None


def test_a_session_lives_as_long_as_it_is_heard(company: Company) -> None:
    """Wire 3: the server times sessions out on missing keep-alives."""
    quiet, lively, busy = (company.arrives(each) for each in ("alice", "bob", "bob"))
    company.now += SILENCE
    company.says(lively, "asnTransportKeepAlive", dummy=None)
    company.asks(busy, "asnGetTime")
    company.now += 1
    assert [s.id for s in company.office.sessions.silent(company.now)] == [quiet]


def test_logging_off_ends_the_session_once(company: Company) -> None:
    session = company.arrives("alice")
    assert company.says(session, "asnLogoff")
    assert not company.says(session, "asnLogoff")
    with pytest.raises(RejectedError):
        company.asks(session, "asnGetTime")


def test_the_time_is_told_in_iso(company: Company) -> None:
    answer = company.asks(company.arrives("alice"), "asnGetTime")
    assert answer == {"stSystemtime": "2026-11-23T12:00:00Z"}


def test_clients_get_the_servers_the_daemon_has_issued(company: Company) -> None:
    """Wire 6.1, in the newer and the older shape, asked for and by event."""
    session = company.arrives("alice")
    assert company.asks(session, "asnAVGetIceServers") == {"iceServers": []}
    assert company.asks(session, "asnGetSTUNandTURN") == {"listConfigSTUNandTURN": []}
    company.office.ice_servers(ISSUED)
    assert company.asks(session, "asnAVGetIceServers") == {"iceServers": ISSUED["iceServers"]}
    answer = company.asks(session, "asnGetSTUNandTURN")
    stun, turn = answer["listConfigSTUNandTURN"]
    assert (stun["iType"], stun["u8sUsername"], stun["u8sPassword"]) == (1, "", "")
    assert turn == {
        "iType": 2,
        "u8sUsername": "1:demo:link",
        "u8sPassword": "c=",
        "stValidTo": "2026-11-24T12:00:00Z",
        "listURIs": ["turn:turn.example:3478"],
        "iTTL": 86400,
    }
    assert company.hears(session, "asnSTUNandTURNConfigChanged") == [answer]
    company.says(session, "asnRequestSTUNandTURN")
    assert company.hears(session, "asnSTUNandTURNConfigChanged") == [answer]


def test_whoever_has_not_logged_on_hears_of_no_credentials(company: Company) -> None:
    session = company.office.sessions.create(company.now)
    assert session is not None
    company.office.ice_servers(ISSUED)
    company.says(session.id, "asnRequestSTUNandTURN")
    assert company.hears(session.id, "asnSTUNandTURNConfigChanged") == []


@pytest.mark.parametrize(
    "operation",
    ["asnSubscribeServices", "asnSetClientCapabilities", "asnSetClientCapabilitiesV2"],
)
def test_what_clients_say_of_themselves_is_taken(company: Company, operation: str) -> None:
    assert company.asks(company.arrives("alice"), operation) == {}

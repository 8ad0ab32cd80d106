"""A server that comes and goes without being let in leaves a line in the book that says why."""

from collections.abc import Callable

import pytest

from procall_mobility.gateway.reasons import Reason
from procall_mobility.protocols.rose.messages import EVENT_ID, Invoke, JsonValue
from procall_mobility.protocols.ucserver.rules import StartTls
from tests.transports.stream_line import REGISTRATION, Line

REGISTER = Invoke(1, 0, "asnRegisterServerV2", JsonValue.of(REGISTRATION))
CHAT = Invoke(1, 0, "asnChatTextMessage", JsonValue.of({}), "SESSION1")
KEEP_ALIVE = Invoke(EVENT_ID, 0, "asnTransportKeepAlive", JsonValue.of({"dummy": 0}))
START_TLS = Invoke(1, 1103, "asnStartTLS", JsonValue.of({}))


def registers_in_plain(line: Line) -> None:
    line.says(REGISTER)


def speaks_before_it_registers(line: Line) -> None:
    line.says(CHAT)


def says_nothing_but_that_it_lives(line: Line) -> None:
    line.says(KEEP_ALIVE)
    line.later(20.0)


def frames_wrongly(line: Line) -> None:
    line.link.dataReceived(b"Jxxxxxxx")


@pytest.mark.parametrize(
    ("starttls", "acts", "reason"),
    [
        (StartTls.DEMANDED, registers_in_plain, Reason.STARTTLS_REQUIRED),
        (StartTls.OVER_TLS, speaks_before_it_registers, Reason.NOT_REGISTERED),
        (StartTls.OVER_TLS, says_nothing_but_that_it_lives, Reason.REGISTRATION_TIMEOUT),
        (StartTls.OVER_TLS, frames_wrongly, Reason.FRAMING),
    ],
)
def test_who_is_not_let_in_is_told_apart(
    starttls: StartTls, acts: Callable[[Line], None], reason: Reason
) -> None:
    line = Line(starttls)
    acts(line)
    line.breaks()
    assert line.house.book.said() == [f"connection refused: {reason}"]
    (entry,) = line.house.book.entries
    assert entry.client == "198.51.100.9"


def test_a_starttls_that_comes_to_nothing_is_a_failed_handshake() -> None:
    """Wire 4.8: mostly a server that does not trust the certificate."""
    line = Line(StartTls.DEMANDED)
    line.says(START_TLS)
    line.breaks()
    assert line.house.book.said() == ["connection refused: tls-failed"]


def test_who_only_looks_whether_somebody_is_there_is_not_worth_a_line() -> None:
    line = Line()
    line.says(KEEP_ALIVE)
    line.breaks()
    assert line.house.book.said() == []


@pytest.mark.parametrize("members", [{}, {"u8sServerPassword": "wrong"}])
def test_who_was_let_in_or_turned_away_has_its_line_already(members: dict[str, str]) -> None:
    line = Line()
    line.says(CHAT)
    line.registers(**members)
    line.breaks()
    assert "connection refused" not in " ".join(line.house.book.said())

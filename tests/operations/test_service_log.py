"""The service book: what the daemon says of itself, and nothing of what peers sent."""

import datetime
import json
from collections.abc import Callable

import pytest
from twisted.logger import LogEvent, Logger, LogLevel
from twisted.python.failure import Failure

from procall_mobility.operations.service_log import ServiceLog

HERE = datetime.timezone(datetime.timedelta(hours=1))
NOON = datetime.datetime(2026, 11, 22, 9, 14, 3, 250_000, HERE).timestamp()


class Lines:
    """A sink that keeps what it is given."""

    def __init__(self) -> None:
        self.lines: list[tuple[int, str]] = []
        self.calls: list[str] = []

    def write(self, line: str, priority: int) -> None:
        self.lines.append((priority, line))

    def reopen(self) -> None:
        self.calls.append("reopen")

    def close(self) -> None:
        self.calls.append("close")


def book(*, least: str = "info", is_json: bool = False) -> tuple[ServiceLog, Lines]:
    sink = Lines()
    log = ServiceLog(
        sink,
        lambda: NOON,
        lambda unix: datetime.datetime.fromtimestamp(unix, HERE),
        least=least,
        json=is_json,
    )
    return log, sink


def said(
    tell: Callable[[Logger], object],
    *,
    namespace: str = "procall_mobility.lifecycle",
    least: str = "info",
    is_json: bool = False,
) -> list[tuple[int, str]]:
    log, sink = book(least=least, is_json=is_json)
    tell(Logger(namespace=namespace, observer=log))
    return sink.lines


def test_an_event_is_one_line_with_its_details() -> None:
    assert said(lambda log: log.info("started", version="1.0", name="node1")) == [
        (6, "2026-11-22T09:14:03+01:00 info started name=node1 version=1.0")
    ]


def test_machines_get_json() -> None:
    ((priority, line),) = said(
        lambda log: log.emit(LogLevel.warn, "slow", seconds=3), is_json=True
    )
    assert priority == 4
    assert json.loads(line) == {
        "time": "2026-11-22T09:14:03.250+01:00",
        "level": "warn",
        "event": "slow",
        "seconds": "3",
    }


@pytest.mark.parametrize(
    ("least", "kept"),
    [("debug", 5), ("info", 4), ("warn", 3), ("error", 2)],
)
def test_the_least_level_is_a_setting(least: str, kept: int) -> None:
    def tell(log: Logger) -> None:
        for level in LogLevel.iterconstants():
            log.emit(level, "something")

    assert len(said(tell, least=least)) == kept


def test_syslog_priorities_say_the_level() -> None:
    def tell(log: Logger) -> None:
        for level in LogLevel.iterconstants():
            log.emit(level, "something")

    assert [priority for priority, _ in said(tell, least="debug")] == [7, 6, 4, 3, 2]


def test_what_peers_do_to_websockets_does_not_fill_the_book() -> None:
    """autobahn warns of each broken frame."""
    for level in (LogLevel.warn, LogLevel.error):
        assert said(lambda log, level=level: log.emit(level, "x"), namespace="autobahn.x") == []


# Privacy --------------------------------------------------------------------------------

SECRET = "the-secret-of-alice"
QUOTING = f"odd answer: {SECRET}"


def test_a_field_that_is_not_listed_is_dropped() -> None:
    ((_, line),) = said(lambda log: log.info("x", password=SECRET, session=SECRET, name="n"))
    assert line.endswith(" info x name=n")


def test_a_value_cannot_begin_a_line() -> None:
    ((_, line),) = said(lambda log: log.info("x", name="a\nb"))
    assert line.endswith(r" name=a\nb")


def failing() -> Failure:
    """A failure as they come: the text and the variables hold what a peer sent."""
    password = SECRET
    try:
        raise ValueError(f"cannot parse {password}")
    except ValueError:
        return Failure(captureVars=True)


@pytest.mark.parametrize("is_json", [False, True])
def test_of_a_failure_only_kind_and_place_are_shown(is_json: bool) -> None:
    ((_, line),) = said(
        lambda log: log.failure("a regular task failed", failing()), is_json=is_json
    )
    assert "a regular task failed" in line
    assert "ValueError at test_service_log.py:" in line
    assert " failing" in line
    assert SECRET not in line
    assert "\n" not in line


def test_other_packages_are_heard_from_warnings_on_and_never_quoted() -> None:
    """Twisted logs every factory, timeout and, in failures, whatever it was handed."""
    assert said(lambda log: log.info(QUOTING), namespace="twisted.x") == []
    assert (
        said(lambda log: log.emit(LogLevel.warn, QUOTING), namespace="twisted.x", least="error")
        == []
    )
    ((_, line),) = said(
        lambda log: log.emit(LogLevel.warn, QUOTING, name=SECRET),
        namespace="twisted.x",
        least="debug",
    )
    assert line.endswith(" warn warning of twisted.x")
    ((_, line),) = said(
        lambda log: log.failure(QUOTING, failing(), error=SECRET), namespace="autobahn.websocket"
    )
    assert " critical fault in autobahn.websocket failure=" in line
    assert SECRET not in line


# The book -------------------------------------------------------------------------------


def test_faults_and_lines_are_counted() -> None:
    """A provider that is down is worth a line, and no fault of ours."""
    log, _ = book(least="error")
    logger = Logger(namespace="procall_mobility.x", observer=log)
    logger.emit(LogLevel.warn, "odd")
    logger.error("wrong")
    logger.failure("worse", failing())
    assert log.bugs == 1
    assert {level: count for level, count in log.lines.items() if count} == {
        "error": 1,
        "critical": 1,
    }


def test_an_event_without_level_or_words_is_no_trouble() -> None:
    log, sink = book()
    event: LogEvent = {"log_namespace": "procall_mobility.x"}
    log(event)
    log({})
    assert [line for _, line in sink.lines] == [
        "2026-11-22T09:14:03+01:00 info warning of procall_mobility.x"
    ]


def test_the_book_goes_on_in_a_fresh_file_and_is_closed() -> None:
    log, sink = book()
    log.reopen()
    log.close()
    assert sink.calls == ["reopen", "close"]


def test_it_goes_on_elsewhere_from_another_level_on_and_in_another_form() -> None:
    log, before = book()
    after = Lines()
    log.change(after, least="warn", json=True)
    log({"log_level": LogLevel.info, "log_namespace": "procall_mobility", "log_format": "no"})
    log({"log_level": LogLevel.warn, "log_namespace": "procall_mobility", "log_format": "yes"})
    assert before.lines == []
    assert before.calls == ["close"]
    ((_, line),) = after.lines
    assert json.loads(line)["event"] == "yes"


def test_it_may_change_its_form_and_stay_where_it_is() -> None:
    log, sink = book()
    log.change(None, least="info", json=True)
    log({"log_level": LogLevel.info, "log_namespace": "procall_mobility", "log_format": "here"})
    assert json.loads(sink.lines[0][1])["event"] == "here"
    assert sink.calls == []

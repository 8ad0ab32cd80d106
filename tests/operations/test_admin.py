"""The admin socket: one JSON line asks, one answers; neither end trusts the other."""

import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.defer import Deferred
from twisted.internet.testing import StringTransport
from twisted.logger import LogEvent, globalLogPublisher

from procall_mobility.operations import admin_client
from procall_mobility.operations.admin_client import AdminError, NotRunningError, ask
from procall_mobility.operations.admin_socket import (
    LONGEST_QUESTION,
    MOST_CONNECTIONS,
    AdminConnection,
    AdminFactory,
)
from tests.operations.admin_daemon import listening


def refuse(question: dict[str, Any]) -> None:
    raise ValueError("no customer x")


def break_down(question: dict[str, Any]) -> None:
    raise KeyError("a secret")


VERBS = {
    "echo": lambda question: question,
    "refuse": refuse,
    "break": break_down,
    "unspeakable": lambda question: object(),
}
FAULT = {"error": "a fault of the daemon; the service log has the details"}


def connected() -> tuple[AdminConnection, StringTransport]:
    protocol = AdminFactory(VERBS).buildProtocol(None)
    assert protocol is not None
    transport = StringTransport()
    protocol.makeConnection(transport)
    return protocol, transport


def answers(question: bytes) -> list[Any]:
    protocol, transport = connected()
    protocol.dataReceived(question)
    return [json.loads(line) for line in transport.value().splitlines()]


@contextmanager
def logged() -> Iterator[list[LogEvent]]:
    events: list[LogEvent] = []
    globalLogPublisher.addObserver(events.append)
    yield events
    globalLogPublisher.removeObserver(events.append)


def test_a_verb_is_answered() -> None:
    question = {"verb": "echo", "x": [1, "ü"]}
    assert answers(json.dumps(question).encode() + b"\n") == [{"answer": question}]


def test_several_questions_are_answered_in_order() -> None:
    assert answers(b'{"verb": "echo", "n": 1}\n{"verb": "refuse"}\n') == [
        {"answer": {"verb": "echo", "n": 1}},
        {"error": "no customer x"},
    ]


@pytest.mark.parametrize("question", [b"{", b"", b"[" * 60_000, b"\xff"])
def test_what_is_no_json_is_refused(question: bytes) -> None:
    assert answers(question + b"\n") == [{"error": "the question is no JSON"}]


@pytest.mark.parametrize("question", [b"5", b"[]", b"{}", b'{"verb": "x"}', b'{"verb": [1]}'])
def test_an_unknown_verb_is_refused_with_the_known_ones(question: bytes) -> None:
    assert answers(question + b"\n") == [
        {"error": "no such verb; known: break, echo, refuse, unspeakable"}
    ]


def test_our_own_fault_is_logged_and_told_to_nobody() -> None:
    with logged() as events:
        assert answers(b'{"verb": "break"}\n{"verb": "unspeakable"}\n') == [FAULT, FAULT]
    assert [event["log_format"] for event in events] == ["admin question failed"] * 2


class Slow:
    """A daemon that has to ask somebody else first."""

    def __init__(self) -> None:
        self.answer: Deferred[object] = Deferred()
        factory = AdminFactory({"slow": lambda _: self.answer, "echo": lambda question: question})
        protocol = factory.buildProtocol(None)
        assert protocol is not None
        self.protocol, self.transport = protocol, StringTransport()
        protocol.makeConnection(self.transport)
        protocol.dataReceived(b'{"verb": "slow"}\n')

    def said(self) -> list[Any]:
        return [json.loads(line) for line in self.transport.value().splitlines()]


def test_a_verb_may_answer_later() -> None:
    slow = Slow()
    assert slow.said() == []
    slow.answer.callback({"x": 1})
    assert slow.said() == [{"answer": {"x": 1}}]


def test_what_is_found_out_later_may_be_a_refusal_or_a_fault() -> None:
    slow = Slow()
    slow.answer.errback(ValueError("no customer x"))
    assert slow.said() == [{"error": "no customer x"}]
    for result in (KeyError("a secret"), object()):
        slow = Slow()
        with logged() as events:
            if isinstance(result, Exception):
                slow.answer.errback(result)
            else:
                slow.answer.callback(result)
        assert slow.said() == [FAULT]
        assert [event["log_format"] for event in events] == ["admin question failed"]


def test_whoever_has_gone_is_answered_no_more() -> None:
    slow = Slow()
    slow.protocol.connectionLost()
    slow.answer.callback(1)
    assert slow.said() == []


@settings(max_examples=100)
@given(st.binary(max_size=200))
def test_any_line_is_answered_once(line: bytes) -> None:
    (answer,) = answers(line.replace(b"\n", b"") + b"\n")
    assert answer.keys() in ({"answer"}, {"error"})


def test_a_question_without_an_end_is_cut_off() -> None:
    protocol, transport = connected()
    protocol.dataReceived(b"x" * (LONGEST_QUESTION + 1))
    assert transport.disconnecting
    assert transport.value() == b""


def test_the_number_of_askers_is_bounded() -> None:
    factory = AdminFactory({})
    protocols = [factory.buildProtocol(None) for _ in range(MOST_CONNECTIONS)]
    assert factory.buildProtocol(None) is None
    first = protocols[0]
    assert first is not None
    first.connectionLost()
    assert factory.buildProtocol(None) is not None


# The command line's end -----------------------------------------------------------------


@contextmanager
def answering(path: Path, answer: bytes | None) -> Iterator[None]:
    """A daemon that says only `answer`, or nothing at all."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(path))
        listener.listen()

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65_536)
                if answer is None:
                    connection.recv(1)  # Until the asker has given up.
                else:
                    connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield
        thread.join()


def test_both_ends_understand_each_other(tmp_path: Path) -> None:
    path = tmp_path / "admin.sock"
    with listening(path, VERBS):
        assert ask(path, "echo", x=1) == {"verb": "echo", "x": 1}
        with pytest.raises(AdminError, match="no customer x"):
            ask(path, "refuse")
        large = "x" * 60_000
        assert ask(path, "echo", x=large) == {"verb": "echo", "x": large}


def test_no_daemon_is_told_apart_from_trouble_with_one(tmp_path: Path) -> None:
    path = tmp_path / "admin.sock"
    with pytest.raises(NotRunningError, match="it is not running, or its"):
        ask(path, "status")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as left_behind:
        left_behind.bind(str(path))
    with pytest.raises(NotRunningError):
        ask(path, "status")
    with pytest.raises(AdminError, match="too long"):
        ask(Path("/" + "x" * 200), "status")


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b"", "broke off"),
        (b'{"answer": 1', "broke off"),
        (b"[1]\n", "no procall-mobility"),
        (b"{}\n", "no procall-mobility"),
        (b"[" * 100_000 + b"\n", "broke off"),
    ],
)
def test_a_strange_answer_is_told(tmp_path: Path, answer: bytes, told: str) -> None:
    path = tmp_path / "admin.sock"
    with answering(path, answer), pytest.raises(AdminError, match=told):
        ask(path, "status")


def test_a_daemon_that_hangs_is_not_waited_for_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admin_client, "TIMEOUT", 0.05)
    path = tmp_path / "admin.sock"
    with answering(path, None), pytest.raises(AdminError, match="hangs or is very busy"):
        ask(path, "status")


def test_an_endless_answer_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admin_client, "LARGEST_ANSWER", 1000)
    path = tmp_path / "admin.sock"
    with answering(path, b'"' + b"x" * 100_000), pytest.raises(AdminError, match="broke off"):
        ask(path, "status")


def test_an_answer_that_drips_is_not_waited_for_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time limit is for the whole answer, not for each piece of it."""
    monkeypatch.setattr(admin_client, "TIMEOUT", 0.1)
    path = tmp_path / "admin.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(path))
        listener.listen()

        def drip() -> None:
            connection, _ = listener.accept()
            with connection, contextlib.suppress(OSError):
                while True:
                    connection.sendall(b"x")

        thread = threading.Thread(target=drip)
        thread.start()
        with pytest.raises(AdminError, match="hangs or is very busy"):
            ask(path, "status")
        thread.join()

"""The daemon's end of the admin socket: one JSON line asks, one JSON line answers."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress
from twisted.internet.protocol import Factory
from twisted.logger import Logger
from twisted.protocols.basic import LineOnlyReceiver
from twisted.python.failure import Failure

LONGEST_QUESTION = 65_536
MOST_CONNECTIONS = 50

Verb = Callable[[dict[str, Any]], Any]
"""Takes the question's other members, returns what JSON can say, or a Deferred of that; ValueError
refuses."""


class AdminConnection(LineOnlyReceiver):
    """One asker; whoever may open the socket may ask."""

    delimiter = b"\n"
    MAX_LENGTH = LONGEST_QUESTION
    _log = Logger()

    def __init__(self, verbs: Mapping[str, Verb], gone: Callable[[], None]) -> None:
        self._verbs = verbs
        self._gone = gone
        self._is_lost = False

    def lineReceived(self, line: bytes) -> None:
        """Answer one question, at once or when the answer is known."""
        try:
            answer = self._answer(line)
        except Exception:  # noqa: BLE001  # Whatever it is, it is told below.
            answer = self._refused(Failure())
        if isinstance(answer, Deferred):
            answer.addCallback(_said).addErrback(self._refused).addCallback(self._tell)
        else:
            self._tell(answer)

    def connectionLost(self, reason: object = None) -> None:
        """Make room for another one."""
        self._is_lost = True
        self._gone()

    def _answer(self, line: bytes) -> "str | Deferred[Any]":
        try:
            question = json.loads(line)
        except (ValueError, RecursionError):
            return _refusal("the question is no JSON")
        name = question.get("verb") if isinstance(question, dict) else None
        verb = self._verbs.get(name) if isinstance(name, str) else None
        if verb is None:
            return _refusal("no such verb; known: " + ", ".join(sorted(self._verbs)))
        answer = verb(question)
        return answer if isinstance(answer, Deferred) else _said(answer)

    def _refused(self, failure: Failure) -> str:
        if isinstance(failure.value, ValueError):
            return _refusal(str(failure.value))
        # The guard: our own fault, told to nobody.
        self._log.failure("admin question failed", failure)
        return _refusal("a fault of the daemon; the service log has the details")

    def _tell(self, answer: str) -> None:
        if not self._is_lost:
            self.sendLine(answer.encode())


def _said(answer: Any) -> str:
    return json.dumps({"answer": answer})


def _refusal(text: str) -> str:
    return json.dumps({"error": text})


class AdminFactory(Factory):
    """Makes connections, a bounded number at once."""

    noisy = False

    def __init__(self, verbs: Mapping[str, Verb]) -> None:
        self._verbs = verbs
        self._open = 0

    def buildProtocol(self, addr: IAddress | None) -> AdminConnection | None:
        """Make one, if there is room."""
        if self._open >= MOST_CONNECTIONS:
            return None
        self._open += 1
        return AdminConnection(self._verbs, self._left)

    def _left(self) -> None:
        self._open -= 1

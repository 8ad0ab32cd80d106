"""The daemon's end of the admin socket: one JSON line asks, one JSON line answers."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from twisted.internet.interfaces import IAddress
from twisted.internet.protocol import Factory
from twisted.logger import Logger
from twisted.protocols.basic import LineOnlyReceiver

LONGEST_QUESTION = 65_536
MOST_CONNECTIONS = 50

Verb = Callable[[dict[str, Any]], Any]
"""Takes the question's other members, returns what JSON can say; ValueError refuses."""


class AdminConnection(LineOnlyReceiver):
    """One asker; whoever may open the socket may ask."""

    delimiter = b"\n"
    MAX_LENGTH = LONGEST_QUESTION
    _log = Logger()

    def __init__(self, verbs: Mapping[str, Verb], gone: Callable[[], None]) -> None:
        self._verbs = verbs
        self._gone = gone

    def lineReceived(self, line: bytes) -> None:
        """Answer one question."""
        self.sendLine(self._answer(line).encode())

    def connectionLost(self, reason: object = None) -> None:
        """Make room for another one."""
        self._gone()

    def _answer(self, line: bytes) -> str:
        try:
            question = json.loads(line)
        except (ValueError, RecursionError):
            return _refusal("the question is no JSON")
        name = question.get("verb") if isinstance(question, dict) else None
        verb = self._verbs.get(name) if isinstance(name, str) else None
        if verb is None:
            return _refusal("no such verb; known: " + ", ".join(sorted(self._verbs)))
        try:
            return json.dumps({"answer": verb(question)})
        except ValueError as error:
            return _refusal(str(error))
        except Exception:  # noqa: BLE001  # The guard: our own fault, told to nobody.
            self._log.failure("admin question failed")
            return _refusal("a fault of the daemon; the service log has the details")


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

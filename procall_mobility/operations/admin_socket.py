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
        self.sendLine(json.dumps(self._answer(line)).encode())

    def connectionLost(self, reason: object = None) -> None:
        """Make room for another one."""
        self._gone()

    def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            question = json.loads(line)
        except (ValueError, RecursionError):
            return {"error": "the question is no JSON"}
        verb = self._verbs.get(str(question.get("verb"))) if isinstance(question, dict) else None
        if verb is None:
            return {"error": "no such verb; known: " + ", ".join(sorted(self._verbs))}
        try:
            return {"answer": verb(question)}
        except ValueError as error:
            return {"error": str(error)}
        except Exception:  # noqa: BLE001  # The guard: our own fault, told to nobody.
            self._log.failure("admin question failed")
            return {"error": "a fault of the daemon; the service log has the details"}


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

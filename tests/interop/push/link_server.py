"""A customer's server at its link, in a few lines: registers, lets anybody log on, calls and is
called.  It runs in a thread, as clients log on while the test waits for them.
"""

import contextlib
import itertools
import queue
import socket
import threading
from typing import Any, Self

from procall_mobility.protocols import transcoding
from procall_mobility.protocols.rose import codec
from procall_mobility.protocols.rose.form import Form
from procall_mobility.protocols.rose.framing import Deframer, frame
from procall_mobility.protocols.rose.messages import Error, Invoke, JsonValue, Message, Result
from procall_mobility.protocols.rose.operations import OPERATIONS
from tests.daemon import PATIENCE

LARGEST = 9_999_999


class LinkServer:
    """One link; what it is told of tokens it acknowledges, unless it is to be `forgetful`."""

    def __init__(
        self, port: int, password: str, form: Form = Form.JSON_HEADER, *, ucsid: str = "acme"
    ) -> None:
        self.form = form
        self.forgetful = False
        self.gone: queue.Queue[dict[str, Any]] = queue.Queue()
        """What it was told of dead tokens."""
        self.others: list[str | None] = []
        """Whatever else it was called with."""
        self._sessions = itertools.count(1)
        self._ids = itertools.count(1)
        self._answers: dict[int, queue.Queue[Any]] = {}
        self._asked: dict[int, str] = {}
        self._deframer = Deframer(LARGEST)
        self._socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        answer = self.call(
            "asnRegisterServerV2",
            {
                "iVersion": 70, "u8sVersion": "1", "u8sServerName": "uc", "u8sServerID": ucsid,
                "u8sServerPassword": password, "presenceDomains": [], "u8sSystemID": "S1",
                "u8sHardwareID": "H1", "iInterfaceVersion": 410, "u8sJWTPublicKey": "",
            },
        )  # fmt: skip
        assert "result" in answer, answer

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Be gone, as a server is whose line is cut."""
        with contextlib.suppress(OSError):  # It may be gone already.
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(PATIENCE)
        self._socket.close()

    def call(self, operation: str, told: Any) -> Any:
        """Call the daemon; the result, or the error's members."""
        number = next(self._ids)
        self._answers[number] = waiting = queue.Queue()
        self._asked[number] = operation
        self._say(OPERATIONS.resolve(Invoke(number, 0, operation, JsonValue.of(told))))
        return waiting.get(timeout=PATIENCE)

    # Inside -------------------------------------------------------------------------------

    def _say(self, message: Message, operation: str | None = None) -> None:
        written = transcoding.message_to_wire(message, operation, self.form)
        self._socket.sendall(frame(codec.encode(written, self.form), self.form))

    def _listen(self) -> None:
        with contextlib.suppress(OSError):  # The line is cut.
            while octets := self._socket.recv(65_536):
                for payload in self._deframer.feed(octets):
                    for message in codec.decode(payload, self.form):
                        self._hear(message)

    def _hear(self, message: Message) -> None:
        if isinstance(message, Invoke):
            self._is_called(transcoding.argument_to_json(OPERATIONS.resolve(message)))
            return
        number = message.invoke_id or 0
        told = transcoding.answer_to_json(message, self._asked[number])
        match told:
            case Result(result=JsonValue() as value) | Error(error=JsonValue() as value):
                self._answers[number].put(value.value())
            case _:
                self._answers[number].put({"rejected": True})

    def _is_called(self, invoke: Invoke) -> None:
        if invoke.is_event:
            return
        told: dict[str, Any] = {}
        match invoke.operation_name:
            case "asnCreateUserSession":
                told = {"u8sSessionID": f"SESSION{next(self._sessions)}", "negotiateresult": {}}
            case "asnLogon":
                told = {"u8sLoggedInUser": "alice", "iValidContact": 1, "ownContact": {}}
            case "mobilityPushTokensGone":
                assert isinstance(invoke.argument, JsonValue)
                self.gone.put(invoke.argument.value())
                if self.forgetful:
                    return
            case other:
                self.others.append(other)
        result = Result(invoke.invoke_id, JsonValue.of(told), session_id=invoke.session_id)
        self._say(result, invoke.operation_name)

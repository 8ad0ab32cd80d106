"""What an operation comes to: a result, an error, a reject, and events for others."""

from typing import Any

from attrs import frozen

from procall_mobility.protocols.rose.messages import InvokeProblem


@frozen
class Told:
    """An event for one session."""

    session_id: str
    operation: str
    argument: dict[str, Any]


class RefusedError(Exception):
    """The operation is answered with a ROSE error."""

    def __init__(self, detail: int, text: str, kind: str = "AsnRequestError", **more: Any) -> None:
        super().__init__(text)
        self.value = {"_type": kind, "iErrorDetail": detail, "u8sErrorString": text, **more}


class RejectedError(Exception):
    """The operation is answered with a ROSE reject."""

    def __init__(self, problem: InvokeProblem, details: str) -> None:
        super().__init__(details)
        self.problem = problem
        self.details = details

"""A request that is not granted: raised where it is seen, answered at the machine's mouth."""

from collections.abc import Sequence

from procall_mobility.protocols.stun.codes import Code


class Refusal(Exception):
    """The error response to a request."""

    def __init__(self, code: Code, attributes: Sequence[tuple[int, bytes]] = ()) -> None:
        super().__init__(int(code))
        self.code = code
        self.attributes = tuple(attributes)


class SilenceError(Exception):
    """A request that is not to be answered at all; `why` is the counter it is counted by."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why

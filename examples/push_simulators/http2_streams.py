"""What a connection remembers of its streams, and how many of them a client may have."""

from collections import deque

from attrs import define, field
from h2.settings import SettingCodes, Settings

from examples.push_simulators.exchange import Request
from examples.push_simulators.simulator import Plan


class LenientSettings(Settings):
    """Ours, as h2 shall keep them: too many streams are refused by us, not by h2.

    It would end the connection, where RFC 9113 section 5.1.2 has an error of the stream.
    """

    @property
    def max_concurrent_streams(self) -> int:
        """As many as there are."""
        return 2**31

    @max_concurrent_streams.setter
    def max_concurrent_streams(self, value: int) -> None:
        self[SettingCodes.MAX_CONCURRENT_STREAMS] = value


@define(eq=False)
class Stream:
    """A request that was begun and is not answered."""

    id: int
    head: list[tuple[bytes, bytes]]
    body: list[bytes] = field(factory=list)
    size: int = 0
    plan: Plan | None = None
    rest: bytes = b""
    """Of our answer's body, which the client's window has no room for yet."""

    def request(self) -> Request:
        """Return what came."""
        pseudo: dict[bytes, str] = {}
        headers: list[tuple[str, str]] = []
        for name, value in self.head:
            if name[:1] == b":":
                pseudo[bytes(name)] = value.decode("latin-1")
            else:
                headers.append((name.decode("latin-1"), value.decode("latin-1")))
        return Request(
            method=pseudo.get(b":method", ""),
            path=pseudo.get(b":path", ""),
            authority=pseudo.get(b":authority", ""),
            headers=tuple(headers),
            body=b"".join(self.body),
        )


class StreamLimit:
    """How many streams a client may have; it may go by a former number until it acknowledges."""

    def __init__(self, first: int) -> None:
        self.told = first
        """The latest number."""
        self.acknowledged = False
        """Whether the client has seen any of our settings."""
        self._in_force = first
        self._on_their_way = deque([first])

    @property
    def allowed(self) -> int:
        """The number above which a stream is too many: the latest that was acknowledged."""
        return self._in_force

    def tells(self, number: int) -> None:
        """Note that a SETTINGS frame is sent; each is acknowledged once."""
        self.told = number
        self._on_their_way.append(number)

    def heard(self) -> None:
        """Note an acknowledgement."""
        self.acknowledged = True
        if self._on_their_way:
            self._in_force = self._on_their_way.popleft()

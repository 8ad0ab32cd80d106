"""What passes between the wire and a judge, whatever version of HTTP carried it."""

from typing import Protocol

from attrs import define, field, frozen

from examples.push_simulators.devices import Devices

Headers = tuple[tuple[str, str], ...]


@frozen(kw_only=True)
class Request:
    """A whole request."""

    method: str
    path: str
    """With the query."""
    headers: Headers
    """Names in lower case, in the order they came, without pseudo-header fields."""
    body: bytes = b""
    authority: str = ""
    """Of `:authority` or `Host`."""

    def header(self, name: str) -> str | None:
        """Return the first value of a header field."""
        for each, value in self.headers:
            if each == name:
                return value
        return None

    @property
    def media_type(self) -> str:
        """Of the body, in lower case and without parameters."""
        return (self.header("content-type") or "").split(";")[0].strip().lower()


@frozen
class Reply:
    """A whole answer."""

    status: int
    headers: Headers = ()
    body: bytes = b""


@define(eq=False)
class Visit:
    """A client's connection, as far as a judge may know it."""

    number: int
    certificate: str | None = None
    """User id in the client's certificate, where one was shown that we know."""
    memory: dict[str, str] = field(factory=dict)
    """What a judge wants to remember of the connection."""
    accepted: int = 0
    """Requests that were right."""


@frozen(kw_only=True)
class Verdict:
    """What a judge has found."""

    reply: Reply
    """What the provider would say."""
    is_push: bool = True
    """False for requests about credentials and the like, which no script is about."""
    refusal: str = ""
    """Why the request is wrong; empty for one that is right."""
    tokens: tuple[str, ...] = ()
    """The devices' tokens, as far as they could be read."""
    id: str = ""
    """What the sender calls the push."""
    clear: bytes | None = None
    """The content, where the simulator is able to read what was encrypted for a device."""
    remarks: tuple[str, ...] = ()
    """What the provider would let pass, and a careful sender would not do."""


class Judge(Protocol):
    """One provider's rules."""

    name: str
    rows: tuple[str, ...]
    """What the provider may say to a push, by the rows of its documentation."""
    devices: Devices

    def judge(self, request: Request, visit: Visit, unix: float) -> Verdict:
        """Find out what the provider would say at a time in Unix seconds."""

    def answer(self, row: str, verdict: Verdict, since: float) -> Reply:
        """Return what the provider says in one of its rows to a push that was right.

        Args:
            row: one of `rows`.
            verdict: of the push.
            since: Unix seconds, for rows that tell since when something is so.
        """

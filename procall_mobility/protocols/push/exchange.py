"""What goes to a provider and comes back, whatever HTTP it speaks.

Nobody changes any of it.  Requests and answers are not frozen all the same: there is one of each
for every push, and attrs takes three times as long to make what is.
"""

from collections.abc import Mapping

from attrs import define, field, frozen

LONGEST_ANSWER = 16_384
"""Octets of an answer's body that are kept; a provider's reason has a few hundred."""


@define(kw_only=True)
class ProviderRequest:
    """A request, without the provider's host: that is the lane's."""

    method: str = "POST"
    path: str = field(repr=False)
    """With the query; APNs has the device's token in it."""
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    """Names in lower case, in order; `content-length` is left to whoever sends it."""
    body: bytes = field(repr=False)


@define(kw_only=True)
class Answer:
    """A whole answer."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case; of repeated ones the first."""
    body: bytes = field(repr=False)
    """Up to `LONGEST_ANSWER` octets."""


@frozen(kw_only=True)
class NoAnswer:
    """None came, or none that was whole."""

    was_processed: bool | None
    """False where the peer has proven that it did nothing (RFC 9113 sections 6.8 and 8.7): sending
    it again makes no duplicate.  None where nobody knows."""
    why: str
    """For the log: of the connection, never of the request."""


Result = Answer | NoAnswer

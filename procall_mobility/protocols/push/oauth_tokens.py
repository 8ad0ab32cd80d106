"""Access tokens that are fetched: one request at a time, and early enough."""

from collections.abc import Callable

from attrs import frozen

from procall_mobility.protocols.push.exchange import ProviderRequest, Result
from procall_mobility.protocols.push.oauth_answers import Denied, Granted, grant_of

RENEWED_AT = 0.8
"""Of a token's life: with an hour's, twelve minutes are left for a provider that is down."""

SHORTEST_LIFE = 10.0
"""Seconds between two grants, however short the tokens live."""

FRESH = 60.0
"""Seconds; a token refused so young is not refused for its age."""

PATIENCE = 20.0
"""Seconds to wait for an answer; token endpoints take one of them, on bad days some."""

FIRST_DELAY, LONGEST_DELAY = 1.0, 60.0
"""Seconds between attempts: without a token no call goes through, and one request a minute
hurts nobody."""

FIRST_REFUSED, LONGEST_REFUSED = 60.0, 600.0
"""The same while our credential is refused: somebody has to mend it first."""

LONGEST_ASKED = 3600.0
"""Seconds of Retry-After that are obeyed."""


@frozen(kw_only=True)
class RequestToken:
    """Send this to the token endpoint, and let `hears` know what came of it."""

    number: int
    request: ProviderRequest


@frozen
class TokenRenewed:
    """There is a new token; who waited for one may go on."""

    life: float
    """Seconds."""


@frozen(kw_only=True)
class RenewalFailed:
    """There is no new token; the old one serves as long as it lives."""

    reason: str
    is_refusal: bool
    """Whether it is our credential: a matter for the operator."""


Output = RequestToken | TokenRenewed | RenewalFailed


class OAuthTokens:
    """Machine of the tokens of one credential."""

    def __init__(
        self,
        ask: Callable[[float], ProviderRequest],
        *,
        now: float,
        wall_clock: Callable[[], float],
        jitter: Callable[[], float],
    ) -> None:
        """Take how to ask for a token at a Unix time, and dice that fall between 0 and 1."""
        self._ask = ask
        self._wall_clock = wall_clock
        self._jitter = jitter
        self._outputs: list[Output] = []
        self._token: str | None = None
        self._granted = self._expires = now
        self._asked: float | None = None
        self._number = 0
        self._failures = 0
        self._due = now

    def token(self, now: float) -> str | None:
        """Return the token for a request made now; None until there is one."""
        return self._token if now < self._expires else None

    def refused(self, token: str, now: float) -> bool:
        """Take that the provider has not accepted a token.

        Returns whether the request may be made again, with what `token` says then; False: what
        is wrong is not the token's age.
        """
        if token != self._token:
            return True
        if now - self._granted < FRESH:
            return False
        self._token = None
        if self._asked is None and not self._failures:
            self._due = now
            self.wake(now)
        return True

    def renew(self, token: str, now: float) -> bool | None:
        """Do without a token that was refused.

        Returns:
            True: there is another one.  None: one is being fetched.  False: its age was no reason.
        """
        if not self.refused(token, now):
            return False
        return True if self.token(now) is not None else None

    def hears(self, number: int, result: Result, now: float) -> None:
        """Take what came of the request of this number."""
        if self._asked is None or number != self._number:
            return  # It was given up.
        found = grant_of(result, self._wall_clock())
        if isinstance(found, Granted):
            self._renewed(found, self._asked, now)
        else:
            self._failed(found, now)

    def wake_at(self) -> float | None:
        """When to ring next."""
        return self._due

    def wake(self, now: float) -> None:
        """The alarm rang."""
        if now < self._due:
            return
        if self._asked is not None:
            self._failed(Denied(reason="no-answer"), now)
            return
        self._asked = now
        self._number += 1
        self._due = now + PATIENCE
        self._outputs.append(
            RequestToken(number=self._number, request=self._ask(self._wall_clock()))
        )

    def take(self) -> list[Output]:
        """Drain what is to be done and what has happened, in order."""
        outputs, self._outputs = self._outputs, []
        return outputs

    def _renewed(self, granted: Granted, asked: float, now: float) -> None:
        self._asked = None
        self._failures = 0
        self._token = granted.token
        self._granted = now
        # Its life began at the provider, at some time after we had asked.
        self._expires = asked + granted.life
        self._due = asked + max(RENEWED_AT * granted.life, SHORTEST_LIFE)
        self._outputs.append(TokenRenewed(granted.life))

    def _failed(self, denied: Denied, now: float) -> None:
        self._asked = None
        first, longest = FIRST_DELAY, LONGEST_DELAY
        if denied.is_refusal:
            first, longest = FIRST_REFUSED, LONGEST_REFUSED
        delay = min(longest, first * 2.0 ** min(self._failures, 16))
        self._failures += 1
        wanted = min(denied.after or 0.0, LONGEST_ASKED)
        # Between half of the delay and all of it, so that lanes do not ask in step.
        self._due = now + max(delay * (0.5 + 0.5 * self._jitter()), wanted)
        self._outputs.append(RenewalFailed(reason=denied.reason, is_refusal=denied.is_refusal))

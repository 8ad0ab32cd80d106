"""Has access tokens fetched, by the machine of one credential."""

from collections.abc import Callable
from typing import Protocol, assert_never

from attrs import define, field
from twisted.logger import Logger

from procall_mobility.protocols.push.exchange import ProviderRequest, Result
from procall_mobility.protocols.push.oauth_tokens import (
    PATIENCE,
    OAuthTokens,
    Output,
    RenewalFailed,
    RequestToken,
    TokenRenewed,
)
from procall_mobility.transports.pump import Household, Pump


class TokenEndpoint(Protocol):
    """Whoever gives out tokens (`Http1Client`)."""

    def request(
        self, request: ProviderRequest, done: Callable[[Result], None], timeout: float
    ) -> None:
        """Make a request; `done` gets its one result."""


@define(eq=False)
class TokenFetcher:
    """Fetches tokens, early enough, as long as it runs."""

    name: str
    """Of the credential, for the log."""
    tokens: OAuthTokens
    endpoint: TokenEndpoint
    household: Household
    renewed: Callable[[], None]
    failed: Callable[[str], None]
    _pump: Pump[Output] = field(init=False)
    _is_stopped: bool = field(default=False, init=False)
    _log = Logger()

    def __attrs_post_init__(self) -> None:
        self._pump = Pump(self.tokens, self._perform, self.household)

    def start(self) -> None:
        """Fetch the first one."""
        self.tokens.wake(self.household.now())
        self._pump.run()

    def stirred(self) -> None:
        """Look at the machine: a token was refused."""
        self._pump.run()

    def stop(self) -> None:
        """Fetch no more, whatever is still answered."""
        self._is_stopped = True
        self._pump.stop()

    def _perform(self, output: Output) -> None:
        match output:
            case RequestToken(number=number, request=request):
                self._ask(number, request)
            case TokenRenewed():
                self.renewed()
            case RenewalFailed(reason=reason):
                self._log.error("no token for pushes", name=self.name, reason=reason)
                self.failed(reason)
            case _ as never:
                assert_never(never)

    def _ask(self, number: int, request: ProviderRequest) -> None:
        def done(result: Result) -> None:
            if self._is_stopped:
                return  # The lanes may have another credential's tokens by now.
            self.tokens.hears(number, result, self.household.now())
            self._pump.run()

        self.endpoint.request(request, done, PATIENCE)

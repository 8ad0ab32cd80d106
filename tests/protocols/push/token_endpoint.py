"""A token endpoint, and the machine that asks it."""

from procall_mobility.protocols.push.exchange import NoAnswer, ProviderRequest, Result
from procall_mobility.protocols.push.oauth_requests import client_credentials
from procall_mobility.protocols.push.oauth_tokens import (
    OAuthTokens,
    Output,
    RequestToken,
    TokenRenewed,
)
from tests.protocols.push.pushes import UNIX, answer

NOTHING = NoAnswer(was_processed=None, why="reset")
REFUSED = answer(400, {"error": "invalid_grant"})


def request_at(unix: float) -> ProviderRequest:
    return client_credentials("/token", "client", f"at {unix}")


class Endpoint:
    """Tokens, and the endpoint that is asked for them."""

    def __init__(self, *, dice: float = 1.0) -> None:
        self.now = 100.0
        self.tokens = OAuthTokens(
            request_at,
            now=self.now,
            wall_clock=lambda: UNIX + self.now,
            jitter=lambda: dice,
        )
        self.number = 0

    @property
    def token(self) -> str | None:
        return self.tokens.token(self.now)

    def take(self) -> list[Output]:
        """Drain the outputs; remembers the number of a request among them."""
        outputs = self.tokens.take()
        for output in outputs:
            if isinstance(output, RequestToken):
                self.number = output.number
        return outputs

    def rings(self) -> float:
        """Let time pass until the alarm rings; returns how long that was."""
        before = self.now
        at = self.tokens.wake_at()
        assert at is not None and at >= before
        self.now = at
        self.tokens.wake(self.now)
        return self.now - before

    def says(self, result: Result, *, after: float = 0.0) -> list[Output]:
        """Answer the last request; returns what follows."""
        self.now += after
        self.tokens.hears(self.number, result, self.now)
        return self.take()

    def grants(self, token: str, life: float = 3600.0, *, after: float = 0.0) -> list[Output]:
        return self.says(answer(200, {"access_token": token, "expires_in": life}), after=after)


def granted(token: str = "first", life: float = 3600.0) -> Endpoint:
    """Return an endpoint that has given a token just now."""
    endpoint = Endpoint()
    endpoint.rings()
    endpoint.take()
    assert endpoint.grants(token, life) == [TokenRenewed(life)]
    return endpoint


def failing(endpoint: Endpoint, result: Result, times: int) -> list[float]:
    """Let attempts fail; returns the delays after each."""
    delays = []
    for _ in range(times):
        endpoint.take()
        endpoint.says(result)
        delays.append(endpoint.rings())
    return delays

"""Access tokens are fetched early enough, one request at a time, and lanes are told."""

import pytest
from attrs import define, field
from twisted.internet.task import Clock

from procall_mobility.protocols.push.exchange import Answer, NoAnswer, ProviderRequest, Result
from procall_mobility.protocols.push.oauth_requests import client_credentials
from procall_mobility.protocols.push.oauth_tokens import OAuthTokens
from procall_mobility.transports.pump import Household
from procall_mobility.transports.push_tokens import TokenFetcher

GRANTED = Answer(
    status=200,
    headers={},
    body=b'{"access_token": "first", "expires_in": 3600, "token_type": "Bearer"}',
)
DENIED = Answer(status=401, headers={}, body=b'{"error": "invalid_client"}')


@define(eq=False)
class Scene:
    """A fetcher whose token endpoint is the test."""

    clock: Clock = field(factory=Clock)
    asked: list[tuple[ProviderRequest, object]] = field(factory=list)
    told: list[str | None] = field(factory=list)
    tokens: OAuthTokens = field(init=False)
    fetcher: TokenFetcher = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.tokens = OAuthTokens(
            lambda unix: client_credentials("/token", "client", "secret"),
            now=0.0,
            wall_clock=lambda: 1.8e9 + self.clock.seconds(),
            jitter=lambda: 0.0,
        )
        self.fetcher = TokenFetcher(
            name="fcm:example",
            tokens=self.tokens,
            endpoint=self,
            household=Household(reactor=self.clock, now=self.clock.seconds),
            renewed=lambda: self.told.append(None),
            failed=self.told.append,
        )
        self.fetcher.start()

    def request(self, request: ProviderRequest, done: object, timeout: float) -> None:
        self.asked.append((request, done))

    def answers(self, result: Result) -> None:
        _, done = self.asked.pop(0)
        done(result)


def test_the_first_token_is_fetched_at_once_and_the_next_before_it_ends() -> None:
    scene = Scene()
    assert len(scene.asked) == 1
    scene.answers(GRANTED)
    assert scene.told == [None]
    assert scene.tokens.token(scene.clock.seconds()) == "first"
    scene.clock.advance(2879)
    assert scene.asked == []
    scene.clock.advance(2)
    assert len(scene.asked) == 1


def test_lanes_are_told_of_failures_and_it_is_tried_again() -> None:
    scene = Scene()
    scene.answers(DENIED)
    assert len(scene.told) == 1
    assert scene.told[0]
    scene.clock.advance(60)
    scene.answers(NoAnswer(was_processed=None, why="lost"))
    assert len(scene.told) == 2
    scene.clock.advance(600)
    scene.answers(GRANTED)
    assert scene.told[-1] is None


def test_a_token_that_was_refused_is_replaced_at_once() -> None:
    scene = Scene()
    scene.answers(GRANTED)
    scene.clock.advance(100)
    assert scene.tokens.refused("first", scene.clock.seconds())
    scene.fetcher.stirred()
    assert len(scene.asked) == 1


def test_nothing_is_fetched_after_the_stop() -> None:
    scene = Scene()
    scene.answers(GRANTED)
    scene.fetcher.stop()
    scene.clock.advance(10_000)
    assert scene.asked == []
    assert scene.clock.getDelayedCalls() == []


@pytest.mark.parametrize("result", [GRANTED, DENIED])
def test_nor_is_anybody_told_of_an_answer_that_comes_after_it(result: Result) -> None:
    """The lanes may go by the tokens of another credential by then."""
    scene = Scene()
    scene.fetcher.stop()
    scene.answers(result)
    scene.clock.advance(10_000)
    assert (scene.told, scene.asked, scene.clock.getDelayedCalls()) == ([], [], [])

"""Provider tokens, and the days of those who use them."""

from procall_mobility.protocols.push.apple_keys import apple_key
from procall_mobility.protocols.push.apple_tokens import SLOT, AppleTokens, NoMemory, TokenUse
from tests.protocols.push.pushes import ec_key, parts, pem

KEY = apple_key(pem(ec_key()), team="DEF123GHIJ", key_id="ABC123DEFG")
MINUTE = 60.0
HOUR = 3600
BEGIN = 1_800_000_000 // SLOT * SLOT
"""A Unix time at which a slot begins."""


class Remembering:
    """A memory."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, str], TokenUse] = {}

    def recall(self, team: str, key_id: str) -> TokenUse | None:
        return self.known.get((team, key_id))

    def note(self, team: str, key_id: str, use: TokenUse) -> None:
        self.known[team, key_id] = use


class Day:
    """Tokens, and the two clocks they are told."""

    def __init__(self, minute: float = 0.0) -> None:
        self.now = 5000.0 + minute * MINUTE
        self.correction = 0.0
        self.memory = NoMemory()
        self.start()

    def start(self) -> None:
        """Begin anew, with what is remembered."""
        self.tokens = AppleTokens(KEY, wall_clock=lambda: self.unix, memory=self.memory)

    @property
    def unix(self) -> float:
        return BEGIN - 5000.0 + self.now + self.correction

    def later(self, minutes: float) -> str:
        """Let time pass; returns the token that is used then."""
        self.now += minutes * MINUTE
        return self.token

    @property
    def token(self) -> str:
        return self.tokens.token(self.now)

    def expired(self, token: str) -> bool:
        return self.tokens.refused(token, self.now)

    def too_many(self, token: str) -> None:
        self.tokens.too_many(token, self.now)


def minute_of(token: str) -> float:
    """Return when a token says it was issued, in minutes since the day began."""
    return (parts(token)[1]["iat"] - BEGIN) / MINUTE

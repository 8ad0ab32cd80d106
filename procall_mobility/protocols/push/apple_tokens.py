"""Provider tokens for APNs: one for each team, shared by all its connections.

Apple takes a token for an hour, and no new one within 20 minutes of the last.  So the time in a
token is the beginning of one of the half hours of the day, and it is signed without dice: a daemon
that is started again, or one beside it, makes the token that is in use already.  Which one that
is, is remembered: the half hour may have changed since.  Should nobody remember, and the one of
the half hour before be in use, then it can make that as well.
"""

from collections.abc import Callable
from typing import Protocol

from attrs import field, frozen

from procall_mobility.protocols.push.apple_keys import AppleKey

SLOT = 1800
"""Seconds.  A token that starts late in its slot is used for `SHORTEST` seconds all the same: none
is older than 50 minutes, which leaves ten to the errors of clocks."""

SHORTEST = 1200.0
"""Seconds between two new tokens (Apple: no more than one in 20 minutes)."""

OLDEST = 3300.0
"""Seconds of age that a token does not outlive, even if Apple wants no new one: five minutes
before its end."""


@frozen
class ClockDoubted:
    """Apple took a token for expired that we had just made: our clock may be wrong."""

    age: float
    """Seconds since the time in the token, by our clock."""


@frozen
class TokenUse:
    """Which token Apple has been given: enough for whoever has the key to make it again."""

    issued: int
    """What it says, in Unix seconds."""
    since: float
    """When it was taken into use, in Unix seconds."""


class TokenMemory(Protocol):
    """Outlives the process."""

    def recall(self, team: str, key_id: str) -> TokenUse | None:
        """Return what was noted last of a key of a team."""

    def note(self, team: str, key_id: str, use: TokenUse) -> None:
        """Remember this from now on."""


class NoMemory:
    """Of those who make no tokens, or begin anew each time."""

    def recall(self, team: str, key_id: str) -> TokenUse | None:
        """Know nothing."""
        return None

    def note(self, team: str, key_id: str, use: TokenUse) -> None:
        """Forget it."""


@frozen(kw_only=True)
class _Token:
    text: str = field(repr=False)
    issued: int
    """What it says, in Unix seconds."""
    born: float
    """The same in time of the pump, which no correction of the calendar moves."""


class AppleTokens:
    """Machine of the tokens of one team.  Nothing in it waits, so it has no alarm."""

    def __init__(
        self, key: AppleKey, *, wall_clock: Callable[[], float], memory: TokenMemory
    ) -> None:
        self._key = key
        self._wall_clock = wall_clock
        self._memory = memory
        self._current: _Token | None = None
        self._other: _Token | None = None
        """The one before; after Apple has refused to be given a new one, that."""
        self._is_first = True
        self._begun = self._not_before = 0.0
        self._doubted = False
        self._outputs: list[ClockDoubted] = []

    def token(self, now: float) -> str:
        """Return the token for a request made now."""
        unix = self._wall_clock()
        slot = int(unix - unix % SLOT)
        current = self._current or self._first(slot, unix, now)
        if self._is_due(current, slot, unix, now):
            current = self._renew(self._made(slot, unix, now), now)
        elif now - current.born >= OLDEST:
            current = self._take_newer() or self._renew(self._made(slot, unix, now), now)
        return current.text

    def refused(self, token: str, now: float) -> bool:
        """Take ExpiredProviderToken, the answer to a request with this token.

        Returns whether the request may be made again, with what `token` says then; False: ours is
        too young to be the reason.
        """
        current = self._current
        if current is None or token != current.text:
            return True
        unix = self._wall_clock()
        may_renew = now >= self._not_before
        if not may_renew and self._take_newer():
            return True
        if may_renew or now - current.born >= OLDEST:
            self._renew(self._made(int(unix), unix, now), now)
            return True
        if not self._doubted:
            self._doubted = True
            self._outputs.append(ClockDoubted(unix - current.issued))
        return False

    def too_many(self, token: str, now: float) -> None:
        """Take TooManyProviderTokenUpdates, the answer to a request with this token."""
        current, older = self._current, self._other
        if current is None or token != current.text:
            return
        self._not_before = now + SHORTEST
        if self._is_first:
            self._is_first = False
            older = self._made(current.issued - SLOT, self._wall_clock(), now)
        if older is not None and older.born < current.born and now - older.born < OLDEST:
            self._other = current
            self._use(older)

    def take(self) -> list[ClockDoubted]:
        """Drain what has happened."""
        outputs, self._outputs = self._outputs, []
        return outputs

    def _first(self, slot: int, unix: float, now: float) -> _Token:
        """Take up the token that is in use; the one of this half hour, if nobody knows."""
        known = self._memory.recall(self._key.team, self._key.id)
        if known is None or not 0 <= unix - known.issued < OLDEST:
            made = self._made(slot, unix, now)
            # Apple may have known it since its slot began; and it may be new to Apple: then it is
            # to last its 20 minutes, too.
            self._not_before, self._begun = made.born + SHORTEST, now
            return self._use(made)
        self._begun = now - max(0.0, unix - known.since)
        self._not_before = self._begun + SHORTEST
        self._current = self._made(known.issued, unix, now)
        return self._current

    def _is_due(self, current: _Token, slot: int, unix: float, now: float) -> bool:
        # One that was made within a slot is newer than its beginning; and clocks are set back.
        is_other = slot > current.issued or unix < current.issued
        return is_other and now >= max(self._not_before, self._begun + SHORTEST)

    def _made(self, issued: int, unix: float, now: float) -> _Token:
        text = self._key.signer.token(
            {"iss": self._key.team, "iat": issued}, {"kid": self._key.id}
        )
        return _Token(text=text, issued=issued, born=now - (unix - issued))

    def _use(self, token: _Token) -> _Token:
        self._current = token
        self._memory.note(self._key.team, self._key.id, TokenUse(token.issued, self._wall_clock()))
        return token

    def _renew(self, new: _Token, now: float) -> _Token:
        self._other = self._current
        self._not_before = now + SHORTEST
        self._is_first = self._doubted = False
        return self._use(new)

    def _take_newer(self) -> _Token | None:
        """Go back to the token that Apple was given too early, for want of a better one."""
        current, other = self._current, self._other
        if current is None or other is None or other.born < current.born:
            return None
        self._other = None
        return self._use(other)

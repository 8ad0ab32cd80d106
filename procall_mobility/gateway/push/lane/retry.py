"""When a push that did not go through is tried again: full jitter, and its life is the budget."""

from collections.abc import Callable

from attrs import frozen

from procall_mobility.protocols.push.notification import Urgency
from procall_mobility.protocols.push.outcomes import Later, Scope

Dice = Callable[[], float]
"""Throws a number of at least 0.0 and below 1.0, all equally likely."""

MOST_DOUBLINGS = 20
"""More than a million times the first delay is nobody's rule; it keeps the power small."""


@frozen(kw_only=True)
class RetryRules:
    """Seconds."""

    first: float = 1.0
    """The first delay is anything up to this; the ceiling doubles with every attempt."""
    longest: float = 900.0
    """The ceiling rises no further: Apple asks for a quarter of an hour after its own errors."""
    longest_for_calls: float = 4.0
    """The same for calls, which live half a minute."""


def delay(
    later: Later, urgency: Urgency, attempts: int, left: float, rules: RetryRules, dice: Dice
) -> float:
    """Return how many seconds to wait before the next attempt.

    Args:
        later: What the provider said, or what came of the connection.
        urgency: The class of the push.
        attempts: How many attempts had failed before this one.
        left: Seconds the push has to live.
        rules: The delays.
        dice: Spreads attempts, so that those that failed together do not come back together.

    A result of `left` or more means that no attempt is possible in time.  Otherwise dice take at
    most half of what is left beyond the delay that the provider asks for, so that chance alone
    uses up nobody's life.
    """
    if attempts == 0 and (later.at_once or is_retried_at_once(later, urgency)):
        return 0.0
    doubled = 2.0 ** min(attempts, MOST_DOUBLINGS)
    longest = rules.longest_for_calls if urgency is Urgency.CALL else rules.longest
    asked = max(later.at_least, min(longest, later.at_least * doubled))
    floor = max(later.after or 0.0, asked)
    spread = max(asked, min(longest, rules.first * doubled))
    return floor + dice() * min(spread, max(0.0, left - floor) / 2)


def is_retried_at_once(later: Later, urgency: Urgency) -> bool:
    """Whether a call's first retry goes out without delay, on another connection.

    Not where the provider has asked for a delay: it would only refuse again.
    """
    asks = later.scope is Scope.TOKEN or later.after is not None or later.at_least > 0
    return urgency is Urgency.CALL and not asks

"""What a simulator shall do besides answering by the rules: when, to whom and how often."""

from attrs import define, field, frozen

from examples.push_simulators.exchange import Headers, Reply, Verdict

MOST_RULES = 10_000
"""More than any test or show needs; a forgotten loop must not fill the memory."""


@frozen
class Say:
    """Answer, by the rules or otherwise."""

    reply: Reply


@frozen(kw_only=True)
class SayRow:
    """Answer in one of the rows of the provider's documentation."""

    row: str
    headers: Headers = ()
    """Beside the provider's own: `retry-after` mostly."""
    since: float | None = None
    """Unix seconds, for rows that tell since when; by itself it is since now."""


@frozen
class Silence:
    """Never answer this request; everything else on its connection goes on."""


@frozen
class Reset:
    """End the request's stream with an error code of RFC 9113 section 7."""

    code: int


@frozen(kw_only=True)
class GoAway:
    """Say goodbye (RFC 9113 section 6.8)."""

    reason: str | None = None
    """Goes into the debug data as APNs has it: `{"reason": ...}`."""
    code: int = 0
    below: int = 0
    """How many of the requests that were begun last shall not have been processed."""
    closes: bool = True
    """Whether to close once all others are answered; otherwise it is left to the client."""


@frozen
class Deaf:
    """Neither read nor write on the connection any more: it is dead and nobody has noticed."""


@frozen
class Drop:
    """Cut the connection."""


Act = Say | SayRow | Silence | Reset | GoAway | Deaf | Drop


@define(eq=False)
class Rule:
    """One line of the script."""

    act: Act
    token: str | None = None
    """Only for pushes to this device; otherwise for all."""
    is_about_pushes: bool = True
    """Otherwise for requests for access tokens."""
    skip: int = 0
    """Pushes that pass before it counts."""
    times: int | None = 1
    """For how many pushes it counts; None: for ever."""
    latency: float = 0.0
    """Seconds before the act."""

    def takes(self, tokens: tuple[str, ...]) -> bool:
        """Tell whether the act is for a push to these devices; counts it."""
        if (self.token is not None and self.token not in tokens) or self.is_over:
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.times is not None:
            self.times -= 1
        return True

    @property
    def is_over(self) -> bool:
        """Whether it has no times left."""
        return self.times == 0


@define(eq=False)
class Script:
    """The rules; of those that fit, the oldest decides."""

    rules: list[Rule] = field(factory=list)

    def add(self, rule: Rule) -> None:
        """Add a rule.

        Raises:
            ValueError: there are too many.
        """
        if len(self.rules) >= MOST_RULES:
            raise ValueError(f"there are {MOST_RULES} rules already")
        self.rules.append(rule)

    def clear(self) -> None:
        """Do everything by the provider's rules again."""
        self.rules.clear()

    def act(self, verdict: Verdict) -> tuple[Act, float]:
        """Decide what to do after how many seconds.

        A wrong request gets what it deserves, and no rule is used up by it.
        """
        if self.rules and not verdict.refusal:
            for rule in self.rules:
                if rule.is_about_pushes is verdict.is_push and rule.takes(verdict.tokens):
                    if rule.is_over:
                        self.rules.remove(rule)
                    return rule.act, rule.latency
        return Say(verdict.reply), 0.0

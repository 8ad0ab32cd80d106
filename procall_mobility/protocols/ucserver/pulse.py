"""When a link is kept alive, and when it is given up (Wire 5.4, A-20)."""

from procall_mobility.protocols.ucserver.rules import LinkRules


class Pulse:
    """Signs of life in both directions; all times in monotonic seconds."""

    def __init__(self, rules: LinkRules, now: float) -> None:
        """Start the time a server has for its registration."""
        self._rules = rules
        self._deadline = now + rules.registration_timeout
        self._next: float | None = None
        self.heard = now
        """When the peer was last heard."""

    def opened(self, now: float) -> None:
        """Start to keep the link alive."""
        self._next = now + self._rules.keep_alive

    def wake_at(self) -> float:
        """When `wake` wants to be called next."""
        if self._next is None:
            return self._deadline
        return min(self._next, self.heard + self._rules.silence)

    def wake(self, now: float) -> str | bool:
        """Return a reason to give up, or whether a keep-alive is due."""
        if self._next is None:
            return "registration-timeout" if now >= self._deadline else False
        if now >= self.heard + self._rules.silence:
            return "ping-timeout"
        if now < self._next:
            return False
        self._next = now + self._rules.keep_alive
        return True

"""Why the kernel does not carry, said so that an operator can cure it."""


class CannotCarry(Exception):
    """The kernel cannot relay here."""

    def __init__(self, reason: str, cure: str, details: str = "") -> None:
        """Say what is missing, what helps, and what the kernel or libbpf said in many lines."""
        super().__init__(f"{reason}: {cure}")
        self.reason = reason
        self.cure = cure
        self.details = details

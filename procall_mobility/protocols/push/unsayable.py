"""Why a push cannot be put into a provider's words; found out before it is accepted."""


class Unsayable(ValueError):
    """A push its provider would not take.  Says why, and never quotes what it was given."""

    reason = "unsayable"
    """A word for programs."""


class TooLarge(Unsayable):
    """There is more in it than the provider carries."""

    reason = "too-large"

    def __init__(self, size: int, limit: int) -> None:
        super().__init__(f"{size} octets, where the provider takes {limit}")
        self.size = size
        self.limit = limit


class MalformedToken(Unsayable):
    """No token of this provider looks like that."""

    reason = "token-malformed"


class ReservedName(Unsayable):
    """A member of the content has a name that others use."""

    reason = "name-reserved"


class NoCredential(Unsayable):
    """Nothing can be said to the application's provider before its operator has mended that."""

    reason = "no-credential"


class NoText(Unsayable):
    """A string has characters that no UTF-8 is for: halves of surrogate pairs."""

    reason = "no-text"

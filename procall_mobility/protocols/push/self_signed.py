"""Tokens that we sign ourselves and whoever they are for takes as they are, used for a while."""

from collections import OrderedDict
from collections.abc import Callable

from attrs import frozen

FRESH = 60.0
"""Seconds; a token refused so young is not refused for its age."""

MOST_AUDIENCES = 1024
"""Tokens that are kept.  Strangers' endpoints may name them; those of browsers are a dozen."""


@frozen
class _Signed:
    text: str
    at: float
    """Unix seconds."""


class SelfSigned:
    """The tokens of one key."""

    def __init__(self, sign: Callable[[str, float], str], *, reused: float) -> None:
        """Take how to sign for an audience at a Unix time, and for how many seconds it does."""
        self._sign = sign
        self._reused = reused
        self._signed: OrderedDict[str, _Signed] = OrderedDict()

    def token(self, audience: str, unix: float) -> str:
        """Return the token for an audience."""
        signed = self._signed.get(audience)
        # A clock that has been set back since has made one that lives too long.
        if signed is None or not 0 <= unix - signed.at < self._reused:
            signed = self._signed[audience] = _Signed(self._sign(audience, unix), unix)
        self._signed.move_to_end(audience)
        if len(self._signed) > MOST_AUDIENCES:
            self._signed.popitem(last=False)
        return signed.text

    def refused(self, audience: str, token: str, unix: float) -> bool:
        """Take that a token was not accepted.

        Returns whether the request may be made again, with what `token` says then; False: what is
        wrong is not the token's age.
        """
        signed = self._signed.get(audience)
        if signed is None or signed.text != token:
            return True
        if 0 <= unix - signed.at < FRESH:
            return False
        del self._signed[audience]
        return True

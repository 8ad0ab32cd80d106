"""Capability URLs: whoever knows one may have one application on one device told something.

All there is to know stands in the URL, sealed: no table of tokens has to be kept.  The same
capability is always sealed to the same text, so that registering twice changes nothing.
"""

import base64
import json
import re
from typing import Final

from attrs import field, frozen
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from procall_mobility.protocols.push.json_web_tokens import base64url

KEY: Final = 64
"""Octets of the key: AES-256 twice (RFC 5297 section 2.2)."""

LONGEST: Final = 2000
"""Characters of a sealed capability; senders and proxies cut longer URLs."""

LONGEST_TOKEN: Final = 1024
"""Characters of a token in it."""

_FORM: Final = 1
"""Stands first, so that there may be others."""

_SEALED = re.compile(rf"[A-Za-z0-9_-]{{24,{LONGEST}}}", re.ASCII)


@frozen(kw_only=True)
class Capability:
    """What a URL is good for."""

    customer: str
    """The UCSID."""
    channel: str
    """The application's name."""
    token: str = field(repr=False)
    """The provider's name of the device."""
    is_voip: bool
    """Whether what is sent there is a call."""
    sender: str | None = None
    """The only public key that may send there (RFC 8292 section 4), as VAPID writes it."""


class CapabilitySeal:
    """Seals capabilities with one key, by AES-SIV (RFC 5297)."""

    def __init__(self, key: bytes) -> None:
        """Take a key of `KEY` octets."""
        self._cipher = AESSIV(key)

    def seal(self, capability: Capability) -> str:
        """Return a capability as it stands in a URL.

        Raises:
            ValueError: it would be too long for one.
        """
        told = [
            _FORM,
            capability.customer,
            capability.channel,
            capability.token,
            int(capability.is_voip),
            capability.sender,
        ]
        clear = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
        sealed = base64url(self._cipher.encrypt(clear.encode("utf-8", "replace"), None))
        if len(capability.token) > LONGEST_TOKEN or len(sealed) > LONGEST:
            raise ValueError(f"a token has {LONGEST_TOKEN} characters at most to fit into a URL")
        return sealed

    def open(self, text: str) -> Capability | None:
        """Return what was sealed; None where it was not sealed with this key."""
        if not _SEALED.fullmatch(text) or len(text) % 4 == 1:
            return None
        octets = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        if base64url(octets) != text:
            return None  # Another way to write the same octets: one capability has one URL.
        try:
            clear = self._cipher.decrypt(octets, None)
        except InvalidTag:
            return None
        form, customer, channel, token, is_voip, sender = json.loads(clear)
        if form != _FORM:
            return None
        return Capability(
            customer=customer,
            channel=channel,
            token=token,
            is_voip=bool(is_voip),
            sender=sender,
        )

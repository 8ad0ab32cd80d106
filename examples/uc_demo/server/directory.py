"""The demo company: who works there, and how they prove it."""

import base64
import hashlib
import hmac
import json
from typing import Any

from attrs import field, frozen

DOMAIN = "demo.example"


@frozen
class Person:
    """An employee."""

    user: str
    password: str = field(repr=False)
    name: str
    phone: str

    @property
    def contact_id(self) -> str:
        """Return the id the others know."""
        return f"sip:{self.user}@{DOMAIN}"


PEOPLE = {
    person.user: person
    for person in (
        Person("alice", "alice", "Alice", "+49 30 5550 101"),
        Person("bob", "bob", "Bob", "+49 30 5550 102"),
    )
}
CONTACTS = {person.contact_id: person for person in PEOPLE.values()}


def authenticate(user: str, password: str) -> Person | None:
    """Return who this is; `alice` and `alice@demo.example` are the same."""
    person = PEOPLE.get(user.strip().lower().removesuffix(f"@{DOMAIN}"))
    expected = person.password if person is not None else ""
    matches = hmac.compare_digest(password.encode(), expected.encode())
    return person if matches and person is not None else None


class Tokens:
    """JSON Web Tokens (RFC 7519) with HMAC-SHA256, issued by `ucserver` (Wire 2.6)."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def issue(self, person: Person, expires: int) -> str:
        """Return a token for a person, valid until unix second `expires`."""
        head = _part({"alg": "HS256", "typ": "JWT"})
        body = _part({"iss": "ucserver", "sub": person.user, "exp": expires})
        return f"{head}.{body}.{self._sign(f'{head}.{body}')}"

    def verify(self, token: str, now: float) -> Person | None:
        """Return whom a token stands for, if it is ours and still valid."""
        signed, _, signature = token.rpartition(".")
        if not hmac.compare_digest(signature.encode(), self._sign(signed).encode()):
            return None
        body = signed.partition(".")[2]
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        return PEOPLE.get(claims["sub"]) if claims["exp"] > now else None

    def _sign(self, text: str) -> str:
        digest = hmac.digest(self._secret, text.encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

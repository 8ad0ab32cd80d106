"""Logging on: both generations, passwords and tokens (Wire 2.4, 2.6, 5.5)."""

import base64
import binascii
from collections.abc import Callable
from typing import Any

from examples.uc_demo.server.contacts import first_own_contact
from examples.uc_demo.server.directory import Person, Tokens, authenticate
from examples.uc_demo.server.presence import Presence
from examples.uc_demo.server.replies import RefusedError
from examples.uc_demo.server.sessions import Session

UNKNOWN_USER = 101
METHOD_NOT_SUPPORTED = 106
BASIC, BEARER = 1, 5
"""authMethodsOrdered."""

DAY = 86_400

NEGOTIATED = {
    "iServerProtocolVersion": 70,
    "iServerUMSecurityOption": 0,
    "iServerTLSSecurityOption": 0,
    "sServerAuthentication": "",
    "optionalParams": {
        "serverVersion": "8.4.0.100",
        "productVersion": "8.4.0.100",
        "ServerInterfaceVersion": 410,
        "ServerType": 0,
        "Auth_Basic": "",
        "Auth_JWT": "",
    },
}
"""The result of the first negotiation (Wire 5.5)."""


class LogOn:
    """Finds out who a client's user is."""

    def __init__(
        self, tokens: Tokens, presence: Presence, wall_clock: Callable[[], float]
    ) -> None:
        self._tokens = tokens
        self._presence = presence
        self._wall_clock = wall_clock

    def first_generation(self, session: Session, argument: dict[str, Any]) -> dict[str, Any]:
        """Answer asnLogon."""
        shown = argument.get("authentication") or {}
        if "simple" in shown:
            simple = shown["simple"]
            person = authenticate(
                str(simple.get("u8sClientUsername")), str(simple.get("u8sClientUserPassword"))
            )
        elif "enhanced" in shown:
            person = self._by_token(_text(shown["enhanced"].get("sAuthCredetials")))
        else:
            raise _logon_error(METHOD_NOT_SUPPORTED, "this method is not supported")
        if person is None:
            raise _logon_error(UNKNOWN_USER, "User Authentication failed")
        self._enter(session, person)
        state, absent = self._presence.state(person), self._presence.absent(person)
        return {
            "u8sLoggedInUser": person.user,
            "iValidContact": 1,
            "ownContact": first_own_contact(person, state, absent),
        }

    def second_generation(self, session: Session, argument: dict[str, Any]) -> dict[str, Any]:
        """Answer asnLoginV2; without credentials, the methods there are."""
        shown = argument.get("auth") or {}
        person = None
        if "authBasic" in shown:
            user, _, password = _text(shown["authBasic"].get("credential")).partition(":")
            person = authenticate(user, password)
        elif "authBearer" in shown:
            person = self._by_token(str(shown["authBearer"].get("u8sJWT")))
        else:
            return {"supportedAuthMethods": {"authMethodsOrdered": [BASIC, BEARER]}}
        if person is None:
            raise RefusedError(UNKNOWN_USER, "User Authentication failed")
        self._enter(session, person)
        return {"succceeded": {"u8sLoggedInUser": person.user}}

    def token(self, session: Session, argument: dict[str, Any]) -> dict[str, Any]:
        """Answer asnGetUserToken."""
        assert session.person is not None
        life = argument.get("iTTL") or DAY
        expires = int(self._wall_clock()) + min(int(life), DAY)
        return {"sToken": self._tokens.issue(session.person, expires)}

    def verify(self, session: Session, argument: dict[str, Any]) -> dict[str, Any]:
        """Answer asnTokenVerify."""
        token = str(argument.get("u8sToken") or argument.get("sToken") or "")
        if self._by_token(token) is None:
            raise RefusedError(UNKNOWN_USER, "the token is not valid")
        return {}

    def _by_token(self, token: str) -> Person | None:
        try:
            return self._tokens.verify(token, self._wall_clock())
        except (ValueError, KeyError, TypeError):
            return None

    def _enter(self, session: Session, person: Person) -> None:
        session.person = person
        self._presence.changed(person)


def _text(encoded: Any) -> str:
    try:
        return base64.b64decode(str(encoded) + "==").decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _logon_error(detail: int, text: str) -> RefusedError:
    return RefusedError(detail, text, "AsnLogonError", sAuthCredetials="", u8sFailedUser="")

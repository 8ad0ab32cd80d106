"""What a client shows to prove who its user is (Wire 2.2, 2.4, 2.5)."""

import base64
import binascii
import re

from attrs import field, frozen

from procall_mobility.protocols.ucclient.bad_request import BadRequest

LONGEST_CREDENTIALS = 65_536
"""Characters.  A Kerberos ticket may have 48,000 octets (Windows' MaxTokenSize), in base64."""

LONGEST_SCOPE = 256
"""Characters; the published scope has 16."""

_PARAMETER = re.compile(r'([A-Za-z]+)\s*=\s*(?:"([^"\\]*)"|([^\s",]+))\s*(?:,\s*|$)')
_VISIBLE = re.compile(r"[!-~]+")
_TOKEN_SCHEMES = {"jwt": "JWT", "bearer": "Bearer"}
_BLOB_SCHEMES = {"ntlm": "NTLM", "negotiate": "Negotiate"}


@frozen
class Basic:
    """A user name and a password; `via_query` when they stood in the URL (Wire 2.2, A-08)."""

    user: str = field(repr=False)
    password: str = field(repr=False)
    via_query: bool = False


@frozen
class Token:
    """A bearer token; `method` is JWT, Bearer or UCTOKEN.

    `via_query` also stands for the X-UCTOKEN header: both mean 400 on failure, never 401.
    """

    method: str
    token: str = field(repr=False)
    via_query: bool = False


@frozen
class Blob:
    """One message of a multi-step scheme: NTLM or Negotiate (RFC 4559)."""

    scheme: str
    data: bytes = field(repr=False)


@frozen
class EntraStart:
    """A request for the address where Entra ID logs the user on (Wire 2.5, step 1)."""

    realm: str
    scope: str


Credentials = Basic | Token | Blob | EntraStart


def credentials_of(
    authorization: str | None, token_header: str | None, query: tuple[tuple[str, str], ...]
) -> Credentials | None:
    """Read the first of Authorization, X-UCTOKEN, ?token= and ?user=&pass= that is present.

    None when there is none, or the scheme is unknown: either way the answer is the list of schemes
    we do take.  Raise BadRequest, which never quotes what came, for malformed ones.
    """
    if authorization is not None and authorization.strip():
        return _from_authorization(authorization.strip())
    named: dict[str, str] = {}
    for name, value in query:
        named.setdefault(name.lower(), value)
    token = token_header or named.get("token")
    if token:
        return Token("UCTOKEN", _token(token.strip()), via_query=True)
    user = named.get("user")
    if user:
        password = named.get("pass", "")
        _bounded(user + password)
        return Basic(user, password, via_query=True)
    return None


def _from_authorization(authorization: str) -> Credentials | None:
    _bounded(authorization)
    scheme, _, rest = authorization.partition(" ")
    scheme, rest = scheme.lower(), rest.strip()
    if scheme == "basic":
        # A Basic header with parameters instead of a token is Entra's (Wire 2.5): a quotation
        # mark never occurs in base64.
        return _entra(rest) if '"' in rest else _basic(rest)
    if scheme in _TOKEN_SCHEMES:
        return Token(_TOKEN_SCHEMES[scheme], _token(rest))
    if scheme in _BLOB_SCHEMES:
        return Blob(_BLOB_SCHEMES[scheme], _octets(rest))
    return None


def _basic(token: str) -> Basic:
    try:
        text = _octets(token).decode("utf-8")
    except UnicodeDecodeError:
        raise BadRequest("bad-credentials", "the credentials are not UTF-8") from None
    user, colon, password = text.partition(":")
    if not colon:
        raise BadRequest("bad-credentials", "the credentials lack the colon")
    return Basic(user, password)


def _entra(parameters: str) -> EntraStart:
    found: dict[str, str] = {}
    position = 0
    while position < len(parameters):
        match = _PARAMETER.match(parameters, position)
        if match is None:
            raise BadRequest("bad-credentials", "the Authorization parameters are malformed")
        found[match[1].lower()] = match[2] if match[2] is not None else match[3]
        position = match.end()
    scope = found.get("scope", "")
    if not scope or len(scope) > LONGEST_SCOPE or not scope.isprintable():
        raise BadRequest("bad-credentials", "the Authorization parameters lack a proper scope")
    return EntraStart(found.get("realm", ""), scope)


def _token(token: str) -> str:
    _bounded(token)
    if not _VISIBLE.fullmatch(token):
        raise BadRequest("bad-credentials", "the token has characters that no token has")
    return token


def _octets(text: str) -> bytes:
    # Some published clients leave the padding out (Wire section 11, trap 5).
    bare = text.rstrip("=")
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise BadRequest("bad-credentials", "the credentials are not base64") from None


def _bounded(text: str) -> None:
    if len(text) > LONGEST_CREDENTIALS:
        raise BadRequest("bad-credentials", "the credentials are too long")

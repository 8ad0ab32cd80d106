"""What clients ask of us over HTTP, understood (Wire 1, 2.1, 2.2)."""

from collections.abc import Mapping

from attrs import define, field, frozen

from procall_mobility.protocols.rose.messages import JsonValue
from procall_mobility.protocols.ucclient.credentials import Basic, Credentials, Token

WITHOUT_LOGIN = frozenset({"asnTokenVerify", "asnTokenVerifyV2"})
"""Operations of /ws/direct/ that need no credentials (Wire 2.6)."""

UNNEGOTIATED_VERSION = 61
"""What a client speaks that says nothing: ProCall 6 (Wire 2.2)."""


@define
class HttpRequest:
    """One HTTP request as a transport hands it over.

    Nobody changes one.  It is not frozen all the same: there is one for every push, and to make
    what is takes attrs three times as long.

    `path` is percent-decoded and without the query, and may be a secret, such as a capability URL;
    `headers` have lower-case names.
    """

    method: str
    path: str = field(repr=False)
    query: tuple[tuple[str, str], ...] = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes = field(repr=False)
    client_address: str
    secure: bool
    host: str
    fields: Mapping[str, str] | None = field(default=None, repr=False, eq=False)
    """The first value of each header but Content-Length, where a transport has them at hand."""

    def header(self, name: str) -> str | None:
        """Give the first value of the header `name`, which is in lower case."""
        if self.fields is not None and name != "content-length":
            return self.fields.get(name)
        for key, value in self.headers:  # Asked more often than anything else.
            if key == name:
                return value
        return None

    def parameter(self, name: str) -> str | None:
        """Give the first value of the query member `name`, whatever its case."""
        name = name.lower()
        return next((value for key, value in self.query if key.lower() == name), None)


@frozen
class Negotiation:
    """The client's part of the version negotiation; `optional_params` go to the server as given.

    Nulls are gone already, as no server takes them (Wire 4.3).  `device_name` is the parameter
    ClientDeviceName again, empty if it was none.
    """

    client_version: int = UNNEGOTIATED_VERSION
    optional_params: JsonValue | None = None
    device_name: str = ""


@frozen
class Lookup:
    """Which node serves this customer?  (Wire 1.1)"""

    ucsid_or_alias: str


@frozen
class NodeLookup:
    """Which nodes should this customer's server dial?  (A-25; asked by servers, not clients)

    The answer is the same for every name, so that it tells nothing about who is a customer.
    """


@frozen
class VersionQuery:
    """Which protocol version does this customer's server speak?  (Wire 1.2)

    `ucsid_or_alias` may be empty, which is nobody's name.
    """

    ucsid_or_alias: str


@frozen(kw_only=True)
class LogOn:
    """What both requests that log a user on have in common (Wire 2.2).

    `ucsid_or_alias` is trimmed and in lower case (A-02).  `simple` asks for one step only (A-09).
    `handshake_id` is the X-EPID of a multi-step scheme, `json_redirect` is ?format=json.
    """

    ucsid_or_alias: str
    credentials: Credentials | None = None
    app_id: int = 0
    suppress_401: bool = False
    simple: bool = False
    handshake_id: str | None = None
    json_redirect: bool = False
    negotiation: Negotiation = Negotiation()
    user_agent: str = ""
    client_address: str = ""

    @property
    def needs_login(self) -> bool:
        """Whether a user is to be logged on at all."""
        return True

    @property
    def lacks_credentials(self) -> bool:
        """Whether the client has yet to say who its user is."""
        return self.credentials is None and self.needs_login

    @property
    def never_401(self) -> bool:
        """Whether a refusal is 400 in any case (Wire 2.2: X-no401, tokens and query passwords)."""
        shown = self.credentials
        return self.suppress_401 or (isinstance(shown, Basic | Token) and shown.via_query)

    @property
    def handshake_key(self) -> tuple[str, str, str]:
        """Under what to keep a log-on between its steps; two clients send the UCSID (A-10)."""
        return (self.client_address, self.ucsid_or_alias, self.handshake_id or "")


@frozen(kw_only=True)
class CreateSession(LogOn):
    """Log a user on and keep the session (Wire 2.3)."""


@frozen(kw_only=True)
class Direct(LogOn):
    """Log a user on, make one call, log off (Wire 2.1)."""

    operation: str
    argument: JsonValue

    @property
    def needs_login(self) -> bool:
        """Whether the call is to be made by a user, not by anybody (Wire 2.6)."""
        return self.operation not in WITHOUT_LOGIN


@frozen
class DestroySession:
    """End the session; an empty or malformed id is the empty text, which is nobody's id."""

    session_id: str = field(repr=False)


@frozen
class OneShot:
    """One call inside a session; `session_id` as in `DestroySession`."""

    session_id: str = field(repr=False)
    operation: str
    argument: JsonValue


@frozen
class PublicContacts:
    """Whose presence is public?  (Wire 2.9)"""

    ucsid_or_alias: str


@frozen
class Preflight:
    """May a page of `origin` call us?  (Wire 1.3)  `ucsid_or_alias` is empty when not named."""

    origin: str | None
    ucsid_or_alias: str


Understood = (
    Lookup
    | NodeLookup
    | VersionQuery
    | CreateSession
    | DestroySession
    | OneShot
    | Direct
    | PublicContacts
    | Preflight
)

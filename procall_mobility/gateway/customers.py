"""A customer: a company whose UC server dials out to us and whose users dial in."""

import enum
import re

from attrs import field, frozen

UCSID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
"""A UCSID is a short lower-case word; the form of a DNS label, so that it can become one."""

ALIAS = re.compile(r"(?=.{1,253}\Z)[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?")
"""An alias is usually a mail domain."""


class LogonStyle(enum.StrEnum):
    """Which generation of log-on calls a customer's server is asked with (Wire 5.5)."""

    V1 = "v1"
    V2 = "v2"


@frozen(kw_only=True)
class Switches:
    """What an operator may decide per customer; the defaults suit nearly everybody."""

    logon_style: LogonStyle = LogonStyle.V1
    """`v1` is what the published diagrams show; `v2` for servers with only the newer calls."""
    multi_step: bool = False
    """Offer NTLM and Negotiate, which need several requests (Wire 2.4, A-09)."""
    query_password: bool = True
    """Accept `?user=&pass=` (A-08); such addresses end up in the logs of others."""
    cors_origins: tuple[str, ...] = ("*",)
    """Browser origins that may call us for this customer (A-06)."""
    cors_session_header: bool = False
    """Let foreign origins send X-UCSESSIONID (A-06)."""
    jsonp: bool = False
    """Answer JSONP requests (A-07)."""
    extra_members: bool = False
    """Pass more of the log-on result than the own contact to clients (A-11)."""
    public_contacts: bool = False
    """Answer `/ws/public/contacts` (A-18)."""
    turn: bool = True
    """Issue STUN/TURN servers to this customer."""
    turn_strict: bool = False
    """End relays when their credential expires, not only refuse new ones."""
    push_without: tuple[str, ...] = ()
    """Providers that no push of this customer may go to, though its content is sealed."""
    sessions: int = 5000
    """How many sessions the customer may hold at once."""


@frozen(kw_only=True)
class Customer:
    """One customer as the gateway sees it; its password hash stays in the store."""

    ucsid: str
    aliases: frozenset[str] = frozenset()
    enabled: bool = True
    switches: Switches = field(factory=Switches)


def normalized(key: str) -> str:
    """Return a look-up key as it is stored: blanks trimmed, lower case (A-02)."""
    return key.strip().lower()

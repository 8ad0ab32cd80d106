"""Requests to the Windows Push Notification Services; they speak HTTP/1.1, without chunks."""

import json
import re
from xml.sax.saxutils import escape, quoteattr

from attrs import field, frozen

from procall_mobility.protocols.push import oauth_requests
from procall_mobility.protocols.push.contents import application_data, json_octets
from procall_mobility.protocols.push.endpoints import HTTPS, Endpoint, endpoint
from procall_mobility.protocols.push.exchange import ProviderRequest
from procall_mobility.protocols.push.notification import Notification, Urgency
from procall_mobility.protocols.push.unsayable import MalformedToken, TooLarge

LARGEST = 5000
"""Octets of a body."""

LONGEST_CHANNEL = 1024
"""Characters of a channel's URI."""

LONGEST_TTL = 30 * 86_400
"""Seconds: what a channel lives."""

LONGEST_TITLE = 100

STORE_HOST, STORE_SCOPE = "login.live.com", "notify.windows.com"
"""Of applications of the Store (their id is `ms-app://S-1-15-...`); a token lasts a day."""

ENTRA_HOST, ENTRA_SCOPE = "login.microsoftonline.com", "https://wns.windows.com/.default"
"""Of applications with the Windows App SDK, whose tenant is in Entra."""

SILENT_KINDS = frozenset({"avdropcall", "check"})
"""Of kinds (Wire 7.3): what an application looks after by itself, and nobody is shown."""

_HOST = re.compile(r"(?:[a-z0-9-]+\.)+notify\.windows\.com")
TENANT = re.compile(r"[A-Za-z0-9.-]{1,100}", re.ASCII)
"""An id, or a domain; it becomes part of a path."""

_HIGH, _LOW = "1", "3"
"""Of X-WNS-PRIORITY: what wakes a computer that saves its battery, and what waits for it."""


def is_title(text: str) -> bool:
    """Tell whether a toast can have a title."""
    # What does not print may be nothing that XML can say.
    return 0 < len(text) <= LONGEST_TITLE and text.isprintable()


@frozen(kw_only=True)
class WnsTarget:
    """An application, as its developer has registered it with Microsoft."""

    title: str | None = field(default=None)
    """Stands in a toast, which Windows shows also where the application does not run; it is the
    same for everybody.  None: the application gets everything raw and shows it by itself, which
    those with the Windows App SDK can do while they sleep, and others cannot."""

    @title.validator
    def _is_showable(self, _attribute: object, title: str | None) -> None:
        if title is not None and not is_title(title):
            raise ValueError(f"a title has 1 to {LONGEST_TITLE} characters, all of which print")


def channel(token: str) -> Endpoint:
    """Read a token: a channel's URI, which names one of Microsoft's hosts and no other.

    Raises:
        MalformedToken: it is none.
    """
    found = endpoint(token, LONGEST_CHANNEL)
    if not _HOST.fullmatch(found.host) or found.port != HTTPS:
        raise MalformedToken("the host of a channel ends in .notify.windows.com")
    return found


def check(notification: Notification, target: WnsTarget) -> None:
    """Find out whether a notification can be said to WNS, before it is accepted.

    Raises:
        Unsayable: it cannot; what is wrong is its class.
    """
    channel(notification.token)
    _body(notification, target)


def request(
    notification: Notification, target: WnsTarget, token: str, unix: float
) -> ProviderRequest:
    """Say a notification to the host of its `channel`.  `token` is an access token.

    Raises:
        Unsayable: it cannot be said.
    """
    is_toast = _is_toast(notification, target)
    is_calm = notification.urgency is Urgency.BACKGROUND
    headers = [
        ("authorization", f"Bearer {token}"),
        ("content-type", "text/xml" if is_toast else "application/octet-stream"),
        ("x-wns-type", "wns/toast" if is_toast else "wns/raw"),
        ("x-wns-requestforstatus", "true"),
        ("x-wns-ttl", str(max(1, min(notification.ttl(unix), LONGEST_TTL)))),
        ("x-wns-priority", _LOW if is_calm else _HIGH),
    ]
    if not is_toast:
        # Else nothing raw is kept for a computer that is away for a moment.
        headers.append(("x-wns-cache-policy", "cache"))
    return ProviderRequest(
        path=channel(notification.token).path,
        headers=tuple(headers),
        body=_body(notification, target),
    )


def store_token_request(client: str, secret: str) -> ProviderRequest:
    """Ask `STORE_HOST` for an access token."""
    return oauth_requests.client_credentials("/accesstoken.srf", client, secret, STORE_SCOPE)


def entra_token_request(tenant: str, client: str, secret: str) -> ProviderRequest:
    """Ask `ENTRA_HOST` for an access token.

    Raises:
        ValueError: the tenant is neither an id nor a domain.
    """
    if not TENANT.fullmatch(tenant):
        raise ValueError("a tenant is an id or a domain")
    path = f"/{tenant}/oauth2/v2.0/token"
    return oauth_requests.client_credentials(path, client, secret, ENTRA_SCOPE)


def _is_toast(notification: Notification, target: WnsTarget) -> bool:
    is_silent = notification.kind in SILENT_KINDS or notification.urgency is Urgency.BACKGROUND
    return target.title is not None and not is_silent


def _body(notification: Notification, target: WnsTarget) -> bytes:
    data = application_data(notification)
    body = json_octets(data)
    if target.title is not None and _is_toast(notification, target):
        body = _toast(target.title, data)
    if len(body) > LARGEST:
        raise TooLarge(len(body), LARGEST)
    return body


def _toast(title: str, data: dict[str, str]) -> bytes:
    # In ASCII there is nothing that XML could not say.
    launch = quoteattr(json.dumps(data, separators=(",", ":")))
    text = escape(title)
    return (
        f'<toast launch={launch}><visual><binding template="ToastGeneric">'
        f"<text>{text}</text></binding></visual></toast>"
    ).encode()

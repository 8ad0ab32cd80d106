"""UnifiedPush (server specification SERV_1.2.0): push services people choose themselves.

Applications of today subscribe as browsers do (`web_push`).  Those of before give a bare endpoint,
and get what is sent there as it is: only content that is sealed already is a secret on that way.
"""

from procall_mobility.protocols.push.answers import members
from procall_mobility.protocols.push.contents import application_data, json_octets
from procall_mobility.protocols.push.endpoints import Endpoint, EndpointPolicy, endpoint
from procall_mobility.protocols.push.exchange import Answer, ProviderRequest
from procall_mobility.protocols.push.matrix_pushes import KINDS, as_notification
from procall_mobility.protocols.push.notification import Notification
from procall_mobility.protocols.push.outcomes import CredentialStale, Outcome, Refused
from procall_mobility.protocols.push.unsayable import TooLarge
from procall_mobility.protocols.push.web_push import delivery_headers
from procall_mobility.protocols.push.web_push_outcomes import judge as judge_web_push

LONGEST_ENDPOINT = 1000
"""Octets."""

LARGEST = 4096
"""Octets of a message; an empty one is none."""

VERSION = 1

PUSH_SERVER = b'{"unifiedpush":{"version":1}}'
"""What a push server says to a GET of an endpoint."""

MATRIX_GATEWAY = b'{"unifiedpush":{"gateway":"matrix"}}'
"""What a Matrix push gateway says to a GET of `/_matrix/push/v1/notify`."""


def plain_endpoint(token: str) -> Endpoint:
    """Read a token that is an endpoint and nothing else.

    Raises:
        MalformedToken: it is none.
    """
    return endpoint(token, LONGEST_ENDPOINT)


def is_plain(token: str) -> bool:
    """Tell whether a token is a bare endpoint; others are subscriptions of Web Push."""
    return token.startswith("https:")


def check(notification: Notification, policy: EndpointPolicy) -> None:
    """Find out whether a notification can be said to a push server, before it is accepted.

    Raises:
        Unsayable: it cannot, or not there; what is wrong is its class.
    """
    policy.check(plain_endpoint(notification.token))
    _body(notification)


def request(notification: Notification, target: Endpoint, unix: float) -> ProviderRequest:
    """Say a notification to the push server at `target.origin`, which needs no credential.

    Raises:
        Unsayable: it cannot be said.
    """
    return ProviderRequest(
        path=target.path,
        headers=(
            *delivery_headers(notification, unix),
            ("content-type", "application/octet-stream"),
        ),
        body=_body(notification),
    )


def judge(answer: Answer, *, unix: float) -> Outcome:
    """Return what an answer to a push means, whatever it is."""
    outcome = judge_web_push(answer, unix=unix)
    if isinstance(outcome, CredentialStale):
        return Refused(reason=f"http-{answer.status}")  # There is none that could be renewed.
    return outcome


def discovery_request(target: Endpoint) -> ProviderRequest:
    """Ask an endpoint whether it is one."""
    return ProviderRequest(
        method="GET", path=target.path, headers=(("accept", "application/json"),), body=b""
    )


def is_push_server(answer: Answer) -> bool:
    """Tell whether an answer to `discovery_request` is that of a push server.

    Only such ones are registered: whatever else there is at that URL does not know of pushes.
    """
    said = members(answer).get("unifiedpush")
    return answer.status == 200 and isinstance(said, dict) and said.get("version") == VERSION


def _body(notification: Notification) -> bytes:
    # Applications of Matrix get what their homeserver has said, as from any other gateway.
    is_matrix = notification.kind in KINDS
    told = as_notification(notification) if is_matrix else application_data(notification)
    body = json_octets(told)
    if len(body) > LARGEST:
        raise TooLarge(len(body), LARGEST)
    return body

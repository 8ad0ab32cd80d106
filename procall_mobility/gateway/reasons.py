"""Reason codes: why something was refused or ended, one word for machines and one for people."""

import enum


class Reason(enum.StrEnum):
    """A reason code; `text` says the same to a person."""

    text: str

    def __new__(cls, code: str, text: str) -> "Reason":
        """Keep the code as the value and the sentence beside it."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.text = text
        return member

    @classmethod
    def of(cls, code: str) -> "Reason":
        """Return the reason with this code."""
        return _BY_CODE[code]

    # Server links.
    UNKNOWN_SERVER_ID = ("unknown-server-id", "no customer has this UCSID")
    WRONG_PASSWORD = ("wrong-password", "the password of this UCSID is another")
    WRONG_TOKEN = ("wrong-token", "no key of a customer has signed this token for us and for now")
    CUSTOMER_DISABLED = ("customer-disabled", "the operator has switched this customer off")
    VERSION = ("version", "the server speaks a protocol version we do not know")
    DUPLICATE = ("duplicate", "another server with this UCSID is connected")
    TOO_MANY_ATTEMPTS = ("too-many-attempts", "too many failed attempts; wait and try again")
    NODE_BUSY = ("node-busy", "this node has too much to do; try again later")
    REPLACED = ("replaced", "the same server has opened a newer link")
    REDIRECTED = ("redirected", "the server was sent to another node")
    STARTTLS_REQUIRED = ("starttls-required", "this listener demands asnStartTLS first")
    TLS_FAILED = ("tls-failed", "the TLS handshake failed")
    NOT_REGISTERED = ("not-registered", "the server called before it registered")
    REGISTRATION_TIMEOUT = ("registration-timeout", "no registration within the time allowed")
    PING_TIMEOUT = ("ping-timeout", "no sign of life within the time allowed")
    PROTOCOL_ERROR = ("protocol-error", "the peer broke the protocol")
    FRAMING = ("framing", "the first bytes are none of the languages spoken here")
    MESSAGE_TOO_BIG = ("message-too-big", "a message exceeds the limit")
    SLOW_SERVER = ("slow-server", "the server takes messages slower than they come")
    PEER_CLOSED = ("peer-closed", "the other side closed the connection")
    CONNECTION_LOST = ("connection-lost", "the connection broke")

    # Clients and their sessions.
    UNKNOWN_CUSTOMER = ("unknown-customer", "no customer is known by this name")
    SERVER_NOT_CONNECTED = ("server-not-connected", "the customer's server is not connected here")
    LOGON_REFUSED = ("logon-refused", "the customer's server refused the log-on")
    QUERY_PASSWORD = ("query-password", "this customer accepts no password in the address")
    BAD_REQUEST = ("bad-request", "the request cannot be understood")
    BAD_SESSION = ("bad-session", "the session is unknown or has ended")
    SERVER_BUSY = ("server-busy", "the customer's server is busy; try again later")
    SERVER_TIMEOUT = ("server-timeout", "the customer's server did not answer in time")
    SERVER_MISBEHAVED = ("server-misbehaved", "the customer's server gave an answer we cannot use")
    TOO_MANY_SESSIONS = ("too-many-sessions", "the customer holds as many sessions as it may")
    TOO_MANY_LOGINS = ("too-many-logins", "too many log-ons are under way at once")
    TOO_MANY_FRAMES = ("too-many-frames", "the client sends more messages than allowed")
    SLOW_CLIENT = ("slow-client", "the client takes messages slower than they come")
    LOGGED_OFF = ("logged-off", "the user logged off")
    DESTROYED = ("destroyed", "the client ended its session")
    SERVER_ENDED = ("server-ended", "the customer's server ended the session")
    LINK_LOST = ("link-lost", "the link to the customer's server was lost")
    NEVER_ATTACHED = ("never-attached", "no WebSocket came for the session")
    REPLACED_SOCKET = ("replaced-socket", "a newer WebSocket came for the same session")
    GRACE_OVER = ("grace-over", "the client did not come back")
    SHUTTING_DOWN = ("shutting-down", "this node is going down")
    MOVED = ("moved", "another process of this node goes on")

    # Relays.
    RELEASED = ("released", "the client ended its allocation")
    EXPIRED = ("expired", "the client did not refresh its allocation")
    CREDENTIAL_EXPIRED = ("credential-expired", "the credential has expired")
    REVOKED = ("revoked", "the operator has ended the allocation")
    WRONG_CREDENTIAL = ("wrong-credential", "the password does not belong to the user name")
    NO_RELAY = ("no-relay", "the operator has switched relays off for this customer")
    TOO_MANY_PEERS = ("too-many-peers", "the client turns to new peers faster than calls do")

    # Pushes.
    UNKNOWN_APP = ("unknown-app", "no application is registered by this channel")
    PROVIDER_FORBIDDEN = (
        "provider-forbidden",
        "the operator lets no pushes of this customer go to this provider",
    )
    NOT_READABLE = ("not-readable", "pushes cannot be looked up now; try again later")
    UNKNOWN_SENDER = ("unknown-sender", "the operator has mapped no customer to this name")

    # Connections before they say who they are.
    TOO_MANY_CONNECTIONS = ("too-many-connections", "too many connections from this address")
    SILENT = ("silent", "the peer said nothing within the time allowed")
    BAD_PROXY_HEADER = ("bad-proxy-header", "the proxy in front sent no valid PROXY v2 header")
    INTERNAL = ("internal", "a fault of this daemon; the service log has the details")


_BY_CODE = {reason.value: reason for reason in Reason}

"""How many connections a client has, and how many seconds they have for what."""

from attrs import field, frozen

from procall_mobility.transports.http2.keep_alive import KeepAliveRules
from procall_mobility.transports.http2.retrying import RetryRules


@frozen(kw_only=True)
class ConnectionRules:
    """How many seconds a connection has for what."""

    open_within: float = 10.0
    """From TCP's connection to the provider's SETTINGS."""
    close_within: float = 5.0
    """For what is still to be written."""
    keep_alive: KeepAliveRules = field(factory=KeepAliveRules)


@frozen(kw_only=True)
class ClientRules:
    """How many connections there are, and how soon lost ones are replaced."""

    warm: int = 2
    """Connections that are there before anybody needs them."""
    most: int = 8
    """Under load; providers take many and fast-changing ones for an attack."""
    grows_from: int = 2
    """Requests that each connection must carry at a time before there are more of them: where a
    provider allows one alone, it wants to see a success first.  With HTTP/1.1 it is always one."""
    linger: float = 600.0
    """Seconds without need after which one of those beyond the warm ones goes."""
    settled_after: float = 60.0
    """Seconds after which a connection counts as good although nothing was answered on it."""
    retry: RetryRules = field(factory=RetryRules)
    connection: ConnectionRules = field(factory=ConnectionRules)

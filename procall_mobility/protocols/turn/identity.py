"""Somebody who has shown to know a password."""

from attrs import frozen

from procall_mobility.protocols.stun.message import Signature
from procall_mobility.protocols.turn.tenants import Tenant


@frozen(kw_only=True, eq=False)
class Identity:
    """A user, by the credential shown last."""

    username: bytes
    tenant: Tenant
    subject: str
    signature: Signature
    """The key everything is signed with."""
    until: float | None
    """When the credential expires."""

    def is_of_same_user(self, other: "Identity") -> bool:
        """Tell whether both are one user (RFC 8656 section 5).

        A REST name changes with every new credential; whom it is for does not.
        """
        return self is other or (
            (self.tenant.name, self.subject) == (other.tenant.name, other.subject)
        )

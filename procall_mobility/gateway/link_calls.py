"""What a customer's server may ask of us for itself, outside every session (Wire 5.4, 6.2)."""

from attrs import define

from procall_mobility.gateway.customers import Customer
from procall_mobility.gateway.ice import IceIssuer
from procall_mobility.gateway.links import Link
from procall_mobility.protocols.rose.messages import Error, Invoke, JsonValue, Result
from procall_mobility.protocols.ucserver.registration import Capability

ICE_SERVERS = frozenset({"asnWebGetIceServersV2", "asnWebGetIceServers"})
CHECK_CONNECTION = "asnCheckConnection"

PROTOCOL_VERSION = 70
"""ProCall 7 and later (Wire 1.2)."""


@define(eq=False)
class LinkCalls:
    """Answers the calls we know; the others are for the caller to reject.

    Another `ice` may take the place of the one there is at any time.
    """

    ice: IceIssuer
    version: str

    def capabilities(self, customer: Customer) -> tuple[Capability, ...]:
        """Return what a customer's server is told of what is on offer (Wire 5.3)."""
        return self.ice.capabilities(customer)

    def answer(self, link: Link, invoke: Invoke) -> Result | Error | None:
        """Return the answer, or None for an operation that is none of ours."""
        if invoke.operation_name in ICE_SERVERS:
            return self._ice_servers(link, invoke)
        if invoke.operation_name == CHECK_CONNECTION:
            return Result(invoke.invoke_id, JsonValue.of(self._check()))
        return None

    def _ice_servers(self, link: Link, invoke: Invoke) -> Result | Error | None:
        argument = invoke.argument.value() if isinstance(invoke.argument, JsonValue) else None
        if isinstance(argument, dict) and argument.get("sTurnProviderConfig"):
            return None  # an external provider is the server's own affair.
        issued = self.ice.issue(link.customer)
        if issued is None:
            error = {
                "_type": "AsnRequestError",
                "iErrorDetail": 0,
                "u8sErrorString": "TURN not available",
            }
            return Error(invoke.invoke_id, JsonValue.of(error))
        return Result(invoke.invoke_id, JsonValue.of(issued))

    def _check(self) -> dict[str, object]:
        return {
            "_type": "AsnCheckConnectionResult",
            "u8sServerVersion": self.version,
            "u8sProductVersion": self.version,
            "iProtocolVersion": PROTOCOL_VERSION,
            "iOEMID": 0,
            "u8sCookie": "",
        }

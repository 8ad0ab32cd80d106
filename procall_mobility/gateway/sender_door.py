"""Lets servers in that show no credential, as far as the operator has said who they are."""

from collections.abc import Callable

from attrs import field, frozen

from procall_mobility.gateway.customers import Customer
from procall_mobility.gateway.paces import Paces
from procall_mobility.gateway.push_apps import PushApp, PushApps
from procall_mobility.gateway.push_senders import Api, Sender
from procall_mobility.gateway.reasons import Reason
from procall_mobility.protocols.stun.addresses import vicinity
from procall_mobility.protocols.ucclient.intentions import HttpRequest


@frozen(kw_only=True)
class Destination:
    """Where a sender's pushes go."""

    customer: str
    """The UCSID."""
    app: PushApp


@frozen(kw_only=True)
class SenderDoor:
    """Knows senders by their names, and slows down the addresses they come from."""

    find_sender: Callable[[Api, str, str], Sender | None]
    """By API, name and platform."""
    find_customer: Callable[[str], Customer | None]
    apps: PushApps
    paces: Paces
    noted: Callable[[HttpRequest, str | None, Reason], None]
    """Writes down that a request was refused."""
    clock: Callable[[], float] = field(repr=False)

    def wait(self, request: HttpRequest) -> float:
        """Return the seconds after which an address may ask again; 0 if it may ask now."""
        if self.paces.take(vicinity(request.client_address), self.clock()):
            return 0.0
        self.noted(request, None, Reason.TOO_MANY_ATTEMPTS)
        return self.paces.wait

    def find(
        self, request: HttpRequest, api: Api, name: str, platform: str = ""
    ) -> Destination | Reason:
        """Return where pushes go that are sent in a name; or why they go nowhere."""
        sender = self.find_sender(api, name, platform)
        customer = None if sender is None else self.find_customer(sender.ucsid)
        if sender is None or customer is None:
            return self._refused(request, None, Reason.UNKNOWN_SENDER)
        if not customer.enabled:
            return self._refused(request, customer.ucsid, Reason.CUSTOMER_DISABLED)
        app = self.apps.find(customer.ucsid, sender.channel)
        if app is None:
            return self._refused(request, customer.ucsid, Reason.UNKNOWN_APP)
        return Destination(customer=customer.ucsid, app=app)

    def _refused(self, request: HttpRequest, ucsid: str | None, reason: Reason) -> Reason:
        self.noted(request, ucsid, reason)
        return reason

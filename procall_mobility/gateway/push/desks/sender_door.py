"""Lets servers in that show no credential, as far as the operator has said who they are."""

from collections.abc import Callable, Iterable

from attrs import field, frozen

from procall_mobility.gateway.customers import Customer
from procall_mobility.gateway.paces import Paces
from procall_mobility.gateway.push.applications.apps import PushApp, PushApps
from procall_mobility.gateway.push.desks.senders import Api, Sender
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
        found, ucsid = self._found(api, name, platform)
        if isinstance(found, Reason):
            self.noted(request, ucsid, found)
        return found

    def find_all(
        self, request: HttpRequest, api: Api, names: Iterable[str]
    ) -> dict[str, Destination | Reason]:
        """Return the same by name, each looked up once; the first that is refused is written down.

        Whoever shows no credential must not fill the log by a few requests.
        """
        destinations: dict[str, Destination | Reason] = {}
        refused: list[tuple[str | None, Reason]] = []
        for name in dict.fromkeys(names):
            found, ucsid = self._found(api, name)
            destinations[name] = found
            if isinstance(found, Reason):
                refused.append((ucsid, found))
        for ucsid, reason in refused[:1]:
            self.noted(request, ucsid, reason)
        return destinations

    def _found(
        self, api: Api, name: str, platform: str = ""
    ) -> tuple[Destination | Reason, str | None]:
        """Return the destination, and whose it is as far as that is known."""
        sender = self.find_sender(api, name, platform)
        customer = None if sender is None else self.find_customer(sender.ucsid)
        if sender is None or customer is None:
            return Reason.UNKNOWN_SENDER, None
        ucsid = customer.ucsid
        if not customer.enabled:
            return Reason.CUSTOMER_DISABLED, ucsid
        app = self.apps.find(ucsid, sender.channel)
        return (Reason.UNKNOWN_APP if app is None else Destination(customer=ucsid, app=app)), ucsid

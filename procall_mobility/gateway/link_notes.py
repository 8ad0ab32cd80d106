"""What the access book says of links."""

from attrs import frozen

from procall_mobility.gateway.access import AccessEntry, Event
from procall_mobility.gateway.links import Link
from procall_mobility.gateway.ports import AccessBook
from procall_mobility.gateway.reasons import Reason


@frozen
class LinkNotes:
    """Writes it."""

    book: AccessBook

    def opened(self, link: Link) -> None:
        """Note a link that was let in."""
        self._note(link, Event.LINK_OPENED)

    def lost(self, link: Link, reason: Reason, now: float, *, others: list[Link]) -> None:
        """Note the loss of a link, and whether the customer has another one."""
        up = "up" if others else "none"
        self._note(link, Event.LINK_LOST, reason, now - link.since, f"other link: {up}")

    def _note(
        self,
        link: Link,
        event: Event,
        reason: Reason | None = None,
        duration: float | None = None,
        note: str | None = None,
    ) -> None:
        registered = link.registration
        self.book.write(
            AccessEntry(
                event=event,
                customer=link.customer.ucsid,
                client=link.peer,
                via=link.name,
                server=f"{registered.server_name} {registered.server_version}".strip(),
                duration=duration,
                reason=reason,
                note=note,
            )
        )

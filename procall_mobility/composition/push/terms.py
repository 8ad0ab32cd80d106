"""What operators may change of pushes while they go on: shares, paces, lines, endpoints."""

from ipaddress import IPv6Network

from attrs import define, field

from procall_mobility.config import Settings
from procall_mobility.gateway.paces import Paces
from procall_mobility.gateway.push.book import PushBook, Which
from procall_mobility.gateway.push.providers.workshop import Workshop
from procall_mobility.gateway.push.quota import PushShare
from procall_mobility.protocols.push.endpoints import EndpointPolicy


@define(eq=False)
class PushTerms:
    """The terms in force; whoever needs them is handed them once, and they change."""

    settings: Settings
    share: PushShare = field(init=False)
    """Of each customer."""
    urls: Paces = field(init=False)
    """Of messages to capability URLs."""
    senders: Paces = field(init=False)
    """Of requests by other interfaces."""

    def __attrs_post_init__(self) -> None:
        limits = self.settings.push.limits
        self.share = _share(self.settings)
        self.urls = Paces(rate=limits.url_rate, burst=limits.url_burst)
        self.senders = Paces(rate=limits.sender_rate, burst=limits.sender_burst)

    def change(self, settings: Settings, book: PushBook, workshop: Workshop) -> bool:
        """Go by other settings from now on.

        Returns:
            Whether endpoints are judged otherwise, so that applications have to be made anew.
        """
        limits = settings.push.limits
        self.settings, self.share = settings, _share(settings)
        self.urls.change(limits.url_rate, limits.url_burst)
        self.senders.change(limits.sender_rate, limits.sender_burst)
        book.change(which(settings))
        before, workshop.endpoints = workshop.endpoints, endpoint_policy(settings)
        return workshop.endpoints != before


def which(settings: Settings) -> Which:
    """Return of which pushes there are lines."""
    return Which(settings.log.pushes)


def endpoint_policy(settings: Settings) -> EndpointPolicy:
    """Return whom endpoints may name."""
    return EndpointPolicy(
        inside=frozenset(map(str.lower, settings.push.endpoints_inside)),
        nat64=tuple(map(IPv6Network, settings.turn.peers.nat64)),
    )


def _share(settings: Settings) -> PushShare:
    limits = settings.push.limits
    return PushShare(
        rate=limits.rate,
        burst=limits.burst,
        queued=limits.queued,
        octets=limits.queued_octets,
    )

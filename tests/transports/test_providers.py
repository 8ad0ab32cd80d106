"""The network of providers: what those have in common whose hosts strangers name."""

from twisted.internet.interfaces import IReactorPluggableNameResolver
from twisted.internet.testing import MemoryReactorClock
from twisted.logger import capturedLogs
from zope.interface import alsoProvides

from procall_mobility.gateway.push.applications.destinations import Destination, Wire
from procall_mobility.protocols.push.endpoints import EndpointPolicy
from procall_mobility.transports.provider_client import LINES_AT_ONCE
from procall_mobility.transports.providers import ProviderNetwork
from procall_mobility.transports.pump import Household
from tests.transports.test_guarded_endpoint import Dns


def network() -> ProviderNetwork:
    """Return one in which no name has an address."""
    reactor = MemoryReactorClock()
    reactor.nameResolver = Dns([[]])
    alsoProvides(reactor, IReactorPluggableNameResolver)
    household = Household(reactor=reactor, now=reactor.seconds)
    return ProviderNetwork(
        household=household, reactor=reactor, dice=lambda: 1.0, authorities=None
    )


def not_reached(providers: ProviderNetwork, *hosts: str, policy: EndpointPolicy | None) -> int:
    """Return how many lines there are about hosts that are tried and given up, one by one."""
    with capturedLogs() as events:
        for host in hosts:
            destination = Destination(host=host, wire=Wire.HTTP1, policy=policy)
            client = providers.connect(destination, lambda: None)
            client.start()
            providers.reactor.advance(10.0)
            client.stop(0.0)
    return sum(each["log_format"] == "push provider not reached" for each in events)


def test_hosts_that_strangers_name_do_not_fill_the_service_book_however_many_there_are() -> None:
    """Lanes come and go: with lines of its own each time, a host would never be through."""
    providers = network()
    hosts = [f"push-{number}.example" for number in range(100)]
    lines = not_reached(providers, *hosts, policy=EndpointPolicy())
    assert LINES_AT_ONCE <= lines <= LINES_AT_ONCE + 1000 / 300


def test_and_they_hide_no_line_about_a_provider_of_the_operators() -> None:
    providers = network()
    hosts = [f"push-{number}.example" for number in range(100)]
    not_reached(providers, *hosts, policy=EndpointPolicy())
    assert not_reached(providers, "provider.example", policy=None) > 0

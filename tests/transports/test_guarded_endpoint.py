"""Hosts that strangers name are called at addresses they may have, whatever the DNS says."""

import pytest
from attrs import define, field
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.defer import CancelledError, DeferredSemaphore
from twisted.internet.error import DNSLookupError
from twisted.internet.interfaces import IHostnameResolver, IHostResolution
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.testing import MemoryReactorClock
from zope.interface import implementer

from procall_mobility.protocols.push.endpoints import EndpointPolicy
from procall_mobility.transports.guarded_endpoint import (
    MOST,
    MOST_LOOKUPS,
    AddressForbidden,
    GuardedEndpoint,
)

PUBLIC, OTHER = "20.1.2.3", "20.1.2.4"
INSIDE = ["127.0.0.1", "10.0.0.7", "169.254.169.254", "::1", "fd00::1", "::ffff:127.0.0.1",
          "64:ff9b::7f00:1", "2002:7f00:1::"]  # fmt: skip


@implementer(IHostResolution)
@define(eq=False)
class Resolution:
    name: str

    def cancel(self) -> None:
        """Nothing is on its way."""


@implementer(IHostnameResolver)
@define(eq=False)
class Dns:
    """Answers each look-up with the next list of addresses; the last one stays."""

    answers: list[list[str]]
    asked: list[str] = field(factory=list)

    def resolveHostName(self, receiver: object, name: str, portNumber: int = 0, *more, **kinds):
        self.asked.append(name)
        resolution = Resolution(name)
        receiver.resolutionBegan(resolution)
        for each in self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]:
            kind = IPv6Address if ":" in each else IPv4Address
            receiver.addressResolved(kind("TCP", each, portNumber))
        receiver.resolutionComplete()
        return resolution


@define(eq=False)
class Call:
    """Calls a host, and sees where TCP goes."""

    dns: Dns
    policy: EndpointPolicy = field(factory=EndpointPolicy)
    host: str = "push.example.com"
    reactor: MemoryReactorClock = field(factory=MemoryReactorClock)
    lookups: DeferredSemaphore = field(factory=lambda: DeferredSemaphore(MOST_LOOKUPS))
    endpoint: GuardedEndpoint = field(init=False)
    failures: list[object] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        self.reactor.nameResolver = self.dns
        self.endpoint = GuardedEndpoint(
            self.reactor, self.host, 8443, 10.0, self.policy, self.lookups
        )

    def connects(self) -> list[tuple[str, int]]:
        """Connect to every address one after another; returns them."""
        connecting = self.endpoint.connect(Factory.forProtocol(Protocol))
        connecting.addErrback(lambda failure: self.failures.append(failure.value))
        self.reactor.pump([0.5] * 20)
        return [(client[0], client[1]) for client in self.reactor.tcpClients]


def test_a_public_address_is_called() -> None:
    call = Call(Dns([[PUBLIC]]))
    assert call.connects() == [(PUBLIC, 8443)]
    assert call.dns.asked == ["push.example.com"]


@pytest.mark.parametrize("address", INSIDE)
def test_no_address_of_our_neighbours_is_called(address: str) -> None:
    """Server-side request forgery, in whatever clothes."""
    call = Call(Dns([[address]]))
    assert call.connects() == []
    (failure,) = call.failures
    assert isinstance(failure, AddressForbidden)
    assert "push.example.com" not in str(failure)


def test_among_several_addresses_only_public_ones_are_called() -> None:
    call = Call(Dns([["127.0.0.1", PUBLIC, "10.0.0.7", OTHER]]))
    assert call.connects() == [(PUBLIC, 8443), (OTHER, 8443)]


def test_a_name_that_leads_elsewhere_after_it_was_judged_leads_us_nowhere() -> None:
    """DNS rebinding: what was judged is what is called, and the next call is judged anew."""
    call = Call(Dns([[PUBLIC], ["127.0.0.1"]]))
    assert call.connects() == [(PUBLIC, 8443)]
    assert call.connects() == [(PUBLIC, 8443)], "no second connection"
    assert isinstance(call.failures[-1], AddressForbidden)
    assert len(call.dns.asked) == 2, "one look-up for each connection"


def test_the_operators_own_service_may_be_anywhere() -> None:
    policy = EndpointPolicy(inside=frozenset({"push.example.com"}))
    assert Call(Dns([["10.0.0.7"]]), policy).connects() == [("10.0.0.7", 8443)]


def test_a_name_without_addresses_is_told_as_such() -> None:
    call = Call(Dns([[]]))
    assert call.connects() == []
    (failure,) = call.failures
    assert not isinstance(failure, AddressForbidden)


def test_of_very_many_addresses_only_some_are_called() -> None:
    """Otherwise a name of a stranger's has us knock at a whole network's doors."""
    call = Call(Dns([[f"20.1.2.{number}" for number in range(1, 200)]]))
    assert len(call.connects()) == MOST


def test_nobody_puts_another_way_to_look_up_in_its_place() -> None:
    call = Call(Dns([[PUBLIC]]))
    call.connects()
    assert call.reactor.nameResolver is call.dns, "the reactor's own one is left alone"


@implementer(IHostnameResolver)
@define(eq=False)
class SlowDns:
    """Answers when the test says so; a look-up cannot be stopped, as those of threads cannot."""

    asked: list[object] = field(factory=list)

    def resolveHostName(self, receiver: object, name: str, *more: object, **kinds: object):
        resolution = Resolution(name)
        receiver.resolutionBegan(resolution)
        self.asked.append(receiver)
        return resolution


def test_names_whose_servers_say_nothing_leave_threads_for_others() -> None:
    """The reactor has ten, with which Apple's and Google's names are looked up as well."""
    call = Call(SlowDns())
    attempts = [call.endpoint.connect(Factory.forProtocol(Protocol)) for _ in range(10)]
    for each in attempts:
        each.addErrback(lambda failure: failure.trap(CancelledError, DNSLookupError))
    assert len(call.dns.asked) == MOST_LOOKUPS
    attempts[0].cancel()
    attempts[9].cancel()
    assert len(call.dns.asked) == MOST_LOOKUPS, "its thread is busy all the same"
    for number in range(9):
        call.dns.asked[number].resolutionComplete()
    assert len(call.dns.asked) == 9
    assert call.lookups.tokens == MOST_LOOKUPS


def test_what_is_no_name_at_all_keeps_no_turn() -> None:
    call = Call(SlowDns(), host="-\u2028-")
    call.connects()
    assert (call.dns.asked, call.lookups.tokens) == ([], MOST_LOOKUPS)
    assert len(call.failures) == 1

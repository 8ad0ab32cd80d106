"""Connects to hosts that strangers name, at addresses they may have, and at no others.

A name is looked up for each connection; its addresses are judged, and the connection goes to one
of those that were judged, so that no second look-up can lead elsewhere (DNS rebinding).  TLS is
for the name, whatever the address.

Each look-up keeps one of the reactor's threads, of which there are ten, for as long as a
stranger's name servers please.  Only some are under way, so that others find their providers.
"""

from collections.abc import Callable
from typing import Any

from attrs import define, field, frozen
from twisted.internet.defer import Deferred, DeferredSemaphore
from twisted.internet.endpoints import HostnameEndpoint
from twisted.internet.interfaces import (
    IAddress,
    IHostnameResolver,
    IHostResolution,
    IProtocol,
    IProtocolFactory,
    IReactorPluggableNameResolver,
    IResolutionReceiver,
    IStreamClientEndpoint,
)
from twisted.python.failure import Failure
from zope.interface import implementer

from procall_mobility.protocols.push.endpoints import Endpoint, EndpointPolicy

MOST = 8
"""Addresses of one name that are tried; more make a look-up an attack on somebody else."""


MOST_LOOKUPS = 4
"""Look-ups of strangers' names at a time: fewer than half of the reactor's threads."""


class AddressForbidden(Exception):
    """No address of the host is one we may call."""


@implementer(IStreamClientEndpoint)
class GuardedEndpoint:
    """TCP to one host and port."""

    def __init__(
        self,
        reactor: Any,
        host: str,
        port: int,
        within: float,
        policy: EndpointPolicy,
        lookups: DeferredSemaphore,
    ) -> None:
        """Prepare.

        Args:
            reactor: looks names up, and connects.
            host: a name or an address.
            port: of it.
            within: seconds for one address.
            policy: judges addresses.
            lookups: has `MOST_LOOKUPS` turns, for all strangers' names together.
        """
        self._reactor = reactor
        self._target = Endpoint(host=host, port=port, path="/")
        self._within = within
        self._policy = policy
        self._lookups = lookups

    def connect(self, protocolFactory: IProtocolFactory) -> "Deferred[IProtocol]":
        """Look up when it is our turn, judge, connect."""
        return self._lookups.acquire().addCallback(lambda _: self._connect(protocolFactory))

    def _connect(self, protocolFactory: IProtocolFactory) -> "Deferred[IProtocol]":
        guard = _Guard(
            self._reactor.nameResolver,
            lambda address: self._policy.may_reach(self._target, address),
            self._lookups.release,
        )
        target = self._target
        reactor = _Reactor(self._reactor, guard)
        endpoint = HostnameEndpoint(reactor, target.host, target.port, self._within)

        def explained(failure: Failure) -> Failure:
            if guard.passed or not guard.stopped:
                return failure
            return Failure(AddressForbidden("the host has no address that may be called"))

        try:
            connecting: Deferred[IProtocol] = endpoint.connect(protocolFactory)
        finally:
            if not guard.was_asked:
                self._lookups.release()
        return connecting.addErrback(explained)


@implementer(IHostnameResolver)
@define(eq=False)
class _Guard:
    """Looks up as somebody else does, and keeps forbidden addresses to itself."""

    _resolver: Any
    _may_reach: Callable[[str], bool]
    over: Callable[[], None]
    """Is told when a look-up has come to its end, whoever still waits for it."""
    was_asked: bool = field(default=False, init=False)
    passed: int = field(default=0, init=False)
    stopped: int = field(default=0, init=False)

    def resolveHostName(
        self, resolutionReceiver: IResolutionReceiver, *args: Any, **kwargs: Any
    ) -> IHostResolution:
        """Begin."""
        receiver = _Judging(resolutionReceiver, self)
        begun: IHostResolution = self._resolver.resolveHostName(receiver, *args, **kwargs)
        self.was_asked = True
        return begun

    def passes(self, address: Any) -> bool:
        """Judge an address."""
        if self.passed < MOST and self._may_reach(address.host):
            self.passed += 1
            return True
        self.stopped += 1
        return False


@implementer(IResolutionReceiver)
@frozen
class _Judging:
    """Hands on what passes."""

    _receiver: Any
    _guard: _Guard

    def resolutionBegan(self, resolution: IHostResolution) -> None:
        """Hear that the look-up has begun."""
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: IAddress) -> None:
        """Hear of an address."""
        if self._guard.passes(address):
            self._receiver.addressResolved(address)

    def resolutionComplete(self) -> None:
        """Hear that these were all."""
        self._guard.over()
        self._receiver.resolutionComplete()


@implementer(IReactorPluggableNameResolver)
class _Reactor:
    """A reactor with another way to look names up."""

    def __init__(self, reactor: Any, resolver: _Guard) -> None:
        self._reactor = reactor
        self.nameResolver = resolver

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reactor, name)

    def installNameResolver(self, resolver: IHostnameResolver) -> IHostnameResolver:
        """Refuse: this one stays."""
        raise NotImplementedError

"""The applications pushes can go to, and by which lane: the port `Routes` of the pipeline.

An application is named by the channel a customer's server names.  Those of the operator are for
every customer; a customer's own of the same name goes before.

What waits of a customer that is switched off has a lane that leads nowhere, one for each.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Final

from attrs import define, field, frozen

from procall_mobility.gateway.push.applications.carriers import Carrier
from procall_mobility.gateway.push.applications.ways import Branch, Way
from procall_mobility.gateway.push.ports import QueuedPush
from procall_mobility.gateway.reasons import Reason

OFF: Final = "switched-off:"
"""Before a UCSID: the lane where its pushes wait.  No provider is called so."""


@frozen(kw_only=True)
class PushApp:
    """An application."""

    name: str
    ucsid: str | None
    """The customer it belongs to; None is for every customer."""
    provider: str
    branches: Mapping[bool, Way]
    """By whether it is the provider's sandbox; one or both."""
    sandbox_first: bool = False
    """Where tokens are tried that nothing is known of."""

    first: Way = field(init=False, repr=False, eq=False)
    """The way for tokens that nothing is known of."""

    @first.default
    def _first(self) -> Way:
        return self.branches.get(self.sandbox_first) or next(iter(self.branches.values()))


@define(eq=False)
class PushApps:
    """All applications."""

    is_customer: Callable[[str], bool] = field(default=lambda _: True, init=False, repr=False)
    """Whether there is a customer of this UCSID."""
    _apps: dict[tuple[str, str], PushApp] = field(factory=dict, init=False)
    _shared: dict[str, PushApp] = field(factory=dict, init=False)
    """Those that are for every customer."""
    _own: dict[str, dict[str, PushApp]] = field(factory=dict, init=False)
    """By customer."""
    _standing: dict[str, Carrier] = field(factory=dict, init=False)
    _forbidden: dict[str, frozenset[str]] = field(factory=dict, init=False)
    _off: set[str] = field(factory=set, init=False)
    _removed: set[str] = field(factory=set, init=False)

    def __len__(self) -> int:
        return len(self._apps)

    def __iter__(self) -> Iterator[PushApp]:
        return iter(self._apps.values())

    def replace(self, apps: list[PushApp]) -> None:
        """Know these from now on, and no others."""
        self._apps = {(app.ucsid or "", app.name): app for app in apps}
        self._shared, self._own = {}, {}
        for app in self:
            place = self._own.setdefault(app.ucsid, {}) if app.ucsid else self._shared
            place[app.name] = app
        found = [way.standing for app in self for way in app.branches.values()]
        self._standing = {each.lane: each.carrier for each in found if each is not None}

    def forbid(self, customer: str, providers: Collection[str]) -> None:
        """Let no push of a customer go to some providers from now on, and to all others."""
        self._forbidden.pop(customer, None)
        if providers:
            self._forbidden[customer] = frozenset(providers)

    def switch(self, customer: str, *, is_on: bool) -> bool:
        """Let a customer's pushes go out or wait from now on; tell whether that is a change."""
        changes = customer in self._removed or is_on == (customer in self._off)
        self._removed.discard(customer)
        (self._off.discard if is_on else self._off.add)(customer)
        return changes

    def remove(self, customer: str) -> None:
        """Have no lane any more for what waits of a customer: there is none of this name."""
        self._off.discard(customer)
        self._removed.add(customer)

    def find(self, customer: str, name: str) -> PushApp | None:
        """Return what a customer means by a name; None where it may not go there."""
        own = self._own.get(customer)
        app = (own.get(name) if own else None) or self._shared.get(name)
        if self._forbidden and app is not None:
            return None if app.provider in self._forbidden.get(customer, ()) else app
        return app

    def why_not(self, customer: str, name: str) -> Reason:
        """Return why `find` finds nothing."""
        is_known = name in self._shared or name in self._own.get(customer, ())
        return Reason.PROVIDER_FORBIDDEN if is_known else Reason.UNKNOWN_APP

    def branch(self, push: QueuedPush) -> Branch | None:
        """Return where a push goes; None where its application is not."""
        app = self.find(push.customer, push.app)
        if app is None:
            return None
        way = app.first if push.sandbox is None else app.branches.get(push.sandbox)
        return None if way is None else way.branch(push.notification.token)

    def carrier(self, lane: str) -> Carrier | None:
        """Return one of the carriers of a lane; None of a lane that has no reason to be."""
        standing = self._standing.get(lane)
        if standing is not None:
            return standing
        ways = (way for app in self for way in app.branches.values())
        return next((found for way in ways if (found := way.carrier_of(lane)) is not None), None)

    # The port Routes ----------------------------------------------------------------------

    def lane(self, push: QueuedPush) -> str | None:
        """Return the name of a push's lane."""
        if push.customer in self._off:
            return f"{OFF}{push.customer}"
        if push.customer in self._removed:
            return None
        branch = self.branch(push)
        return None if branch is None else branch.lane

    def standing(self) -> Mapping[str, Carrier]:
        """Return the lanes that are there all the time, each with one of its carriers."""
        return self._standing

    def serves(self, lane: str) -> bool:
        """Tell whether pushes may go by a lane, or wait in it."""
        if lane.startswith(OFF):
            return lane.removeprefix(OFF) in self._off
        return self.carrier(lane) is not None

    def knows(self, customer: str) -> bool:
        """Tell whether there is such a customer; not asked for each push."""
        return self.is_customer(customer)

    def is_off(self, customer: str) -> bool:
        """Tell whether nothing of a customer goes out: it is switched off, or was removed."""
        return customer in self._off or customer in self._removed

    def is_rest(self, lane: str) -> bool:
        """Tell whether a lane has what waits for a customer to be switched on."""
        return lane.startswith(OFF)

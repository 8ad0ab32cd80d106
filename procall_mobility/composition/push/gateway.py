"""The push gateway as it runs: its applications and credentials follow what is registered."""

import datetime
from collections.abc import Callable, Mapping
from pathlib import Path

from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from procall_mobility.config import Settings
from procall_mobility.gateway.desks import Desk
from procall_mobility.gateway.push.applications.expiry import Expiring
from procall_mobility.gateway.push.applications.ways import AT
from procall_mobility.gateway.push.providers.credentials import PushCredentials, held
from procall_mobility.gateway.push.providers.workshop import Fetched
from procall_mobility.operations.admin_socket import Verb
from procall_mobility.operations.garbage import LOOK_EVERY, LongQueue
from procall_mobility.protocols.push.credentials import LARGEST_FILE, CredentialError
from procall_mobility.storage.customers import CustomerStore
from procall_mobility.storage.push_apps import PushAppStore
from procall_mobility.storage.push_store import DurablePushStore
from procall_mobility.transports.providers import ProviderNetwork
from procall_mobility.transports.push_runner import PushRunner
from procall_mobility.transports.push_tokens import TokenFetcher


@define(eq=False, kw_only=True)
class PushGateway:
    """The gateway."""

    desks: tuple[Desk, ...]
    runner: PushRunner
    verbs: Mapping[str, Verb]
    """What operators may ask."""
    acknowledged: Mapping[str, int]
    """How many pushes devices say they have received, by what they were about."""
    _store: DurablePushStore
    _customers: CustomerStore
    _registered: PushAppStore
    _credentials: PushCredentials
    _network: ProviderNetwork
    _change: Callable[[Settings], bool] = lambda settings: False
    """Has everybody go by other settings; tells whether applications have to be made anew."""
    _files: dict[str, tuple[int, int] | None] = field(factory=dict, init=False)
    """Of each credential, what its file looked like when it was read last."""
    _fetchers: dict[bytes, TokenFetcher] = field(factory=dict, init=False)
    _looks: LoopingCall = field(init=False)
    _stopped: "Deferred[None] | None" = field(default=None, init=False)
    _log = Logger()

    @property
    def expiring(self) -> list[Expiring]:
        """Return the credentials that end."""
        return self._credentials.expiring()

    def start(self) -> None:
        """Connect to providers, and take up what was left by the last run."""
        self.runner.token_wanted = self._fetch
        self.runner.apps.is_customer = self._is_customer
        for customer in self._customers.all():
            self.runner.apps.forbid(customer.ucsid, customer.switches.push_without)
            self.runner.apps.switch(customer.ucsid, is_on=customer.enabled)
        self._read()
        self.runner.start()
        self._looks = LoopingCall(LongQueue(lambda: self.runner.pipeline.open).look)
        self._looks.clock = self.runner.household.reactor
        self._looks.start(LOOK_EVERY, now=False)

    def catch_up(self) -> None:
        """Take over what another daemon has written since the queue was opened."""
        self._store.catch_up()

    def stop(self) -> "Deferred[None]":
        """Drain, and close the queue; asked again, it fires when that is done."""
        if self._stopped is None:
            self._looks.stop()
            self._stopped = self.runner.stop()
            for fetcher in self._fetchers.values():
                fetcher.stop()
            self._stopped.addBoth(lambda _: self._store.close())
        return self._stopped

    def change(self, settings: Settings) -> None:
        """Go by other settings from now on, as far as they may change."""
        is_new = self._change(settings)
        self.runner.pipeline.share_changed(None)
        if is_new:
            self._read()
            self.runner.apps_changed()

    def look_for_changes(self) -> None:
        """Take over applications and credentials that were changed, and tell of a wrong clock."""
        for age in self._credentials.doubts():
            text = "Apple took a fresh token for expired; is the clock of this machine right?"
            self._log.error("clock doubted", seconds=round(age), text=text)
        for near in self._credentials.ending():
            text = f"in {near.days} days" if near.days else "it has ended"
            until = datetime.datetime.fromtimestamp(near.at, datetime.UTC)
            self._log.error(
                "push credential ends", name=near.name, until=until.isoformat(), text=text
            )
        files = {name: _looks(Path(name)) for name in self._files}
        if self._registered.have_changed() or files != self._files:
            self._read()
            self.runner.apps_changed()

    def customer_changed(self, ucsid: str) -> None:
        """Take over where a customer's pushes may not go, and whether they go out at all.

        Those that wait for a provider that is forbidden now are rejected, and so are all of a
        customer that was removed.  Those of one that is switched off are kept until they expire,
        and go out when it is on again.
        """
        customer, apps = self._customers.find(ucsid), self.runner.apps
        apps.forbid(ucsid, customer.switches.push_without if customer else ())
        if customer is None:
            apps.remove(ucsid)
        elif not apps.switch(ucsid, is_on=customer.enabled):
            return
        self.runner.apps_changed()

    def _is_customer(self, ucsid: str) -> bool:
        found = self._customers.find(ucsid)
        return found is not None and found.ucsid == ucsid

    def _read(self) -> None:
        """Make all applications anew; one whose credential is spoilt stays what it was."""
        before = {(app.ucsid, app.name): app for app in self.runner.apps}
        apps, keeps = [], False
        self._files = {}
        for told in self._registered.all():
            file = Path(told.credential)
            self._files[told.credential] = _looks(file)
            try:
                apps.append(self._credentials.app(told, _octets(file)))
                continue
            except OSError as error:
                why = f"{error.strerror}; the daemon's user must be able to read it"
            except CredentialError as error:
                why = str(error)
            self._log.error(
                "push app without credential", name=told.name, file=str(file), error=why
            )
            apps.append(before.get((told.ucsid, told.name)) or held(told))
            keeps = True
        self.runner.apps.replace(apps)
        if not keeps:
            self._credentials.forget_unused()
        for mark in [each for each in self._fetchers if each not in self._credentials.fetched]:
            self._fetchers.pop(mark).stop()
        for mark, fetched in self._credentials.fetched.items():
            if mark not in self._fetchers:
                self._fetchers[mark] = fetcher = self._fetcher(fetched)
                fetcher.start()

    def _fetch(self) -> None:
        for fetcher in self._fetchers.values():
            fetcher.stirred()

    def _fetcher(self, fetched: Fetched) -> TokenFetcher:
        def lanes() -> list[str]:
            of_its_places = f"{fetched.name}{AT}"
            return [
                lane
                for lane in self.runner.lanes
                if lane == fetched.name or lane.startswith(of_its_places)
            ]

        return TokenFetcher(
            name=fetched.name,
            tokens=fetched.tokens,
            endpoint=self._network.http1(fetched.host),
            household=self.runner.household,
            renewed=lambda: self.runner.token_arrived(lanes()),
            failed=lambda reason: self.runner.token_missing(lanes(), reason),
        )


def _octets(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(LARGEST_FILE + 1)


def _looks(file: Path) -> tuple[int, int] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size

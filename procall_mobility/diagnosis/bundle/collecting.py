"""Collects the sections of a bundle, one after the other; what cannot be had is said instead."""

import datetime
from collections.abc import Callable, Iterable, Iterator

from attrs import field, frozen

from procall_mobility.composition.terms import needs_certificate
from procall_mobility.config import Settings
from procall_mobility.diagnosis.bundle import answers, pages
from procall_mobility.diagnosis.bundle.log_files import NotReadable, read_book
from procall_mobility.diagnosis.bundle.log_privacy import LogPrivacy
from procall_mobility.diagnosis.bundle.sections import Section, bounded
from procall_mobility.diagnosis.bundle.shortening import shorten
from procall_mobility.diagnosis.bundle.shown_settings import own_addresses_in, shown_settings
from procall_mobility.diagnosis.bundle.versions import versions
from procall_mobility.diagnosis.examination import Wishes, diagnose
from procall_mobility.diagnosis.facts.certificate import look_at_certificate
from procall_mobility.diagnosis.facts.daemon import account_of, ask, look_at_daemon
from procall_mobility.diagnosis.findings import WORST_FIRST, Finding
from procall_mobility.operations.admin_answer import Answer
from procall_mobility.transports.own_addresses import own_addresses

NO_DAEMON = "no daemon answers"


@frozen(kw_only=True)
class Collecting:
    """What is wanted."""

    settings: Settings
    wishes: Wishes
    since: datetime.datetime
    now: Callable[[], float] = field(repr=False)
    """Calendar time in seconds."""

    def sections(self) -> Iterator[Section]:
        """Yield them; each takes its time, when it is asked for."""
        yield bounded("Versions", versions())
        keep = own_addresses_in(self.settings) | frozenset(own_addresses())
        for make in (self._findings, self._certificate):
            yield _shortened(make(), keep)
        # What the operator has written down is not shortened: rules would say something else.
        yield bounded("Settings", shown_settings(self.settings))
        for make in (self._health, self._status, self._pushes, self._datapath, self._metrics):
            yield _shortened(make(), keep)
        log = self.settings.log
        yield self._book("Access book", log.access, "procall-mobility-access", is_access=True)
        yield self._book("Service book", log.service, "procall-mobility", is_access=False)

    def _findings(self) -> Section:
        found = diagnose(self.settings, self.wishes)
        # Thousands of customers without a link would leave no room for what is wrong.
        found.sort(key=lambda each: WORST_FIRST.index(each.state))
        lines = [line for each in found for line in finding_lines(each)]
        return bounded("What the doctor says", lines)

    def _certificate(self) -> Section:
        if not needs_certificate(self.settings):
            return bounded("Certificate", ("none is needed",))
        daemon = look_at_daemon(self.settings)
        account = account_of(self.settings, daemon)
        facts = look_at_certificate(
            self.settings, account, daemon, self.wishes.authorities, self.now()
        )
        lines = [f"{each.setting}: {each.owner} {each.mode}" for each in facts.files]
        shown = facts.shown
        if shown is not None:
            trust = "trusted" if shown.distrust is None else shown.distrust.text
            lines += [
                f"names: {', '.join((*shown.dns_names, *shown.addresses))}",
                f"good from {shown.begins.isoformat()} until {shown.ends.isoformat()}",
                f"chain of {shown.length}, issued last by {shown.last_issuer}: {trust}",
            ]
        return bounded("Certificate", lines, ("keys, of which only owner and mode are shown",))

    def _health(self) -> Section:
        return _asked("Health", lambda: pages.health(self.settings))

    def _metrics(self) -> Section:
        customer = self.wishes.customer

        def ours() -> Iterator[str]:
            for line in pages.metrics(self.settings):
                if customer is None or pages.of_customer(line, customer):
                    yield line

        return _asked("Metrics", ours)

    def _status(self) -> Section:
        told = Answer(ask(self.settings, "status"))
        if not told:
            return bounded("Daemon", (), (NO_DAEMON,))
        lines = list(answers.status_lines(told, self.wishes.customer))
        refused = Answer(ask(self.settings, "refusals"))
        refusals = answers.of_customer(refused, self.wishes.customer)
        lines.append("last refusals and losses of links:")
        lines += [f"  {each}" for each in answers.rows(refusals, answers.REFUSAL_TEXTS)]
        return bounded("Daemon", lines)

    def _pushes(self) -> Section:
        lanes, queue = ask(self.settings, "push-lanes"), ask(self.settings, "push-queue")
        if lanes is None or queue is None:
            return bounded("Pushes", (), ("no daemon answers that takes pushes",))
        customer = self.wishes.customer
        waiting = answers.of_customer(Answer(queue)["queue"], customer)
        used = {each["lane"].text for each in waiting}
        shown = [e for e in Answer(lanes) if customer is None or e["lane"].text in used]
        lines = ["lanes:", *answers.rows(shown, answers.LANE_TEXTS)]
        lines += ["waiting:", *answers.rows(waiting, answers.LANE_TEXTS)]
        return bounded("Pushes", lines, ("contents, tokens and devices of pushes",))

    def _datapath(self) -> Section:
        told = Answer(ask(self.settings, "turn-datapath"))
        if not told:
            return bounded("Datapath", (), ("no daemon answers that relays",))
        lines = [answers.row(told, answers.DATAPATH_TEXTS)]
        for name in ("passed_up", "left_to_python"):
            lines += [f"{name}: {key} = {count}" for key, count in told[name].counts()]
        return bounded("Datapath", lines)

    def _book(self, title: str, target: str, identifier: str, *, is_access: bool) -> Section:
        privacy = LogPrivacy(since=self.since, customer=self.wishes.customer, is_access=is_access)
        try:
            read = read_book(target, identifier, self.since.timestamp())
            shown = [line for each in read if (line := privacy.shown(each)) is not None]
        except NotReadable as error:
            return bounded(title, (), (f"all of it: {error}",))
        counts = (
            (privacy.older, f"lines before {self.since.isoformat(timespec='minutes')}"),
            (privacy.others, "lines of other customers"),
            (privacy.strange, "lines that are not of the daemon's form"),
        )
        left_out = [f"{count} {what}" for count, what in counts if count]
        left_out.append("the ends of addresses")
        return bounded(title, shown, left_out, keeps_last=True)


def finding_lines(finding: Finding) -> Iterator[str]:
    """Return a finding for people."""
    yield f"{finding.state.value:<8}{finding.check}: {finding.what}"
    if finding.cure:
        yield f"{'':<8}-> {finding.cure}"


def _asked(title: str, ask_for: Callable[[], Iterable[str]]) -> Section:
    try:
        return bounded(title, ask_for())
    except pages.NotAsked as error:
        return bounded(title, (), (f"all of it: {error}",))


def _shortened(section: Section, keep: frozenset[str]) -> Section:
    return Section(
        title=section.title,
        lines=tuple(shorten(line, keep) for line in section.lines),
        left_out=section.left_out,
    )

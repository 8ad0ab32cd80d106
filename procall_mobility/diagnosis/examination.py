"""Looks at everything and judges it, each check by itself: none hides what others find."""

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Final

from attrs import frozen

from procall_mobility import __version__
from procall_mobility.composition.terms import needs_certificate, turn_is_on
from procall_mobility.config import Settings, SettingsError
from procall_mobility.diagnosis.facts.certificate import look_at_certificate
from procall_mobility.diagnosis.facts.clock import look_at_clock
from procall_mobility.diagnosis.facts.daemon import (
    account_of,
    look_at_account,
    look_at_daemon,
)
from procall_mobility.diagnosis.facts.file_limit import look_at_file_limit
from procall_mobility.diagnosis.facts.firewall import look_at_firewall
from procall_mobility.diagnosis.facts.links import look_at_links
from procall_mobility.diagnosis.facts.names import look_around, look_at_names
from procall_mobility.diagnosis.facts.parts import look_at_datapath, look_at_parts
from procall_mobility.diagnosis.facts.ports import look_at_ipv6, look_at_ports
from procall_mobility.diagnosis.facts.providers import call_providers
from procall_mobility.diagnosis.facts.reachability import call_from_outside, call_relay
from procall_mobility.diagnosis.facts.storage import look_at_storage
from procall_mobility.diagnosis.findings import Finding, ok, unknown, wrong
from procall_mobility.diagnosis.judgements.certificate import judge_certificate
from procall_mobility.diagnosis.judgements.clock import judge_clock
from procall_mobility.diagnosis.judgements.credentials import judge_credentials
from procall_mobility.diagnosis.judgements.daemon import judge_account, judge_daemon
from procall_mobility.diagnosis.judgements.file_limit import judge_file_limit
from procall_mobility.diagnosis.judgements.files import not_for_the_daemon
from procall_mobility.diagnosis.judgements.firewall import judge_firewall
from procall_mobility.diagnosis.judgements.ipv6 import judge_ipv6
from procall_mobility.diagnosis.judgements.links import judge_links
from procall_mobility.diagnosis.judgements.names import judge_names
from procall_mobility.diagnosis.judgements.parts import judge_datapath, judge_parts
from procall_mobility.diagnosis.judgements.ports import judge_ports
from procall_mobility.diagnosis.judgements.providers import (
    applications_unread,
    judge_providers,
)
from procall_mobility.diagnosis.judgements.reachability import judge_reports
from procall_mobility.diagnosis.judgements.storage import judge_storage

AT_ONCE: Final = 8
"""Checks at the same time: most of what takes long is waiting."""

Check = Callable[[], Iterable[Finding]]


@frozen(kw_only=True)
class Wishes:
    """What whoever asks wants to have looked at."""

    authorities: Path | None = None
    """PEM file of authorities to trust besides the system's."""
    time_server: str | None = None
    """Whom to compare the clock with: `host` or `host:port`."""
    calls_providers: bool = True
    """Whether push providers may be called."""
    customer: str | None = None
    """Whose links and applications are of interest; None is for everybody's."""

    def is_about(self, customer: str | None) -> bool:
        """Tell whether something of a customer's, or of nobody's, is of interest."""
        return self.customer is None or customer in (None, self.customer)


def diagnose(settings: Settings, wishes: Wishes | None = None) -> list[Finding]:
    """Look at everything these settings are about; changes nothing, and needs no daemon.

    It takes as long as the slowest of what it calls: less than a second, some five where something
    does not answer, and as long as the system's resolver has patience where that does not.
    """
    wishes = wishes or Wishes()
    daemon = look_at_daemon(settings)
    account = account_of(settings, daemon)
    told = look_at_account(settings, daemon)
    runs = daemon.status is not None
    as_daemon = told.is_root or told.daemons in (None, told.mine)

    def of_rights(found: Iterable[Finding]) -> Iterable[Finding]:
        return found if as_daemon else not_for_the_daemon(found)

    def clock() -> Iterable[Finding]:
        return judge_clock(look_at_clock(wishes.time_server, called.result().dates))

    def links() -> Iterable[Finding]:
        found = look_at_links(settings, daemon)
        if found is None:
            return ()
        wanted = (each for each in found.customers if wishes.is_about(each.ucsid))
        return judge_links(wanted, found.strangers)

    def credentials() -> Iterable[Finding]:
        found = called.result().credentials
        return judge_credentials(each for each in found if wishes.is_about(each.customer))

    def providers() -> Iterable[Finding]:
        found, named = called.result(), settings.push.authorities
        if found.is_unread:
            yield applications_unread()
            return
        # Who was not to be called is no finding.
        if wishes.calls_providers or found.authorities_problem is not None:
            yield from judge_providers(found.providers, named, found.authorities_problem)

    checks: list[tuple[str, Check]] = [
        ("daemon", lambda: of_rights(judge_daemon(daemon, __version__))),
        ("account", lambda: judge_account(told)),
        (
            "ports",
            lambda: judge_ports(
                look_at_ports(settings, daemon),
                daemon_runs=runs,
                as_daemon=as_daemon,
            ),
        ),
        ("ipv6", lambda: judge_ipv6(look_at_ipv6(settings))),
        ("dns", lambda: judge_names(look_at_names(settings), look_around(settings))),
        ("firewall", lambda: judge_firewall(look_at_firewall(settings))),
        ("clock", clock),
        ("file-limit", lambda: judge_file_limit(look_at_file_limit(settings, daemon))),
        ("storage", lambda: of_rights(judge_storage(look_at_storage(settings, account)))),
        ("parts", lambda: judge_parts(look_at_parts(settings))),
        ("push-credentials", credentials),
        ("providers", providers),
        ("links", links),
    ]
    if needs_certificate(settings):
        checks.append(
            (
                "certificate",
                lambda: of_rights(
                    judge_certificate(
                        look_at_certificate(
                            settings, account, daemon, wishes.authorities, time.time()
                        )
                    )
                ),
            )
        )
    if turn_is_on(settings):
        checks.append(("datapath", lambda: judge_datapath(look_at_datapath(settings, daemon))))
        if runs:
            checks.append(
                ("relay", lambda: judge_reports(call_relay(settings), from_outside=False))
            )
    with ThreadPoolExecutor(AT_ONCE) as pool:
        called = pool.submit(call_providers, settings, account, calls=wishes.calls_providers)
        return _found(pool, checks)


def diagnose_from_outside(host: str, authorities: Path | None) -> list[Finding]:
    """Look at another machine's service from here, as its clients do.

    Args:
        host: a name or address, or `stun:` and `stuns:` URLs with commas between.
        authorities: PEM file of those to trust besides the system's.

    Raises:
        OSError: the file cannot be read, or has no certificate.
    """
    return list(judge_reports(call_from_outside(host, authorities), from_outside=True))


def of_settings(file: Path, error: SettingsError) -> list[Finding]:
    """Return what is wrong with the settings file itself, all of it."""
    mistake = "Correct it; docs/settings.md and the commented file show every setting."
    unread = "See that it is there, and that this account may read it; --config names another."
    return [
        wrong("settings", "settings", f"{file}: {each}.", mistake)
        if each.path or each.line
        else wrong("settings", "settings-unread", f"{each.text}.", unread)
        for each in error.errors
    ]


def settings_are_well(file: Path) -> Finding:
    """Return that a settings file can be used."""
    return ok("settings", f"{file} can be used.")


def _found(pool: ThreadPoolExecutor, checks: Sequence[tuple[str, Check]]) -> list[Finding]:
    """Return what all checks have found, in their order."""
    asked: list[tuple[str, Future[list[Finding]]]] = [
        (name, pool.submit(_all_of, check)) for name, check in checks
    ]
    found: list[Finding] = []
    for name, each in asked:
        try:
            found += each.result()
        except Exception as error:  # noqa: BLE001  # One that fails must not hide the others.
            found.append(_own_fault(name, error))
    return found


def _all_of(check: Check) -> list[Finding]:
    return list(check())


def _own_fault(check: str, error: Exception) -> Finding:
    kind = type(error).__name__
    return unknown(
        check,
        "not-looked-at",
        f"This could not be looked at ({kind}: {error}).",
        "Report it as a fault of procall-mobility, with a support bundle.",
    )

"""Calls the providers that registered applications need, as far as a connection in TLS."""

import email.utils
import errno
import os
import random
import socket
import ssl
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import attrs

from procall_mobility.config import Settings
from procall_mobility.config.small_files import read_small
from procall_mobility.diagnosis.facts.daemon import Account
from procall_mobility.diagnosis.facts.files import may
from procall_mobility.diagnosis.facts.store import read
from procall_mobility.diagnosis.facts.waiting import within
from procall_mobility.diagnosis.judgements.clock import Comparison
from procall_mobility.diagnosis.judgements.credentials import CredentialFacts
from procall_mobility.diagnosis.judgements.providers import Obstacle, ProviderFacts
from procall_mobility.gateway.push.applications.registrations import Registration
from procall_mobility.gateway.push.providers.credentials import PushCredentials
from procall_mobility.gateway.push.providers.workshop import Workshop
from procall_mobility.protocols.authority import split
from procall_mobility.protocols.push.credentials import CredentialError
from procall_mobility.storage.push_apps import PushAppStore

PATIENCE = 5.0
"""Seconds for the name, and for each step of a connection."""

MOST_PLACES = 32
"""Providers that are called, at the same time; each has two or three hosts."""

WHOLE_SECOND = 1.0
"""Of which a date in HTTP has nothing."""

LARGEST_HEAD = 8192


@attrs.frozen(kw_only=True)
class Called:
    """What calling them has come to."""

    providers: tuple[ProviderFacts, ...]
    credentials: tuple[CredentialFacts, ...]
    dates: tuple[Comparison, ...]
    """What time it is by their clocks, where they say."""
    authorities_problem: str | None = None
    """Why nobody can be called: what push.authorities names cannot be used."""
    is_unread: bool = False
    """Whether there may be applications that could not be read."""


def call_providers(
    settings: Settings, account: Account | None = None, *, calls: bool = True
) -> Called:
    """Call all that applications need; where no pushes are taken, nobody.

    Args:
        settings: all of them.
        account: who is to read their credentials; None for us.
        calls: whether they may be called; else credentials are looked at alone.
    """
    if not settings.push.enabled:
        return Called(providers=(), credentials=(), dates=())
    told = read(settings, lambda store: PushAppStore(store).all())
    if told is None:
        is_unread = _may_be_there(Path(settings.store.path))
        return Called(providers=(), credentials=(), dates=(), is_unread=is_unread)
    uses, credentials = _places(told, settings, account)
    places = list(uses)[:MOST_PLACES] if calls else []
    problem: str | None = None
    try:
        context = ssl.create_default_context(cafile=settings.push.authorities or None)
    except ssl.SSLError:
        problem = "there is no certificate in PEM form in it"
    except OSError as error:
        problem = error.strerror or str(error)
    if problem is not None:
        return Called(
            providers=(), credentials=tuple(credentials), dates=(), authorities_problem=problem
        )
    # The daemon is not as strict as Python is since 3.13, and nor are we.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    with ThreadPoolExecutor(MOST_PLACES) as pool:
        found = list(pool.map(lambda place: _call(place, tuple(uses[place]), context), places))
    return Called(
        providers=tuple(facts for facts, _ in found),
        credentials=tuple(credentials),
        dates=tuple(date for _, date in found if date is not None),
    )


def _may_be_there(store: Path) -> bool:
    try:
        return store.exists()
    except PermissionError:
        return True


def _places(
    told: Iterable[Registration], settings: Settings, account: Account | None
) -> tuple[dict[str, list[str]], list[CredentialFacts]]:
    """Return who is called for whom, and how it is with the credentials that say so."""
    hosts = attrs.asdict(settings.push.hosts)
    workshop = Workshop(
        wall_clock=time.time,
        clock=time.monotonic,
        dice=random.random,
        entropy=os.urandom,
        hosts={name.replace("_", "-"): host for name, host in hosts.items() if host},
    )
    credentials = PushCredentials(workshop)
    uses: dict[str, list[str]] = {}
    judged = []
    for each in told:
        problem = None
        try:
            app = credentials.app(each, _read(Path(each.credential), account))
        except OSError as error:
            problem = error.strerror or "it cannot be read"
        except CredentialError as error:
            problem = str(error)
        else:
            for way in app.branches.values():
                standing = way.standing
                destination = standing.carrier.destination if standing is not None else None
                if destination is not None:
                    _use(uses, destination.host, each.provider.value)
        facts = CredentialFacts(
            channel=each.name,
            customer=each.ucsid,
            provider=each.provider.value,
            file=each.credential,
            problem=problem,
        )
        judged.append(facts)
    for fetched in credentials.fetched.values():
        _use(uses, fetched.host, fetched.name.partition(":")[0])
    return uses, judged


def _read(file: Path, account: Account | None) -> bytes:
    """Read a credential, if the account may that is to: root may read all."""
    if account is not None and file.exists() and not may(account, file, "-r"):
        raise PermissionError(errno.EACCES, f"{account.name} may not read it")
    return read_small(file)


def _use(uses: dict[str, list[str]], host: str, provider: str) -> None:
    users = uses.setdefault(host, [])
    if provider not in users:
        users.append(provider)


def _call(
    authority: str, uses: tuple[str, ...], context: ssl.SSLContext
) -> tuple[ProviderFacts, Comparison | None]:
    host, port = split(authority)
    place = f"{host}:{port}"
    started = time.monotonic()
    try:
        found = within(PATIENCE, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    except OSError as error:
        why = error.strerror or f"no answer within {PATIENCE:g} s"
        facts = ProviderFacts(place=place, uses=uses, obstacle=Obstacle.NAME, detail=why)
        return facts, None
    date = None
    try:
        with (
            _connected(found) as connection,
            context.wrap_socket(connection, server_hostname=host) as secured,
        ):
            took = (time.monotonic() - started) * 1000
            date = _date(secured, host)
    except OSError as error:
        obstacle, detail = _obstacle(error)
        return ProviderFacts(place=place, uses=uses, obstacle=obstacle, detail=detail), None
    return ProviderFacts(place=place, uses=uses, milliseconds=took), date


def _connected(places: Sequence[Any]) -> socket.socket:
    """Connect to the first address that lets us."""
    last: OSError = ConnectionRefusedError()
    for family, kind, protocol, _, place in places[:4]:
        opened = socket.socket(family, kind, protocol)
        opened.settimeout(PATIENCE)
        try:
            opened.connect(place)
        except OSError as error:
            opened.close()
            last = error
        else:
            return opened
    raise last


def _obstacle(error: OSError) -> tuple[Obstacle, str]:
    match error:
        case ssl.SSLCertVerificationError(verify_code=9 | 10):
            return Obstacle.TIME, error.verify_message
        case ssl.SSLCertVerificationError():
            return Obstacle.UNTRUSTED, error.verify_message
        case ssl.SSLError():
            return Obstacle.TLS, error.reason or ""
        case TimeoutError():
            return Obstacle.SILENCE, ""
        case ConnectionRefusedError():
            return Obstacle.REFUSED, ""
        case ConnectionError():
            return Obstacle.TLS, "the connection was cut"
    return Obstacle.SILENCE, error.strerror or ""


def _date(connection: ssl.SSLSocket, host: str) -> Comparison | None:
    """Ask for nothing but the head, which has the date; None where it has not.

    Without ALPN a provider speaks HTTP/1.1, or nothing that we would understand.
    """
    request = f"HEAD / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    try:
        connection.sendall(request.encode())
        head = connection.recv(LARGEST_HEAD).decode("latin-1")
    except OSError:
        return None
    if not head.startswith("HTTP/1."):
        return None
    for line in head.split("\r\n"):
        name, _, value = line.partition(":")
        if name.lower() == "date":
            try:
                theirs = email.utils.parsedate_to_datetime(value.strip()).timestamp()
            except ValueError:
                return None
            # In the middle of the second it names.
            late = time.time() - (theirs + WHOLE_SECOND / 2)
            return Comparison(whose=host, ahead=late, tolerance=WHOLE_SECOND)
    return None

"""Tries every way to the relay that clients are told: what answers, how fast, what fails."""

import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from statistics import median
from typing import Any

from attrs import define, field, frozen

from procall_mobility.operations.turn_caller import (
    Login,
    LostError,
    RefusedError,
    TurnCaller,
    Wire,
)
from procall_mobility.operations.turn_reports import (
    Failure,
    Fault,
    Report,
    Step,
    failure_of,
    leads_outside,
)
from procall_mobility.protocols.stun.addresses import TransportAddress
from procall_mobility.protocols.stun.uris import Carrier, Uri, parse_uri

PATIENCE = 5.0
"""Seconds for each step; what takes longer is of no use to a call."""

FAREWELL = 1.0
"""Seconds to give a relay back; it ends by itself if that is not heard."""

ROUNDS = 5
AGAIN_AFTER = 0.3
"""Seconds after which data that has not come through is sent again."""

MOST_ADDRESSES = 4
"""Addresses tried of one name."""

MOST_AT_ONCE = 16

ALPN = "stun.turn"
"""RFC 7443 section 3."""


@frozen(kw_only=True)
class Trust:
    """Whom TLS believes."""

    named: ssl.SSLContext
    """With the protocol's name in the handshake (ALPN)."""
    unnamed: ssl.SSLContext
    """Without it, as browsers do: the server has to know them by what they say first."""


Place = tuple[int, Any]
"""Where a socket is connected to: family and address."""


def probe(
    urls: Sequence[str],
    login: Login,
    authorities: Path | None = None,
    *,
    patience: float = PATIENCE,
) -> list[Report]:
    """Try all URLs at the same time, at all addresses each of them has.

    Args:
        urls: as clients are told them.
        login: a credential for the relay.
        authorities: PEM file of those TLS is to believe besides this machine's.
        patience: seconds for each step.

    Raises:
        OSError: the file cannot be read, or has no certificate.
    """
    trust = Trust(named=_trusting(authorities, ALPN), unnamed=_trusting(authorities))
    with ThreadPoolExecutor(MOST_AT_ONCE) as pool:
        found = [each for url in pool.map(_resolve, urls) for each in url]
        attempts = [
            pool.submit(_Attempt(report, login, trust, patience).run, place)
            for report, place in found
            if place is not None
        ]
        for attempt in attempts:
            attempt.result()
    return [report for report, _ in found]


def _resolve(url: str) -> list[tuple[Report, Place | None]]:
    """Return a report for each address, to be filled in, or one that says why there is none."""
    started = time.monotonic()
    try:
        uri = parse_uri(url)
    except ValueError:
        return [(Report(url, failure=Failure(Step.RESOLVE, Fault.MALFORMED)), None)]
    if uri.carrier is Carrier.DTLS:
        return [(Report(url, uri, failure=Failure(Step.RESOLVE, Fault.UNTRIED)), None)]
    kind = socket.SOCK_DGRAM if uri.carrier is Carrier.UDP else socket.SOCK_STREAM
    try:
        found = socket.getaddrinfo(uri.host, uri.port, type=kind)
    except OSError as error:
        return [(Report(url, uri, failure=failure_of(error, Step.RESOLVE)), None)]
    took = (time.monotonic() - started) * 1000
    return [
        (Report(url, uri, str(place[0]), {Step.RESOLVE: took}), (family, place))
        for family, _, _, _, place in found[:MOST_ADDRESSES]
    ]


@define(eq=False)
class _Attempt:
    """One URL at one address; fills its report in."""

    report: Report
    login: Login
    trust: Trust
    patience: float
    _step: Step = field(default=Step.CONNECT, init=False)

    def run(self, place: Place) -> None:
        with ExitStack() as opened:
            try:
                self._go(place, opened)
            except (RefusedError, LostError, OSError) as error:
                self.report.failure = failure_of(error, self._step)

    def _go(self, place: Place, opened: ExitStack) -> None:
        report, uri = self.report, self.report.uri
        assert uri is not None
        with self._measured(Step.CONNECT):
            near = self._caller(uri, place, opened, self.trust.named)
        with self._measured(Step.STUN):
            report.seen_as = _shown(near.binding(self._deadline()))
        if not uri.is_turn:
            return
        with self._measured(Step.ALLOCATE):
            relayed = near.allocate(self._deadline())
        report.relayed = _shown(relayed)
        self._step = Step.RELAY
        far = self._caller(uri, place, opened, self.trust.unnamed)
        far.allocate(self._deadline())
        report.took[Step.RELAY] = self._round_trip(near, far) * 1000
        if not leads_outside(place[1][0], relayed[0]):
            report.failure = Failure(Step.RELAY, Fault.NOT_PUBLIC)

    def _caller(
        self, uri: Uri, place: Place, opened: ExitStack, context: ssl.SSLContext
    ) -> TurnCaller:
        family, address = place
        is_stream = uri.carrier is not Carrier.UDP
        kind = socket.SOCK_STREAM if is_stream else socket.SOCK_DGRAM
        connection = opened.enter_context(socket.socket(family, kind))
        connection.settimeout(self.patience)
        connection.connect(address)
        if is_stream:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if uri.carrier is Carrier.TLS:
            secured = context.wrap_socket(connection, server_hostname=uri.host)
            connection = opened.enter_context(secured)
        caller = TurnCaller(Wire(connection, is_stream), self.login)
        opened.callback(_give_back, caller)
        return caller

    def _round_trip(self, near: TurnCaller, far: TurnCaller) -> float:
        """Let two relays that face each other pass data; the middle of the seconds it took."""
        assert near.relayed is not None
        assert far.relayed is not None
        near.permit(far.relayed, self._deadline())
        far.permit(near.relayed, self._deadline())
        rounds = []
        for number in range(ROUNDS):
            started = time.monotonic()
            self._pass(near, far, far.relayed, b"there %d" % number)
            self._pass(far, near, near.relayed, b"back %d" % number)
            rounds.append(time.monotonic() - started)
        return median(rounds)

    def _pass(
        self, sender: TurnCaller, receiver: TurnCaller, to: TransportAddress, data: bytes
    ) -> None:
        deadline = self._deadline()
        sender.send_to(to, data)
        while not _comes(receiver, data, min(deadline, time.monotonic() + AGAIN_AFTER)):
            if time.monotonic() >= deadline:
                raise TimeoutError
            sender.send_to(to, data)

    @contextmanager
    def _measured(self, step: Step) -> Iterator[None]:
        self._step = step
        started = time.monotonic()
        yield
        self.report.took[step] = (time.monotonic() - started) * 1000

    def _deadline(self) -> float:
        return time.monotonic() + self.patience


def _comes(receiver: TurnCaller, data: bytes, until: float) -> bool:
    """Whether the data arrives in time; what was sent twice may come twice, and does no harm."""
    try:
        while receiver.hear(until) != data:
            pass
    except TimeoutError:
        return False
    return True


def _give_back(caller: TurnCaller) -> None:
    if caller.relayed is not None:
        with suppress(RefusedError, LostError, OSError):
            caller.release(time.monotonic() + FAREWELL)


def _trusting(authorities: Path | None, *protocols: str) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if authorities is not None:
        context.load_verify_locations(authorities)
    if protocols:
        context.set_alpn_protocols(list(protocols))
    return context


def _shown(address: TransportAddress) -> str:
    host, port = address[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

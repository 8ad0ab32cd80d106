"""DTLS with clients that are not ours: coturn's loses nothing, and OpenSSL's checks the chain."""

import os
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from examples.uc_demo.authority import make_certificates
from tests.interop.turn.conftest import Volume
from tests.interop.turn.coturn_tools import run
from tests.interop.turn.dtls_client import DtlsClient, Losses
from tests.interop.turn.servers import CUSTOMER, PASSWORD, SECRET, USER, Relay
from tests.ports import free_port
from tests.transports.turn.dtls_records import HELLO, fragment, record

pytestmark = pytest.mark.interop

MESSAGES = 20
CREDENTIALS = ("-u", USER, "-w", PASSWORD)
PORT = free_port()

TOO_OLD = "alert protocol version"
MOST_TRIES = 50
"""Each that fails does so at once, and one in four or more succeeds."""


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relay]:
    ports = [free_port() for _ in range(4)]
    made = Relay(
        tmp_path_factory.mktemp("relay"),
        ("127.0.0.1", "::1"),
        *ports,
        limits={"allocations_per_user": 1000, "unauthenticated_per_second": 10_000},
        # coturn's client takes channels of RFC 5766 too.
        turn={"old_channels": True, "dtls": [f"127.0.0.1:{PORT}", f"[::1]:{PORT}"]},
    )
    made.prepare()
    made.start()
    try:
        yield made
    finally:
        made.stop()


# coturn's client --------------------------------------------------------------------------


def loses_nothing(
    relay: Relay, *options: object, host: str = "127.0.0.1", preloaded: Path | None = None
) -> None:
    """Let two clients of the relay talk to each other's relayed addresses.

    The program takes DTLS 1.0 or 1.2 by chance each time it connects.  Mostly it connects again
    when 1.0 is refused; where it gives up instead, it is asked again.
    """
    for _ in range(MOST_TRIES):
        outcome = run(
            "turnutils_uclient", "-S", "-p", PORT, "-n", MESSAGES, "-y", *options, host,
            folder=relay.folder, preloaded=preloaded,
        )  # fmt: skip
        if outcome.status == 0 or TOO_OLD not in outcome.said:
            break
    outcome.assert_nothing_is_lost(MESSAGES)
    assert relay.is_well(), relay.said()


@pytest.mark.parametrize(
    "options",
    [(), ("-c",), ("-s",), ("-g",), ("-G",), ("-D",), ("-l", "1200"), ("-m", "5")],
    ids=" ".join,
)
def test_two_clients_lose_nothing(relay: Relay, options: tuple[str, ...]) -> None:
    """RFC 7350: the same modes as over UDP; -S without -t is DTLS."""
    loses_nothing(relay, *CREDENTIALS, *options)


def test_moving_loses_nothing(relay: Relay, mended_client: Path) -> None:
    """RFC 8016: as over TLS, by a client that is mended; see test_coturn_mobility.py."""
    loses_nothing(relay, *CREDENTIALS, "-M", preloaded=mended_client)


@pytest.mark.parametrize("options", [("-x",), ("-Z",)], ids=" ".join)
def test_relays_of_ipv6_lose_nothing(relay: Relay, options: tuple[str, ...]) -> None:
    loses_nothing(relay, *CREDENTIALS, *options)


def test_clients_of_ipv6_lose_nothing(relay: Relay) -> None:
    loses_nothing(relay, *CREDENTIALS, "-x", host="::1")


def test_a_credential_minted_by_the_tool_itself_is_taken(relay: Relay) -> None:
    loses_nothing(relay, "-u", f"{CUSTOMER}:alice", "-W", SECRET)


# OpenSSL's client -------------------------------------------------------------------------


def s_client(relay: Relay, *options: str) -> str:
    done = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{PORT}", "-verify_ip", "127.0.0.1",
         "-CAfile", str(relay.folder / "ca.pem"), *options],
        input="Q\n", capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    return done.stdout + done.stderr


def test_openssl_trusts_the_chain(relay: Relay) -> None:
    said = s_client(relay, "-dtls1_2", "-alpn", "stun.turn")
    assert "Verify return code: 0 (ok)" in said, said
    assert "Protocol  : DTLSv1.2" in said or "DTLSv1.2" in said, said
    assert "ALPN protocol: stun.turn" in said, said
    assert "-GCM-" in said, said


def test_a_small_mtu_is_no_hindrance(relay: Relay) -> None:
    """RFC 6347 section 4.2.3: the client's part of the handshake comes in fragments."""
    said = s_client(relay, "-dtls1_2", "-mtu", "256")
    assert "Verify return code: 0 (ok)" in said, said


def test_old_versions_are_refused(relay: Relay) -> None:
    said = s_client(relay, "-dtls1", "-cipher", "DEFAULT:@SECLEVEL=0")
    assert "Cipher is (NONE)" in said, said
    assert relay.is_well(), relay.said()


# A client of ours --------------------------------------------------------------------------


@pytest.fixture
def plain() -> Iterator[Callable[[], socket.socket]]:
    """Open sockets that are connected to the relay's DTLS port."""
    with ExitStack() as opened:

        def connected() -> socket.socket:
            made = opened.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            made.connect(("127.0.0.1", PORT))
            return made

        yield connected


Plain = Callable[[], socket.socket]


def test_a_renewed_certificate_is_shown_to_new_clients(relay: Relay, plain: Plain) -> None:
    """It is read again on SIGHUP; a client that is there stays."""
    old = DtlsClient(plain()).shakes_hands()
    (relay.folder / "certificate.pem").unlink()
    make_certificates(relay.folder)
    relay.process.send_signal(signal.SIGHUP)
    relay.until(lambda: DtlsClient(plain()).shakes_hands().certificate() != old.certificate())
    assert old.mapped() == old.socket.getsockname()


@pytest.mark.parametrize(
    "losses", [{"out": n} for n in (1, 2, 3)] + [{"back": n} for n in (1, 2, 3)]
)
def test_a_handshake_survives_losses(relay: Relay, plain: Plain, losses: dict[str, int]) -> None:
    """RFC 6347 section 4.2.4: hello, cookie, certificate, keys and both ends are sent again."""
    lost = Losses(**{way: frozenset((number,)) for way, number in losses.items()})
    client = DtlsClient(plain(), lost).shakes_hands()
    assert client.mapped() == client.socket.getsockname()


def test_a_client_that_starts_again_on_its_port_is_let_in(relay: Relay, plain: Plain) -> None:
    """RFC 6347 section 4.2.8."""
    sock = plain()
    for _ in range(3):
        assert DtlsClient(sock).shakes_hands().mapped() == sock.getsockname()


def test_strangers_cost_nothing_and_end_nobody(relay: Relay, plain: Plain, volume: Volume) -> None:
    """B4, D10: hellos without a cookie, pieces of large ones, and noise, from many ports."""
    client = DtlsClient(plain()).shakes_hands()
    hello = record(fragment(HELLO))
    datagrams = [
        hello,
        record(fragment(b"x" * 10, length=650_000)),
        record(fragment(HELLO, length=650_000)),
        record(b"", kind=23, epoch=1),
        os.urandom(400),
        b"\x16" + os.urandom(400),
    ]
    sockets = [plain() for _ in range(50)]

    def flood(times: int) -> None:
        for number in range(times):
            sockets[number % 50].send(datagrams[number % len(datagrams)])
            if number % 50 == 49:
                client.mapped()  # What was sent before has been handled now.

    flood(600)
    before = relay.memory()
    flood(volume(20_000))
    assert relay.memory() - before < 2_000_000
    answered = 0
    for each in sockets:
        each.setblocking(False)
        while (answer := _next_of(each)) is not None:
            answered += 1
            assert len(answer) < len(hello)
    assert answered > 0
    assert client.mapped() == client.socket.getsockname()
    assert relay.is_well(), relay.said()


def _next_of(sock: socket.socket) -> bytes | None:
    try:
        return sock.recv(65_536)
    except BlockingIOError:
        return None

"""Guessing passwords, and doors that are none of the relay's (checklist B19, B20)."""

import stat
import time
from pathlib import Path

import pytest
from attrs import define, field

from tests.interop.turn.site import ALICE, Site, new_host
from tests.interop.turn.stun_codec import UDP, A, Method, message
from tests.interop.turn.turn_client import Identity
from tests.interop.turn.wires import is_cut_off

pytestmark = pytest.mark.interop

FREE, A_SECOND = 60, 1
"""Wrong passwords one address has at once, and then again
(`turn.limits.wrong_passwords_per_minute`)."""


@define
class Guesser:
    """One who may be at several addresses, and has begun at some time."""

    site: Site
    began: float = field(factory=time.monotonic)

    def guesses(self, host: str, transport: str = "udp", *, v6: bool = False) -> int:
        """Guess on until nothing is answered any more; return how often it was."""
        caller = self.site.caller(transport, Identity(ALICE.user, b"guess"), host, v6=v6)
        answer = caller.ask(message(Method.ALLOCATE, (A.REQUESTED_TRANSPORT, UDP)))
        assert caller.talk.challenged(answer)
        for tried in range(2 * FREE):
            if caller.ignored(caller.talk.request(Method.ALLOCATE, (A.REQUESTED_TRANSPORT, UDP))):
                return tried
        return 2 * FREE

    @property
    def most(self) -> float:
        """Answers it may have had beside those at once; on a slow machine they are some more."""
        return A_SECOND * (time.monotonic() - self.began) + 2


def test_whoever_guesses_is_answered_no_more(site: Site, transport: str) -> None:
    """B19: by address, whatever port or connection; others and its neighbours are served."""
    host, guesser = new_host(), Guesser(site)
    assert FREE <= guesser.guesses(host, transport) <= FREE + guesser.most
    assert guesser.guesses(host, "udp") <= guesser.most, "another port is no other guesser"
    assert site.caller().tries_to_allocate().ok


def test_a_network_of_ipv6_is_one_guesser(site: Site) -> None:
    """B19: a subscriber has a whole /64, and would be 2**64 strangers otherwise."""
    host, guesser = new_host(v6=True), Guesser(site)
    assert FREE <= guesser.guesses(host, v6=True) <= FREE + guesser.most
    assert guesser.guesses(host[:-1] + "2", v6=True) <= guesser.most
    assert guesser.guesses(new_host(v6=True), v6=True) >= FREE


def test_guessing_by_many_is_told_to_the_operator(site: Site) -> None:
    """B19: one line for the customer, not one for each guess."""
    book = site.relay.folder / "access.log"
    for _ in range(20):
        caller = site.caller(identity=Identity(b"other:alice", b"guess"))
        assert caller.tries_to_allocate().error == 401
    lines = [line for line in book.read_text().splitlines() if "wrong-credential" in line]
    assert any("other" in line for line in lines)
    assert len(lines) < 40


def test_existing_calls_go_on_while_their_address_is_guessing(site: Site) -> None:
    """B19: colleagues behind one address do not lose their calls."""
    host = new_host()
    caller = site.allocated(host=host)
    Guesser(site).guesses(host)
    assert caller.refreshes().ok
    assert caller.permits(("52.0.0.1", 7)).ok


def test_nothing_listens_but_what_was_asked_for(site: Site) -> None:
    """B20: no port for operators, on whatever address."""
    relay = site.relay
    expected = {relay.port, relay.tls_port, relay.shared_port, relay.link_port}
    assert relay.process is not None
    listening = set()
    inodes = relay.own_sockets()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{relay.process.pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in inodes:
                listening.add(int(fields[1].split(":")[1], 16))
    # TCP allocations of other tests listen on their relayed addresses.
    assert {port for port in listening if port < 49_152} == expected


def test_operators_come_by_a_socket_of_this_machine_only(site: Site) -> None:
    """B20: which nobody else may open."""
    socket = site.relay.folder / "admin.sock"
    mode = socket.stat().st_mode
    assert stat.S_ISSOCK(mode)
    assert not mode & stat.S_IRWXO


@pytest.mark.parametrize("door", ["tcp", "tls", "first-bytes"])
def test_no_page_for_operators_is_served(site: Site, door: str) -> None:
    """B20: neither on the relay's ports nor beside the web."""
    for path in ("/", "/admin", "/metrics", "/status", "/logon"):
        wire = site.stream(door)
        wire.send(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        if door == "first-bytes":
            head = wire.octets()
            assert head.startswith(b"HTTP/1.1 404"), head
        else:
            assert is_cut_off(wire.socket)


def test_an_operators_question_is_no_stun(site: Site, transport: str) -> None:
    """B20: the verbs of the admin socket mean nothing elsewhere."""
    wire = site.wire(transport)
    wire.send(b'{"verb": "status"}\n')
    if transport == "udp":
        wire.send(message(Method.BINDING))
        assert wire.receive()[:2] == b"\x01\x01"
    elif transport != "first-bytes":
        assert is_cut_off(wire.socket)


def test_there_is_no_default_account(site: Site, transport: str) -> None:
    """B20: a fresh relay knows nobody but the customers it was given."""
    for name, password in (("admin", "admin"), ("user", "root"), ("acme:admin", "admin")):
        caller = site.caller(transport, Identity.of(name, password))
        assert caller.tries_to_allocate().error == 401

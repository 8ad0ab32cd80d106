"""coturn's programs find out about NATs by our relay: without one, they find none (RFC 5780)."""

import contextlib
import re
import socket
import time
from collections.abc import Iterator

import pytest
from attrs import define

from tests.interop.turn.conftest import StartSite
from tests.interop.turn.coturn_tools import Outcome, run
from tests.interop.turn.site import Site, new_host
from tests.interop.turn.stun_codec import A, Address, Message, Method, Part, message, parse, part

pytestmark = pytest.mark.interop

OTHER, OTHER6 = "51.200.0.1", "2a00:51:200::1"
CHANGE_HOST, CHANGE_PORT = 0x04, 0x02
RESPONSE_PORT, PADDING = 0x0027, 0x0026
TRIES = 5
A_SECOND, AT_ONCE = 10, 40
"""Answers of a relay that is told so."""


@pytest.fixture(scope="module")
def discovery(start_module_site: StartSite) -> Site:
    return start_module_site(turn={"alternate": OTHER})


@pytest.fixture(scope="module")
def discovery6(start_module_site: StartSite) -> Site:
    return start_module_site(turn={"alternate": OTHER6})


@define
class Explorer:
    """A client that takes answers from whoever sends them."""

    socket: socket.socket
    server: Address

    def asks(self, *parts: Part, at: Address | None = None) -> tuple[Message, Address]:
        request = message(Method.BINDING, *parts)
        for _ in range(TRIES):
            self.socket.sendto(request, at or self.server)
            # A server that was sent more than it can read has lost some of it.
            with contextlib.suppress(TimeoutError):
                data, origin = self.socket.recvfrom(65_536)
                return parse(data), origin[:2]
        raise TimeoutError("no answer")


@pytest.fixture
def explorer(discovery: Site) -> Iterator[Explorer]:
    with discovery.box.udp(new_host()) as sock:
        sock.settimeout(10)
        yield Explorer(sock, discovery.server())


def change(flags: int) -> Part:
    return A.CHANGE_REQUEST, bytes((0, 0, 0, flags))


def discover(site: Site, *options: object, v6: bool = False) -> Outcome:
    host, port = site.server(v6=v6)
    return run(
        "turnutils_natdiscovery", *options, "-L", new_host(v6=v6), "-p", port, host,
        inside=site.box,
    )  # fmt: skip


def verdicts(outcome: Outcome) -> list[str]:
    return re.findall(r"^=+\n(.* \(?Endpoint .*)\n=+$", outcome.said, re.MULTILINE)


def origins(outcome: Outcome) -> list[str]:
    found = re.findall(r"Response origin: : (\S+)$", outcome.said, re.MULTILINE)
    return list(dict.fromkeys(found))


@pytest.mark.parametrize("padding", [(), ("-P",)], ids=["", "-P"])
def test_mapping_and_filtering_without_a_nat_are_independent_of_endpoints(
    discovery: Site, padding: tuple[str, ...]
) -> None:
    """RFC 5780 sections 4.3 and 4.4, with and without fragmented datagrams."""
    outcome = discover(discovery, "-m", "-f", *padding)
    assert outcome.status == 0, outcome.said
    assert verdicts(outcome) == [
        "No NAT! (Endpoint Independent Mapping)",
        "NAT with Endpoint Independent Mapping!",
        "No NAT! (Endpoint Independent Mapping)",
        "NAT with Endpoint Independent Filtering!",
    ], outcome.said
    host, port = discovery.server()
    assert set(origins(outcome)) == {
        f"{host}:{port}", f"{OTHER}:{port}", f"{OTHER}:{port + 1}",
    }  # fmt: skip
    assert "ALG" not in outcome.said.replace("No ALG: Mapped == XOR-Mapped", "")
    assert discovery.relay.is_well(), discovery.relay.said()


def test_the_same_is_found_by_ipv6(discovery6: Site) -> None:
    outcome = discover(discovery6, "-m", "-f", v6=True)
    assert outcome.status == 0, outcome.said
    assert "NAT with Endpoint Independent Filtering!" in outcome.said
    assert discovery6.relay.is_well(), discovery6.relay.said()


def test_hairpinning_lifetime_and_collision_are_found_out(discovery: Site) -> None:
    """RFC 5780 sections 3.3, 4.6 and 3.7: RESPONSE-PORT, and two clients on one port."""
    hairpin = discover(discovery, "-H")
    assert "successful hairpinning" in hairpin.said
    lifetime = discover(discovery, "-t", "-T", 1)
    assert lifetime.said.count("RFC 5780 response") == 2, lifetime.said
    collision = discover(discovery, "-c", "-A", new_host())
    assert collision.said.count("RFC 5780 response") == 2, collision.said


def test_the_old_client_is_answered_by_all_it_asks(discovery: Site) -> None:
    """turnutils_stunclient asks for another origin, and then from another port of its own."""
    host, port = discovery.server()
    outcome = run("turnutils_stunclient", "-L", new_host(), "-p", port, host, inside=discovery.box)
    assert outcome.status == 0, outcome.said
    assert outcome.said.count("RFC 5780 response") == 3, outcome.said
    assert origins(outcome) == [f"{host}:{port}", f"{OTHER}:{port + 1}"]


@pytest.mark.parametrize("flags", range(0, 8, 2))
@pytest.mark.parametrize("other_host", [False, True])
@pytest.mark.parametrize("other_port", [False, True])
def test_answers_come_from_where_they_were_wished(
    discovery: Site, explorer: Explorer, flags: int, other_host: bool, other_port: bool
) -> None:
    """RFC 5780 section 6.1: the whole table, at all four sockets."""
    hosts, ports = (discovery.server()[0], OTHER), (3478, 3479)
    _, origin = explorer.asks(change(flags), at=(hosts[other_host], ports[other_port]))
    assert origin == (
        hosts[other_host ^ bool(flags & CHANGE_HOST)],
        ports[other_port ^ bool(flags & CHANGE_PORT)],
    )


def test_an_answer_goes_to_another_port_of_the_same_host(
    discovery: Site, explorer: Explorer
) -> None:
    host = explorer.socket.getsockname()[0]
    with discovery.box.udp(host) as second:
        second.settimeout(10)
        port = second.getsockname()[1]
        request = message(Method.BINDING, (RESPONSE_PORT, port.to_bytes(2)))
        explorer.socket.sendto(request, explorer.server)
        answer = parse(second.recv(2000))
    assert answer.address(A.XOR_MAPPED_ADDRESS) == explorer.socket.getsockname()


def test_nobody_is_hit_on_a_port_that_answers(discovery: Site, explorer: Explorer) -> None:
    """D3: what comes after the request is answered, so nothing was sent before."""
    host = explorer.socket.getsockname()[0]
    with discovery.box.udp(host, 1900) as victim:
        victim.setblocking(False)
        for _ in range(20):
            request = message(Method.BINDING, (RESPONSE_PORT, (1900).to_bytes(2)))
            explorer.socket.sendto(request, explorer.server)
        explorer.asks()
        with pytest.raises(BlockingIOError):
            victim.recv(2000)


def test_a_flood_from_one_address_is_answered_by_few(start_site: StartSite) -> None:
    """D1: as everywhere; other addresses are answered all the while."""
    site = start_site(
        turn={"alternate": "51.200.0.2"}, limits={"unauthenticated_per_second": A_SECOND}
    )
    began = time.monotonic()
    with site.box.udp(new_host()) as flooder, site.box.udp(new_host()) as other:
        flooder.setblocking(False)
        for _ in range(500):
            flooder.sendto(message(Method.BINDING, change(CHANGE_HOST)), site.server())
        other.settimeout(10)
        Explorer(other, site.server()).asks()
        most = AT_ONCE + A_SECOND * (time.monotonic() - began + 1)
        answers = 0
        while _has_come(flooder):
            answers += 1
    assert 0 < answers < most
    assert site.relay.is_well(), site.relay.said()


def _has_come(sock: socket.socket) -> bool:
    try:
        return bool(sock.recv(2000))
    except BlockingIOError:
        return False


def test_allocations_are_made_at_all_four(discovery: Site) -> None:
    """They are listeners like any other."""
    caller = discovery.allocated()
    assert caller.refreshes(0).ok
    with discovery.box.udp(new_host()) as sock:
        sock.settimeout(10)
        request = message(Method.ALLOCATE, (A.REQUESTED_TRANSPORT, b"\x11\0\0\0"))
        sock.sendto(request, (OTHER, 3479))
        assert parse(sock.recv(2000)).error == 401


def test_without_a_second_address_nothing_is_told(site: Site) -> None:
    """D2: the answer is the smallest there is, and natdiscovery finds no service."""
    outcome = discover(site, "-m", "-f")
    assert "Other addr" not in outcome.said
    assert "Response origin" not in outcome.said
    with site.box.udp(new_host()) as sock:
        sock.settimeout(10)
        answer, _ = Explorer(sock, site.server()).asks()
    assert len(answer.raw) == 20 + len(part(A.XOR_MAPPED_ADDRESS, bytes(8)))


def test_other_transports_know_nothing_of_it(discovery: Site, stream: str) -> None:
    """D2."""
    caller = discovery.caller(stream)
    caller.wire.send(message(Method.BINDING))
    assert [kind for kind, _ in parse(caller.wire.receive()).attributes] == [A.XOR_MAPPED_ADDRESS]

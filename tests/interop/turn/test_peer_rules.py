"""Rules about peers, and what happens when they change (checklist A9 to A16)."""

import contextlib

import pytest

from tests.interop.turn.conftest import StartSite
from tests.interop.turn.servers import CUSTOMER
from tests.interop.turn.site import STREAMS, TRANSPORTS, Site
from tests.interop.turn.stun_codec import A, Address
from tests.interop.turn.wires import is_cut_off

pytestmark = pytest.mark.interop


def test_networks_are_compared_as_numbers(start_site: StartSite) -> None:
    """A9: not piece by piece."""
    site = start_site(peers={"deny": ["2a00:52:0:fff0::/60", "2a00:52:8::/45"]})
    for transport in TRANSPORTS:
        caller = site.allocated(transport, v6=True)
        for host in (
            "2a00:52:0:fff0::", "2a00:52:0:ffff:ffff:ffff:ffff:ffff", "2a00:52:0:fff5::1",
            "2a00:52:8::", "2a00:52:f:ffff:ffff:ffff:ffff:ffff", "2a00:52:9::1",
        ):  # fmt: skip
            assert caller.permits((host, 7)).error == 403, host
        for host in (
            "2a00:52:0:ffef:ffff:ffff:ffff:ffff", "2a00:52:1::", "2a00:52:7:fff5::1",
            "2a00:52:10::", "2a00:51:9::1",
        ):  # fmt: skip
            assert caller.permits((host, 7)).ok, host


@pytest.mark.parametrize(
    "rule",
    [
        "2001:db8:0:1::-2001:db8:1::", "10.0.0.0-10.0.0.255", "10.0.0.0/33", "10.0.0.1/8",
        "ten.example", "10.0.0.0/8:0-70000", "",
    ],
)  # fmt: skip
def test_a_malformed_rule_is_refused_before_anything_starts(site: Site, rule: str) -> None:
    """A10: in the settings and from the command line, and never left out silently."""
    done = site.relay.cli("turn", "peer", "deny", CUSTOMER, rule)
    assert done.exit_code in (1, 2)
    good = (site.relay.folder / "settings.toml").read_text()
    bad = site.relay.folder / "bad.toml"
    bad.write_text(good.replace("[turn.peers]", f'[turn.peers]\ndeny = ["{rule}"]'))
    done = site.relay.cli("check-config", str(bad))
    assert done.exit_code == 78
    assert "turn.peers.deny" in done.output


def test_all_peers_of_a_request_are_permitted_or_none(site: Site, transport: str) -> None:
    """A11: RFC 8656 section 10.2."""
    good, witness = site.peer(), site.peer("52.0.0.2")
    for order in ((0, 1), (1, 0)):
        caller = site.allocated(transport)
        asked = (good.address, ("10.0.0.1", 7))
        assert caller.permits(*(asked[each] for each in order)).error == 403
        assert caller.permits(witness.address).ok
        good.say(b"am I permitted?", caller.relayed)
        witness.say(b"I am", caller.relayed)
        assert caller.hear() == (witness.address, b"I am")
        caller.sends(good.address, b"are you?")
        caller.settle()
        assert good.heard() == []


def test_a_peers_connection_needs_a_permission(site: Site, stream: str) -> None:
    """A12: RFC 6062 section 5.3; whoever has none is cut off and never announced."""
    caller = site.allocated(stream, tcp=True)
    with contextlib.suppress(ConnectionResetError):
        stranger = site.opened.enter_context(site.box.connected("52.0.0.3", caller.relayed))
        assert is_cut_off(stranger)
    assert caller.permits(("52.0.0.4", 0)).ok
    friend = site.opened.enter_context(site.box.connected("52.0.0.4", caller.relayed))
    told = caller.indication()
    assert told.address(A.XOR_PEER_ADDRESS) == friend.getsockname()
    assert not caller.told


def test_a_changed_policy_ends_what_lives(site: Site, transport: str) -> None:
    """A13: permissions and channels are gone at once."""
    peer, witness = site.peer("52.0.13.1"), site.peer("52.0.14.1")
    caller = site.allocated(transport)
    assert caller.permits(peer.address, witness.address).ok
    assert caller.binds(0x4000, peer.address).ok
    caller.says(0x4000, b"before")
    assert peer.hear()[0] == b"before"
    site.relay.must("turn", "peer", "deny", CUSTOMER, "52.0.13.0/24")

    def is_over() -> bool:
        caller.says(0x4000, b"on the channel")
        caller.sends(peer.address, b"by indication")
        caller.settle()
        return peer.heard() == []

    try:
        site.relay.until(is_over)
        peer.say(b"from the peer", caller.relayed)
        witness.say(b"still here", caller.relayed)
        assert caller.hear() == (witness.address, b"still here")
        assert caller.permits(peer.address).error == 403
    finally:
        site.relay.must("turn", "peer", "forget", CUSTOMER, "52.0.13.0/24")


def test_a_changed_policy_ends_connections(site: Site, stream: str) -> None:
    """A13: those of RFC 6062 too."""
    listener = site.listener("52.0.15.1")
    caller = site.allocated(stream, tcp=True)
    assert caller.connects(listener.getsockname()).ok
    connection = site.opened.enter_context(listener.accept()[0])
    site.relay.must("turn", "peer", "deny", CUSTOMER, "52.0.15.0/24")
    try:
        assert is_cut_off(connection)
    finally:
        site.relay.must("turn", "peer", "forget", CUSTOMER, "52.0.15.0/24")


def test_what_a_stranger_sends_to_a_relay_is_dropped(site: Site, transport: str) -> None:
    """A14: it is no traffic of the customer either."""
    stranger, friend = site.peer("52.0.0.5"), site.peer("52.0.0.6")
    caller = site.allocated(transport)
    assert caller.permits(friend.address).ok
    for _ in range(50):
        stranger.say(b"let me in", caller.relayed)
    friend.say(b"hello", caller.relayed)
    assert caller.hear() == (friend.address, b"hello")
    [mine] = [each for each in site.relay.sessions() if text(caller.relayed) in each["relayed"]]
    assert (mine["received_packets"], mine["received_octets"]) == (1, 5)


def text(address: Address) -> str:
    return f"{address[0]}:{address[1]}"


def test_no_peer_has_port_0(site: Site, transport: str) -> None:
    """A15: 400; a permission names no port, so there it does not matter."""
    caller = site.allocated(transport)
    assert caller.binds(0x4000, ("52.0.0.1", 0)).error == 400
    assert caller.permits(("52.0.0.1", 0)).ok
    caller.sends(("52.0.0.1", 0), b"nowhere")
    caller.settle()
    if transport in STREAMS:
        caller = site.allocated(transport, tcp=True)
        assert caller.connects(("52.0.0.1", 0)).error == 400


def test_a_client_that_is_its_own_peer_hears_itself_once(site: Site, transport: str) -> None:
    """A15: nothing goes round in circles."""
    caller = site.allocated(transport)
    own = caller.relayed
    assert caller.binds(0x4000, own).ok
    caller.says(0x4000, b"echo")
    assert caller.hear() == (0x4000, b"echo")
    assert caller.heard_nothing()


def test_a_client_may_be_its_own_peer_by_its_mapped_address(site: Site) -> None:
    """A15: what comes back is data to the client, not a request to us."""
    caller = site.allocated()
    assert caller.binds(0x4000, caller.wire.local).ok
    caller.says(0x4000, b"ping")
    assert caller.wire.receive() == b"ping"
    assert caller.heard_nothing()


@pytest.mark.parametrize(
    ("port", "code"), [(22, 403), (25, 403), (53, 403), (445, 403), (80, 0), (443, 0)]
)
def test_connections_go_to_few_privileged_ports(
    site: Site, stream: str, port: int, code: int
) -> None:
    """A16: below 1024 only the web's."""
    site.listener("52.0.16.1", port)
    caller = site.allocated(stream, tcp=True)
    assert caller.connects(("52.0.16.1", port)).error == code


def test_a_rule_closes_ports_of_databases(site: Site, stream: str) -> None:
    """A16: for one customer, by the operator."""
    rules = ("0.0.0.0/0:3306", "0.0.0.0/0:6379")
    for rule in rules:
        site.relay.must("turn", "peer", "deny", CUSTOMER, rule)
    try:
        caller = site.allocated(stream, tcp=True)
        for port in (3306, 6379):
            assert caller.connects(("52.0.16.1", port)).error == 403
    finally:
        for rule in rules:
            site.relay.must("turn", "peer", "forget", CUSTOMER, rule)

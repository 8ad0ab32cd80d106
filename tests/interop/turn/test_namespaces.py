"""The networks that these tests have for themselves: nobody in them hears what is another's."""

from collections.abc import Iterator

import pytest

from tests.interop.turn.namespaces import Namespace

pytestmark = pytest.mark.interop

PORTS = range(40_000, 40_010)


@pytest.fixture
def narrow(box: Namespace) -> Iterator[Namespace]:
    """A network with few ports to give away."""
    made = Namespace.make()
    try:
        made.switch("ipv4/ip_local_port_range", f"{PORTS[0]} {PORTS[-1]}")
        yield made
    finally:
        made.remove()


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_sockets_that_take_any_port_take_different_ones(narrow: Namespace, host: str) -> None:
    """Linux gives UDP sockets that agree to share a port one that is taken, now and then."""
    sockets = [narrow.udp(host) for _ in PORTS]
    taken = {each.getsockname()[1] for each in sockets}
    for each in sockets:
        each.close()
    assert taken == set(PORTS)


def test_a_port_of_ones_choice_may_be_shared(narrow: Namespace) -> None:
    """Who listens on every address hears what nobody else does."""
    with narrow.udp("127.0.0.1") as one, narrow.udp("0.0.0.0", one.getsockname()[1]) as all_else:
        address, port = one.getsockname()
        all_else.sendto(b"for one", (address, port))
        all_else.sendto(b"for all else", ("127.0.0.2", port))
        one.settimeout(10)
        all_else.settimeout(10)
        assert one.recv(100) == b"for one"
        assert all_else.recv(100) == b"for all else"

"""Ports that come and go while people come and go (real sockets, no running reactor)."""

import contextlib
import resource
import socket
from collections.abc import Iterator, Mapping

import pytest
from attrs import define, field
from twisted.internet.protocol import ServerFactory

from procall_mobility.composition.doors import Place, Ports, Wanted
from procall_mobility.config import SettingsError
from procall_mobility.transports.listening import bound_socket
from tests.ports import free_port
from tests.transports.test_listening import Reactor

HERE = "127.0.0.1"


@define
class Harbour:
    """Ports, and what they were told last."""

    ports: Ports = field(factory=lambda: Ports(Reactor(), bound_socket))

    def wants(self, *places: Place) -> Mapping[Place, Wanted]:
        return {each: Wanted(ServerFactory(), f"listen.{each.purpose}") for each in places}

    def begins(self, *places: Place) -> None:
        self.ports.begin(self.wants(*places))
        for each in self.ports.listeners:
            each.startService()

    def changes(self, *places: Place) -> None:
        self.ports.prepare(self.wants(*places)).commit()

    def addresses(self) -> list[str]:
        return [each.address for each in self.ports.listeners]


@pytest.fixture
def harbour() -> Iterator[Harbour]:
    made = Harbour()
    yield made
    for each in made.ports.listeners:
        each.stopService()


@contextlib.contextmanager
def no_descriptor_left(but: int = 0) -> Iterator[None]:
    """Have no descriptor left, but for some."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.ExitStack() as kept:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 256), hard))
        kept.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        with socket.socket() as some:
            taken = []
            with contextlib.suppress(OSError):
                while True:
                    taken.append(some.dup())
            for each in taken[:but]:
                each.close()
            for each in taken[but:]:
                kept.enter_context(each)
            yield


def is_open(port: int, host: str = HERE) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex((host, port)) == 0


def test_what_is_new_is_opened_what_is_gone_is_closed_and_the_rest_stays(harbour: Harbour) -> None:
    stays, goes, comes = (Place("tls", HERE, free_port()) for _ in range(3))
    harbour.begins(stays, goes)
    (before, _) = harbour.ports.listeners
    harbour.changes(comes, stays)
    assert [is_open(each.port) for each in (stays, goes, comes)] == [True, False, True]
    assert harbour.ports.listeners[1] is before
    assert harbour.addresses() == [f"tls {HERE}:{each.port}" for each in (comes, stays)]


def test_nothing_is_served_before_the_commit_and_nothing_is_left_when_it_is_undone(
    harbour: Harbour,
) -> None:
    old, new = (Place("tls", HERE, free_port()) for _ in range(2))
    harbour.begins(old)
    prepared = harbour.ports.prepare(harbour.wants(new))
    assert is_open(old.port)
    prepared.undo()
    assert [is_open(each.port) for each in (old, new)] == [True, False]
    assert harbour.addresses() == [f"tls {HERE}:{old.port}"]


def test_every_port_that_is_not_to_be_had_is_told_and_nothing_is_left(harbour: Harbour) -> None:
    old, new = (Place("tls", HERE, free_port()) for _ in range(2))
    harbour.begins(old)
    with bound_socket(HERE, 0) as one, bound_socket(HERE, 0) as other:
        taken = [Place(name, HERE, sock.getsockname()[1]) for name, sock in
                 (("link", one), ("http", other))]  # fmt: skip
        with pytest.raises(SettingsError) as told:
            harbour.changes(new, *taken)
    assert [each.path for each in told.value.errors] == ["listen.link", "listen.http"]
    assert all("the port is taken" in each.text for each in told.value.errors)
    assert [is_open(each.port) for each in (old, new)] == [True, False]


def test_a_port_that_gets_another_purpose_is_never_closed(harbour: Harbour) -> None:
    """A connection that waits for us in the kernel is taken by the new one."""
    port = free_port()
    harbour.begins(Place("http", HERE, port))
    with socket.create_connection((HERE, port)):
        harbour.changes(Place("turn-tcp", HERE, port))
        (listener,) = harbour.ports.listeners
        assert listener.address == f"turn-tcp {HERE}:{port}"
        listener.sockets[0].accept()[0].close()


@pytest.mark.parametrize(("before", "after"), [("0.0.0.0", HERE), (HERE, "0.0.0.0")])
def test_a_port_may_move_to_other_addresses_that_overlap(
    harbour: Harbour, before: str, after: str
) -> None:
    port = free_port()
    harbour.begins(Place("tls", before, port))
    harbour.changes(Place("tls", after, port))
    assert is_open(port)
    with pytest.raises(OSError, match="in use"):
        bound_socket(HERE, port)


@pytest.mark.parametrize(("before", "after"), [("0.0.0.0", HERE), (HERE, "0.0.0.0")])
def test_a_move_that_is_only_tried_takes_no_connection_away(
    harbour: Harbour, before: str, after: str
) -> None:
    """`reload --dry-run`, and a reload that fails elsewhere, would reset those they had taken."""
    port = free_port()
    harbour.begins(Place("tls", before, port))
    (listening,) = harbour.ports.listeners[0].sockets
    listening.setblocking(False)
    prepared = harbour.ports.prepare(harbour.wants(Place("tls", after, port)))
    callers = [socket.create_connection((HERE, port)) for _ in range(20)]
    prepared.undo()
    for each in callers:
        listening.accept()[0].close()
        each.close()


def test_a_commit_lacks_no_descriptor(harbour: Harbour) -> None:
    """What was opened is in force, also where the last descriptors went with that."""
    old, new = (Place("tls", HERE, free_port()) for _ in range(2))
    harbour.begins(old)
    prepared = harbour.ports.prepare(harbour.wants(new))
    with no_descriptor_left():
        prepared.commit()
    assert [is_open(each.port) for each in (old, new)] == [False, True]


def test_a_port_for_which_descriptors_lack_is_told_and_nothing_is_left(harbour: Harbour) -> None:
    old, new = (Place("tls", HERE, free_port()) for _ in range(2))
    harbour.begins(old)
    for left in range(2):
        with no_descriptor_left(but=left), pytest.raises(SettingsError, match="open files"):
            harbour.changes(new)
    assert [is_open(each.port) for each in (old, new)] == [True, False]


def test_ports_that_the_system_chooses_are_what_they_were(harbour: Harbour) -> None:
    place = Place("tls", HERE, 0)
    harbour.begins(place)
    before = harbour.addresses()
    harbour.changes(place)
    assert harbour.addresses() == before

"""The program is loaded and attached, and what goes wrong is said with its cure."""

import os
from pathlib import Path
from socket import AF_PACKET, SOCK_RAW, if_nametoindex, socket

import pytest

from procall_mobility.datapath.errors import CannotCarry
from procall_mobility.datapath.kernel import KernelRelay, Sizes
from procall_mobility.datapath.layout import ENABLED, OCTETS, REASONS
from procall_mobility.datapath.libbpf import INSTALL, MOST_LINES, Libbpf, libbpf
from tests.datapath.maps import kernel_relay
from tests.datapath.namespace import Namespace
from tests.datapath.stage import Stage
from tests.datapath.turn_relay.packets import Datagram, channel_data, end, frame

SIZES = Sizes(channels=8, allocations=8)


@pytest.fixture
def library() -> Libbpf:
    try:
        return libbpf()
    except CannotCarry as error:
        pytest.skip(str(error))


def test_without_libbpf_the_package_is_named() -> None:
    with pytest.raises(CannotCarry) as caught:
        Libbpf("libnothing.so.1")
    assert str(caught.value) == f"libnothing.so.1 cannot be used: {INSTALL}"
    assert "cannot open shared object file" in caught.value.details


def test_a_library_without_its_functions_is_none() -> None:
    with pytest.raises(CannotCarry, match="cannot be used: install libbpf"):
        Libbpf("libc.so.6")


def test_without_the_program_it_is_said_how_it_is_built(library: Libbpf, tmp_path: Path) -> None:
    with pytest.raises(CannotCarry, match=r"turn_relay.o is not there: .*make datapath"):
        KernelRelay(library, SIZES, tmp_path / "turn_relay.o")


def test_what_libbpf_says_is_shown_with_its_error_and_nowhere_else(
    library: Libbpf, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The library writes to standard error by itself, which is the log of a daemon."""
    path = tmp_path / "turn_relay.o"
    path.write_bytes(b"no object")
    with pytest.raises(CannotCarry) as caught:
        KernelRelay(library, SIZES, path)
    assert str(caught.value).startswith("turn_relay.o cannot be read (")
    assert "libbpf" in caught.value.details
    assert capfd.readouterr() == ("", "")
    assert library.said() == ""


def test_no_more_than_some_of_its_lines_are_kept(library: Libbpf, tmp_path: Path) -> None:
    path = tmp_path / "turn_relay.o"
    path.write_bytes(b"no object")
    for _ in range(MOST_LINES + 1):
        library.functions.bpf_object__open_file(os.fsencode(path), None)
    assert len(library.said().splitlines()) == MOST_LINES


def test_too_many_channels_are_refused_with_the_cure(library: Libbpf, kernel: KernelRelay) -> None:
    with pytest.raises(CannotCarry, match=r"cannot be loaded .*: have it carry fewer channels"):
        KernelRelay(library, Sizes(channels=2**30, allocations=8))


def test_it_is_off_and_attached_nowhere(kernel: KernelRelay) -> None:
    assert not any(kernel.maps.control)
    verdict, out = kernel.run(packet := bytes(64))
    assert (verdict, out) == (-1, packet)


def test_it_goes_with_its_memory_and_its_descriptors(
    network: Namespace, kernel: KernelRelay
) -> None:
    before = _descriptors()
    relays = kernel_relay(SIZES)
    other = next(relays)
    index = network.call(lambda: if_nametoindex("up0"))
    network.call(lambda: other.attach(index, "up0"))
    ledger = other.maps.ledger
    assert len(ledger) == 2 * SIZES.allocations * 16
    other.close()
    other.close()
    assert _descriptors() == before
    with pytest.raises(ValueError, match="released"):
        ledger[0]


def test_two_daemons_share_an_interface(network: Namespace, kernel: KernelRelay) -> None:
    """Each comes after those who were there; what one does not know goes on to the next."""
    relays = kernel_relay(SIZES)
    second = next(relays)
    index = network.call(lambda: if_nametoindex("up0"))
    for each in (kernel, second):
        each.maps.control[ENABLED] = 1
        network.call(lambda each=each: each.attach(index, "up0"))
    stage = Stage(second.maps)
    allocation = stage.allocation()
    channel = stage.channel(allocation)
    stage.put(channel, float("inf"))  # By whatever clock.
    path = allocation.path
    sent = Datagram(end(*path.client), end(*path.server), channel_data(channel.number, b"data"))
    network.call(lambda: _send(sent))
    for _ in range(100_000):  # Until the kernel has come to it.
        if second.maps.ledger[OCTETS]:
            break
    stage.table.settle(allocation)
    assert (allocation.sent_packets, allocation.sent_octets) == (1, 4)
    assert kernel.maps.control[1 + REASONS.index("unknown")] == 1
    second.close()


def test_it_is_attached_to_an_interface_once(network: Namespace, kernel: KernelRelay) -> None:
    index = network.call(lambda: if_nametoindex("up0"))
    network.call(lambda: kernel.attach(index, "up0"))
    with pytest.raises(CannotCarry, match="up0 cannot be attached to"):
        network.call(lambda: kernel.attach(index, "up0"))


def test_an_interface_that_has_gone_is_said(network: Namespace, kernel: KernelRelay) -> None:
    with pytest.raises(CannotCarry, match="eth9 cannot be attached to"):
        network.call(lambda: kernel.attach(4711, "eth9"))


def test_an_interface_may_go_while_it_is_attached(network: Namespace, kernel: KernelRelay) -> None:
    index = network.call(lambda: if_nametoindex("up0"))
    network.call(lambda: kernel.attach(index, "up0"))
    network.ip("link del up0")
    kernel.close()


def _send(datagram: Datagram) -> None:
    """Have a datagram come in by `up0`, at the other end of whose cable we are."""
    with (
        socket(AF_PACKET, SOCK_RAW) as near,
        socket(AF_PACKET, SOCK_RAW) as far,
    ):
        near.bind(("up0", 0))
        far.bind(("far0", 0))
        far.send(frame(datagram, near.getsockname()[4]))


def _descriptors() -> int:
    """Return how many descriptors of the kernel's programs, maps and links are open."""
    return sum(_is_of_bpf(each) for each in Path("/proc/self/fd").iterdir())


def _is_of_bpf(path: Path) -> bool:
    try:
        return "bpf" in str(path.readlink())
    except OSError:
        return False

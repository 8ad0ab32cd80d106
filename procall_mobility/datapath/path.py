"""Decides who carries media here, the kernel or Python, and says in a line which and why."""

import socket
from collections.abc import Callable, Sequence
from typing import Final, Literal

from attrs import frozen

from procall_mobility.datapath.attachments import Attachments
from procall_mobility.datapath.errors import CannotCarry
from procall_mobility.datapath.flow_table import FlowTable
from procall_mobility.datapath.interfaces import Interface, addresses, chosen, interfaces
from procall_mobility.datapath.kernel import KernelRelay, Sizes
from procall_mobility.datapath.libbpf import libbpf
from procall_mobility.datapath.netlink import Netlink
from procall_mobility.datapath.routes import Routes
from procall_mobility.datapath.self_test import self_test
from procall_mobility.protocols.turn.no_flows import NoFlows
from procall_mobility.protocols.turn.ports import Flows

Choice = Literal["auto", "kernel", "python"]

KERNEL: Final = "kernel"
PYTHON: Final = "python"


@frozen(kw_only=True)
class Path:
    """Who carries."""

    flows: Flows
    carrier: str
    """`kernel` or `python`."""
    why: str
    """One line for the log."""
    details: str = ""
    """What the kernel and libbpf said, in many lines, when it was not to be the kernel."""
    table: FlowTable | None = None
    """The same as `flows`, where the kernel carries."""
    attachments: Attachments | None = None
    """Where packets come in for the kernel to relay."""
    close: Callable[[], None] = lambda: None
    """Takes everything out of the kernel; a second call does nothing."""


def open_path(choice: Choice, *, names: Sequence[str], hosts: Sequence[str], sizes: Sizes) -> Path:
    """Have the kernel carry where it is wanted and can; call it with all privileges there are.

    Args:
        choice: `auto` takes Python when the kernel cannot.
        names: interfaces whose packets matter; when there are none, those that have `hosts`.
        hosts: addresses of UDP listeners and relays; wildcards are all of their family.
        sizes: how much the kernel has room for.

    Raises:
        CannotCarry: the kernel cannot, and `choice` is `kernel`.
    """
    if choice == PYTHON:
        return Path(
            flows=NoFlows(), carrier=PYTHON, why="Python relays media: the settings say so"
        )
    try:
        return _open_kernel(names, hosts, sizes)
    except CannotCarry as error:
        if choice == KERNEL:
            raise
        return Path(
            flows=NoFlows(),
            carrier=PYTHON,
            why=f"Python relays media, as the kernel cannot: {error}",
            details=error.details,
        )


def _open_kernel(names: Sequence[str], hosts: Sequence[str], sizes: Sizes) -> Path:
    library = libbpf()
    # First of all: where nothing comes in from outside, nothing needs to be loaded.
    _interfaces(names, hosts)
    program = KernelRelay(library, sizes)
    try:
        self_test(program)
        attachments = Attachments(program, lambda: _interfaces(names, hosts), _exists)
        routes = Routes()
    except BaseException:
        program.close()
        raise
    table = FlowTable(program.maps, routes)
    table.enabled = True

    def close() -> None:
        table.close()
        program.close()
        routes.close()

    where = ", ".join(attachments.names)
    return Path(
        flows=table,
        carrier=KERNEL,
        why=f"the kernel relays media of bound channels that come in by {where}",
        table=table,
        attachments=attachments,
        close=close,
    )


def _exists(ifindex: int) -> bool:
    try:
        socket.if_indextoname(ifindex)
    except OSError:
        return False
    return True


def _interfaces(names: Sequence[str], hosts: Sequence[str]) -> list[Interface]:
    netlink = Netlink()
    try:
        return chosen(interfaces(netlink), addresses(netlink), names, hosts)
    finally:
        netlink.close()

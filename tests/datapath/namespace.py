"""A network of a test's own, seen by one thread: interfaces and routes nobody else knows of."""

import ctypes
import os
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest

_NEW_NETWORK = 0x40000000
"""`CLONE_NEWNET`; what is opened or started by a thread belongs to the network it is in."""

T = TypeVar("T")


class Namespace:
    """A network namespace, which is gone with its thread."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1)

    def open(self) -> bool:
        return self.call(_unshare)

    def call(self, function: Callable[[], T]) -> T:
        """Call a function in there."""
        return self._thread.submit(function).result()

    def ip(self, *lines: str) -> None:
        """Run `ip` with each line in turn."""
        for line in lines:
            self._thread.submit(_run, ["ip", *line.split()]).result()

    def settles(self) -> None:
        """Wait until the kernel has noticed that the cable is plugged in: IPv6 does, too."""
        command = ["ip", "-6", "route", "show", "table", "local"]
        for _ in range(1000):
            there = self._thread.submit(_run, command).result()
            if all(
                each in there for each in ("local 2001:db8:1::1 ", "multicast ff00::/8 dev up0")
            ):
                return
        raise AssertionError("the interface does not come up")

    def close(self) -> None:
        self._thread.shutdown()


def _run(command: list[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _unshare() -> bool:
    return ctypes.CDLL(None).unshare(_NEW_NETWORK) == 0


def namespace() -> Iterator[Namespace]:
    """Open one, with an Ethernet cable `up0` of 203.0.113.1 and 2001:db8:1::1."""
    if os.geteuid() != 0:
        pytest.skip("only root makes network namespaces")
    made = Namespace()
    try:
        if not made.open():
            pytest.skip("this machine lets us make no network namespace")
        made.ip(
            "link set lo up",
            "link add up0 type veth peer name far0",
            "link set far0 up",
            "link set up0 up",
            "addr add 203.0.113.1/24 dev up0",
            "addr add 2001:db8:1::1/64 dev up0 nodad",
            "route add default via 203.0.113.254",
            "-6 route add default via 2001:db8:1::fe",
        )
        made.settles()
        yield made
    finally:
        made.close()

"""Attaches the program to a device of a network of its own; prints what frames on it came to.

Run as `unshare --net python -m tests.datapath.turn_relay.on_a_device`.
"""

import json
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from procall_mobility.datapath.errors import CannotCarry
from tests.datapath.turn_relay.ends import FAMILIES, bound
from tests.datapath.turn_relay.packets import frame
from tests.datapath.turn_relay.program import Program

NEAR, FAR = "near", "far"
FAR_MAC = bytes.fromhex("020000000042")
PATIENCE = 5.0
"""Seconds for the kernel to hand over a frame, which takes it some microseconds."""

TAG = b"\x81\x00\x00\x05"
"""IEEE 802.1Q: a VLAN's, 5."""


def devices() -> None:
    """Join two devices, on which nobody else says anything."""
    _ip(f"link add {NEAR} type veth peer name {FAR} address {FAR_MAC.hex(':')}")
    for name in (NEAR, FAR):
        Path(f"/proc/sys/net/ipv6/conf/{name}/disable_ipv6").write_text("1", "ascii")
        _ip(f"link set {name} up")


def _ip(words: str) -> None:
    subprocess.run(["ip", *words.split()], check=True)


def seen_by(program: Program) -> tuple[object, ...]:
    return (program.carried(), program.reasons())


def wait(told: Callable[[], object], before: object) -> None:
    until = time.monotonic() + PATIENCE
    while told() == before and time.monotonic() < until:
        pass


def main() -> None:
    devices()
    program = Program()
    try:
        program.attach(socket.if_nametoindex(FAR), FAR)
    except CannotCarry as error:
        print(json.dumps({"refused": str(error)}))
        return
    line = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    line.bind((NEAR, 0))
    seen = []
    for family in FAMILIES:
        program.reset()
        channel = bound(program, family, ifindex=socket.if_nametoindex(FAR))
        plain = frame(channel.to_peer(b"data"), mac=FAR_MAC)
        for octets in (plain, plain[:12] + TAG + plain[12:]):
            before = seen_by(program)
            line.send(octets)
            wait(lambda: seen_by(program), before)
        seen.append(seen_by(program))
    print(json.dumps({"seen": seen}))


if __name__ == "__main__":
    main()

"""`procall-mobility turn datapath`: who carries, told to people and machines, and the switch."""

from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Command
from tests.operations.admin_daemon import listening

RELAYED = {
    "kernel-packets": 1_000,
    "kernel-octets": 160_000,
    "python-packets": 12,
    "python-octets": 1_920,
}
KERNEL: dict[str, Any] = {
    "path": "kernel",
    "setting": "auto",
    "why": "the kernel relays media of bound channels that come in by eth0, eth1",
    "details": "",
    "switch": "on",
    "interfaces": ["eth0", "eth1"],
    "channels": 3,
    "most_channels": 32_768,
    "carried_packets": 1_000,
    "carried_octets": 160_000,
    "passed_up": {"spent": 2, "fragment": 11},
    "left_to_python": {"mixed-families": 1},
    **RELAYED,
}
PYTHON: dict[str, Any] = {
    "path": "python",
    "setting": "auto",
    "why": "Python relays media, as the kernel cannot: libbpf is not there: apt install libbpf1",
    "details": "one line\nand another",
    **RELAYED,
    "kernel-packets": 0,
    "kernel-octets": 0,
}


def test_the_kernel_is_shown_with_all_that_is_known(command: Command, tmp_path: Path) -> None:
    with listening(tmp_path / "admin.sock", {"turn-datapath": lambda _: KERNEL}):
        assert command("turn", "datapath", "status", "--json").facts == KERNEL
        text = command("turn", "datapath", "status").text
    assert (
        text
        == """\
path        kernel, as the setting is auto
why         the kernel relays media of bound channels that come in by eth0, eth1
switch      on
interfaces  eth0, eth1
channels    3 of 32768 in the kernel
kernel      1000 packets, 160 kB
python      12 packets, 1.92 kB

packets of known channels or ports that the kernel has left to Python:
fragment  11
spent     2

times a channel was left to Python:
mixed-families  1
"""
    )


def test_python_is_shown_with_the_reason(command: Command, tmp_path: Path) -> None:
    with listening(tmp_path / "admin.sock", {"turn-datapath": lambda _: PYTHON}):
        text = command("turn", "datapath", "status").text
    assert (
        text
        == """\
path    python, as the setting is auto
why     Python relays media, as the kernel cannot: libbpf is not there: apt install libbpf1
        one line
        and another
kernel  0 packets, 0 B
python  12 packets, 1.92 kB
"""
    )


def test_without_interfaces_there_is_a_dash(command: Command, tmp_path: Path) -> None:
    bare = {**KERNEL, "interfaces": [], "passed_up": {}, "left_to_python": {}}
    with listening(tmp_path / "admin.sock", {"turn-datapath": lambda _: bare}):
        text = command("turn", "datapath", "status").text
    assert "interfaces  -\n" in text
    assert "left" not in text


@pytest.mark.parametrize("word", ["on", "off"])
def test_the_switch_is_turned(command: Command, tmp_path: Path, word: str) -> None:
    asked: list[dict[str, Any]] = []

    def answer(question: dict[str, Any]) -> dict[str, Any]:
        asked.append(question)
        return {**KERNEL, "switch": question["switch"]}

    with listening(tmp_path / "admin.sock", {"turn-datapath": answer}):
        said = command("turn", "datapath", word)
        assert command("turn", "datapath", word, "--json").facts["switch"] == word
    assert asked[0] == {"verb": "turn-datapath", "switch": word}
    assert f"switch      {word}\n" in said.text


def test_where_the_kernel_cannot_it_is_not_switched_on(command: Command, tmp_path: Path) -> None:
    def refuse(question: dict[str, Any]) -> None:
        raise ValueError(PYTHON["why"])

    with listening(tmp_path / "admin.sock", {"turn-datapath": refuse}):
        said = command("turn", "datapath", "on")
    assert said.status == 1
    assert "libbpf is not there" in said.text


def test_it_needs_a_daemon(command: Command) -> None:
    said = command("turn", "datapath", "status")
    assert said.status == 1
    assert "no daemon listens on" in said.text

"""The datapath of the relay: who carries media of bound channels, and how that is switched."""

from collections.abc import Iterable, Sequence
from typing import Any

from attrs import define, field
from twisted.logger import Logger

from procall_mobility.datapath.flow_table import FlowTable
from procall_mobility.datapath.kernel import Sizes
from procall_mobility.datapath.path import KERNEL, PYTHON, Choice, Path, open_path
from procall_mobility.protocols.turn.ports import Flows
from procall_mobility.transports.pump import AlarmClock, Household


@define(eq=False, kw_only=True)
class Datapath:
    """The kernel where it can, else Python."""

    choice: Choice
    """What the settings say."""
    sizes: Sizes
    path: Path
    household: Household
    _alarm: AlarmClock | None = field(default=None, init=False)
    _is_stopped: bool = field(default=False, init=False)
    _log = Logger()

    @property
    def flows(self) -> Flows:
        """What the relay tells of its channels."""
        return self.path.flows

    @property
    def carrier(self) -> str:
        """Who relays bound channels now: `kernel` or `python`."""
        table = self.path.table
        return PYTHON if table is None or not table.enabled else KERNEL

    def start(self) -> None:
        """Say who carries, and wake the table of flows when it wants to be woken."""
        self._log.info("datapath", name=self.path.carrier, reason=self.path.why)
        if self.path.details:
            self._log.debug("datapath", text=self.path.details)
        table = self.path.table
        if table is not None:
            self._alarm = AlarmClock(table, self.household, lambda: None)
            table.sooner = self._alarm.arrange

    def stop(self) -> None:
        """Take everything out of the kernel."""
        if self._alarm is not None:
            self._alarm.stop()
        self._is_stopped = True
        self.path.close()

    def look_around(self) -> None:
        """Follow interfaces that have come or gone.

        Raises:
            OSError: they cannot be listed.
        """
        if self.path.attachments is not None and not self._is_stopped:
            for line in self.path.attachments.look_around():
                self._log.info("datapath", text=line)

    def switch(self, *, on: bool) -> None:
        """Have the kernel relay, or leave everything to Python; both at once, and channels stay.

        Raises:
            ValueError: the kernel cannot.
        """
        table = self._table()
        if table.enabled is not on:
            table.enabled = on
            self._log.info("datapath", text=f"switched {_word(on=on)}")

    def facts(self) -> dict[str, Any]:
        """Return who carries and why, and how it goes."""
        path, table = self.path, self.path.table
        facts: dict[str, Any] = {
            "path": path.carrier,
            "setting": self.choice,
            "why": path.why,
            "details": path.details,
        }
        if table is None or path.attachments is None:
            return facts
        carried = table.carried
        return facts | {
            "switch": _word(on=table.enabled),
            "interfaces": list(path.attachments.names),
            "channels": len(table),
            "most_channels": self.sizes.channels,
            "carried_packets": carried.packets,
            "carried_octets": carried.octets,
            "passed_up": {name: count for name, count in table.passed_up().items() if count},
            "left_to_python": dict(sorted(table.left.items())),
        }

    def _table(self) -> FlowTable:
        if self.path.table is None:
            raise ValueError(self.path.why)
        return self.path.table


def open_datapath(
    choice: Choice,
    interfaces: Sequence[str],
    hosts: Iterable[str],
    sizes: Sizes,
    household: Household,
) -> Datapath:
    """Load the kernel's part where it is wanted; call it while there are privileges.

    Args:
        choice: `auto`, `kernel` or `python`.
        interfaces: by name; when there are none, those that have `hosts`.
        hosts: addresses of UDP listeners and relays.
        sizes: how much the kernel has room for.
        household: the clocks.

    Raises:
        CannotCarry: the kernel cannot, and has to.
    """
    path = open_path(choice, names=interfaces, hosts=sorted(hosts), sizes=sizes)
    return Datapath(choice=choice, sizes=sizes, path=path, household=household)


def _word(*, on: bool) -> str:
    return "on" if on else "off"

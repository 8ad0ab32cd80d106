"""One test for each row of a provider's table: what a row is, and how it is put on."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pytest
from attrs import frozen

from procall_mobility.config import Settings, load
from tests.daemon import SETTINGS, Daemon
from tests.interop.push.gateway_here import gateway_here
from tests.interop.push.reactions import Reaction, Row, Scene
from tests.interop.push.running import Running
from tests.interop.push.town import push_settings


@frozen(kw_only=True)
class Case:
    """A row, and what the design says of it."""

    row: Row
    reaction: Reaction


Cases = Mapping[str, Case]


def named(cases: Cases, kind: type[Reaction] = object) -> list[object]:
    """Return the cases with one kind of reaction, for tests that take a case."""
    return [
        pytest.param(case, id=name)
        for name, case in cases.items()
        if isinstance(case.reaction, kind)
    ]


def house(
    folder: Path, simulators: Running, apps: Iterable[tuple[str, ...]], more: str = ""
) -> Settings:
    """Return settings of a gateway, with a customer and applications registered."""
    daemon = Daemon(folder)
    said = SETTINGS.format(folder=folder) + push_settings(simulators.facts, more)
    daemon.settings.write_text(said)
    daemon.must("customer", "add", "acme")
    for each in apps:
        daemon.must(*each)
    return load(daemon.settings)


@frozen
class Stage:
    """Where the rows of one provider are put on."""

    settings: Settings
    simulators: Running

    def play(
        self,
        row: Row,
        check: Callable[[Scene], None],
        data: Path,
        patch: pytest.MonkeyPatch,
    ) -> None:
        """Have a gateway of its own for one row."""
        self.simulators.ask("forget", {})
        clocks = row.clocks()
        with gateway_here(self.settings, data, self.simulators, clocks, patch) as here:
            check(Scene(here, row))

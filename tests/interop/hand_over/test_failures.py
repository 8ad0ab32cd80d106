"""A new daemon that comes to nothing leaves the old one as it was, and says why."""

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import define, field
from click.testing import CliRunner

from procall_mobility import cli
from tests.daemon import PATIENCE, ROOT
from tests.interop.hand_over.service_manager import ServiceManager
from tests.smoke.daemons import Daemons
from tests.smoke.strict_client import StrictClient

pytestmark = pytest.mark.interop


@define(eq=False)
class House:
    daemons: Daemons
    manager: ServiceManager
    pid: int
    client: StrictClient = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.client = StrictClient(self.daemons.http)
        assert self.client.look_up("acme.example") is not None

    def fails(self) -> str:
        """Ask for a hand-over, and see that nothing has changed; returns why."""
        said = self.daemons.cli("hand-over")
        assert said.exit_code == 1, said.output
        self.unchanged()
        return said.output

    def unchanged(self) -> None:
        assert self.manager.main == self.pid
        assert self.pid not in self.manager.ended
        assert StrictClient(self.daemons.tls, tls=True).look_up("acme.example") is not None
        assert self.client.look_up("acme.example") is not None, "the connection is there still"
        assert "not handed over" in self.daemons.log("service")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("failures")
    daemons, manager = Daemons(folder), ServiceManager(folder)
    daemons.prepare()
    try:
        pid = manager.starts(daemons.program("run"), ROOT)
        manager.until_said("READY=1")
        daemons.start_server("--port", str(daemons.link))
        daemons.until_linked()
        yield House(daemons, manager, pid)
    finally:
        daemons.stop()
        manager.stops()


def test_settings_it_does_not_understand_are_all_told(house: House) -> None:
    """The command finds them first; a signal has only the log to tell."""
    house.daemons.write_settings(**{"[turn]": "[turn]\nbad = 1\nworse = 2"})
    assert house.daemons.cli("hand-over").exit_code == 78
    house.manager.signals(signal.SIGUSR2)
    house.daemons.until(lambda: "turn.worse" in house.daemons.log("service"))
    house.daemons.write_settings()
    assert "turn.bad" in house.daemons.log("service")
    house.unchanged()


def test_a_port_it_cannot_have_is_told(house: House) -> None:
    """And the admin socket, which it had already, is the old one's still."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        place = f"127.0.0.1:{taken.getsockname()[1]}"
        house.daemons.write_settings(
            **{f'link = ["127.0.0.1:{house.daemons.link}"]': f'link = ["{place}"]'}
        )
        why = house.fails()
    house.daemons.write_settings()
    assert f"cannot listen for link {place}: the port is taken" in why


def test_a_certificate_it_cannot_use_is_told(house: House) -> None:
    house.daemons.write_settings(**{"key.pem": "nothing.pem"})
    why = house.fails()
    house.daemons.write_settings()
    assert "nothing.pem" in why


def test_one_that_is_killed_is_told(house: House) -> None:
    """It waits for its settings for ever, as they are a pipe that nobody writes to."""
    settings = house.daemons.settings
    aside = settings.rename(settings.with_suffix(".aside"))
    killed: list[int] = []

    def kill() -> None:
        until = time.monotonic() + PATIENCE
        while not killed and time.monotonic() < until:
            time.sleep(0.05)
            killed.extend(each for each in takes_over() if each not in house.manager.ended)
        for each in killed:
            os.kill(each, signal.SIGKILL)

    # The command reads them first, and is given the right ones.
    before = Path(house.daemons.folder / "first.toml")
    before.write_text(aside.read_text())
    os.mkfifo(settings)
    killer = threading.Thread(target=kill)
    killer.start()
    try:
        said = CliRunner().invoke(cli.main, ["--config", str(before), "hand-over"])
    finally:
        killer.join()
        settings.unlink()
        aside.rename(settings)
    assert killed
    assert said.exit_code == 1
    assert "broke off" in said.output
    assert StrictClient(house.daemons.tls, tls=True).look_up("acme.example") is not None


def takes_over() -> list[int]:
    """Find processes that were told to take over."""
    found = []
    for each in Path("/proc").iterdir():
        try:
            told = (each / "environ").read_bytes()
        except OSError:
            continue
        if b"\0PROCALL_MOBILITY_HAND_OVER=" in told:
            found.append(int(each.name))
    return found


def test_two_at_a_time_are_one_too_many(house: House) -> None:
    """It hands over in the end, and only once."""
    manager = house.manager
    manager.signals(signal.SIGUSR2)
    time.sleep(0.1)
    said = house.daemons.cli("hand-over")
    assert "under way" in said.output, said.output
    second = manager.until_main_is_another_than(house.pid)
    assert manager.until_ended(house.pid) == 0
    manager.signals(signal.SIGTERM)
    assert manager.until_ended(second) == 0

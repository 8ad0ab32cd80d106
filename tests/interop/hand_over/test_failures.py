"""A new daemon that comes to nothing leaves the old one as it was, and says why."""

import contextlib
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator

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

    def take_over(self) -> list[int]:
        """Find the processes that were told to take over."""
        return self.manager.processes(b"PROCALL_MOBILITY_HAND_OVER=")

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
            killed.extend(house.take_over())
        for each in killed:
            with contextlib.suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)

    os.mkfifo(settings)
    killer = threading.Thread(target=kill)
    killer.start()
    try:
        # The command reads them first, and is given the right ones.
        said = CliRunner().invoke(cli.main, ["--config", str(aside), "hand-over"])
    finally:
        killer.join()
        settings.unlink()
        aside.rename(settings)
    assert killed
    assert said.exit_code == 1
    assert "broke off" in said.output
    assert StrictClient(house.daemons.tls, tls=True).look_up("acme.example") is not None


def test_two_at_a_time_are_one_too_many(house: House) -> None:
    """It hands over in the end, and only once.

    The new one has to wait for its settings until the second hand-over was refused.
    """
    manager, settings = house.manager, house.daemons.settings
    aside = settings.rename(settings.with_suffix(".aside"))
    os.mkfifo(settings)
    manager.signals(signal.SIGUSR2)
    house.daemons.until(house.take_over)
    said = CliRunner().invoke(cli.main, ["--config", str(aside), "hand-over"])

    def may_go_on() -> bool:
        try:
            descriptor = os.open(settings, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:  # Nobody reads it yet.
            return False
        with os.fdopen(descriptor, "w") as pipe:
            pipe.write(aside.read_text())
            aside.rename(settings)
        return True

    house.daemons.until(may_go_on)
    assert "under way" in said.output, said.output
    second = manager.until_main_is_another_than(house.pid)
    assert manager.until_ended(house.pid) == 0
    manager.signals(signal.SIGTERM)
    assert manager.until_ended(second) == 0

"""The twistd plugin's other half: options, logs, and the one place that imports the reactor."""

import datetime
import os
import sys
import time
from pathlib import Path
from typing import Any, NoReturn

import txaio
from twisted.application.service import IService
from twisted.internet import reactor
from twisted.logger import LogEvent, Logger
from twisted.python.usage import Options as TwistedOptions

from procall_mobility import service
from procall_mobility.config import Settings, SettingsError, load
from procall_mobility.config.errors import in_file, in_words
from procall_mobility.datapath import privileges
from procall_mobility.datapath.errors import CannotCarry
from procall_mobility.hand_over.socket_keeping import SocketKeeping
from procall_mobility.hand_over.taking_over import channel_socket, say_failed
from procall_mobility.operations import listen_fds
from procall_mobility.operations.descriptor_store import DescriptorStore
from procall_mobility.operations.masking import masks_natively
from procall_mobility.operations.service_log import ServiceLog
from procall_mobility.operations.sinks import open_sink
from procall_mobility.operations.starting import Starter
from procall_mobility.operations.systemd import Voice, watchdog_period
from procall_mobility.operations.whose_folder import root_abroad
from procall_mobility.process import Process
from procall_mobility.storage.errors import StoreError
from procall_mobility.transports.certificates import CertificateError
from procall_mobility.transports.lean_polling import poll_leanly
from procall_mobility.transports.passed import Passed

BAD_SETTINGS = 78
"""Exit status of sysexits(3), EX_CONFIG."""

SYSTEM_FILE = "/etc/procall-mobility/procall-mobility.toml"


class Options(TwistedOptions):
    """Options of `twistd procall-mobility`."""

    optParameters = [["config", "c", SYSTEM_FILE, "The settings file."]]


class LateLog:
    """Keeps what is logged until the settings have said where to."""

    def __init__(self) -> None:
        self._kept: list[LogEvent] = []
        self._log: ServiceLog | None = None

    def __call__(self, event: LogEvent) -> None:
        """Write an event, or keep it."""
        if self._log is not None:
            self._log(event)
        elif len(self._kept) < 1000:
            self._kept.append(event)

    def begin(self, settings: Settings) -> ServiceLog:
        """Write to where the settings say."""
        log = self._log = ServiceLog(
            open_sink(settings.log.service, "procall-mobility"),
            time.time,
            lambda unix: datetime.datetime.fromtimestamp(unix, datetime.UTC).astimezone(),
            least=settings.log.level,
            json=settings.log.format == "json",
        )
        kept, self._kept = self._kept, []
        for event in kept:
            log(event)
        return log

    def reopen(self) -> None:
        """Go on in a fresh file."""
        if self._log is not None:
            self._log.reopen()


_late = LateLog()


def early_log() -> LateLog:
    """Return twistd's log observer (its option --logger)."""
    return _late


def makeService(options: Options) -> IService:
    """Make the service twistd runs; ends the program with all that is wrong."""
    before = channel_socket(os.environ)
    starter = Starter(os.environ)

    def give_up(status: int, *lines: str) -> NoReturn:
        complain(*lines)
        sys.exit(status)

    def complain(*lines: str) -> None:
        for line in lines:
            print(f"procall-mobility: {line}", file=sys.__stderr__, flush=True)
        if before is not None:
            say_failed(before, lines)

    if _daemonizes(options.parent):
        # What is opened below, SQLite first of all, must not be carried across a fork.
        text = "twistd would go into the background: say --nodaemon, or `procall-mobility run`"
        give_up(1, f"{text}; systemd and its like keep it running there")
    file = Path(options["config"])
    try:
        settings = load(file)
    except SettingsError as error:
        give_up(BAD_SETTINGS, *(in_file(file, str(each)) for each in error.errors))
    if not masks_natively():
        give_up(1, "WebSocket masking is not native: install autobahn with NVX, or wsaccel")
    # autobahn's timers ask txaio for the reactor, whatever its factory was given.
    txaio.use_twisted()
    loop: Any = txaio
    loop.config.loop = reactor
    poll_leanly(reactor)
    try:
        log = _late.begin(settings)
        passed = _passed()
        daemon = service.compose(
            settings, reactor, log, passed, file=file, give_up_privileges=_give_up_privileges
        )
    except (OSError, StoreError, CertificateError, CannotCarry) as error:
        give_up(1, in_words(error))
    abroad = root_abroad(Path(settings.service.data))
    if abroad is not None:
        Logger().warn("root in another's folder", file=settings.service.data, text=abroad)
    daemon.complain = complain
    daemon.is_successor = before is not None
    voice = Voice(os.environ.get("NOTIFY_SOCKET"), speaks=before is None)
    Process(
        daemon=daemon,
        reactor=reactor,
        keeping=SocketKeeping(daemon, passed, DescriptorStore(voice)),
        voice=voice,
        starter=starter,
        before=before,
        reopen=_late.reopen,
        watchdog=watchdog_period(os.environ, os.getpid()),
    ).begin()
    return daemon


def _passed() -> Passed:
    """Take what was passed to us; nobody whom we start shall."""
    given = listen_fds.given(os.environ, os.getpid())
    listen_fds.forget(os.environ)
    if given.error:
        Logger().warn("passed descriptors not understood", error=given.error)
    return Passed(given.descriptors)


def _give_up_privileges() -> None:
    try:
        privileges.give_up()
    except OSError as error:
        # A sandbox that forbids capset(2): we are none the worse for what we hold.
        Logger().warn("privileges kept", error=str(error))


def _daemonizes(twistd: TwistedOptions | None) -> bool:
    """Whether whoever runs us will fork after the service is made."""
    return twistd is not None and not twistd.get("nodaemon", True)

"""Lines reach a file, standard error or the journal, and nothing stops when they cannot."""

import io
import os
import socket
import stat
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from procall_mobility.operations.sinks import (
    INFORMATION,
    FileSink,
    JournalSink,
    StreamSink,
    open_sink,
)


def test_lines_are_appended_to_a_file(tmp_path: Path) -> None:
    file = tmp_path / "access.log"
    file.write_text("before\n")
    sink = FileSink(file)
    sink.write("one", INFORMATION)
    sink.write("Größe \ud800", INFORMATION)
    assert file.read_text("utf-8") == "before\none\nGröße \\ud800\n", "nothing waits in a buffer"
    sink.close()


def test_a_log_with_addresses_is_not_for_everybody(tmp_path: Path) -> None:
    file = tmp_path / "access.log"
    FileSink(file).close()
    assert stat.S_IMODE(file.stat().st_mode) & 0o137 == 0


def test_after_a_rotation_lines_go_to_the_new_file(tmp_path: Path) -> None:
    file, rotated = tmp_path / "access.log", tmp_path / "access.log.1"
    sink = FileSink(file)
    sink.write("old", INFORMATION)
    file.rename(rotated)
    sink.write("late", INFORMATION)
    sink.reopen()
    sink.write("new", INFORMATION)
    sink.close()
    assert (rotated.read_text(), file.read_text()) == ("old\nlate\n", "new\n")


def test_when_the_new_file_cannot_be_opened_the_old_one_stays(tmp_path: Path) -> None:
    folder = tmp_path / "log"
    folder.mkdir()
    sink = FileSink(folder / "access.log")
    folder.rename(tmp_path / "moved")
    sink.reopen()
    sink.write("still here", INFORMATION)
    sink.close()
    assert (tmp_path / "moved" / "access.log").read_text() == "still here\n"


def test_what_is_written_to_a_closed_file_reaches_no_other(tmp_path: Path) -> None:
    """Its number is soon another file's, a database's for instance; and so it is not reopened."""
    sink = FileSink(tmp_path / "access.log")
    number = sink._descriptor
    sink.close()
    with (tmp_path / "other").open("wb") as other:
        assert other.fileno() == number
        sink.write("late", INFORMATION)
        sink.reopen()
        os.fstat(number)
    assert (tmp_path / "other").read_bytes() == b""


def test_a_full_disk_stops_nothing() -> None:
    sink = FileSink(Path("/dev/full"))
    sink.write("lost", INFORMATION)
    sink.close()


def test_a_file_that_cannot_be_opened_is_told_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        open_sink(str(tmp_path / "nowhere" / "x.log"), "x")


def test_a_stream_under_systemd_has_the_priority_in_front() -> None:
    """sd-daemon(3)."""
    stream = io.StringIO()
    StreamSink(stream, prefixed=True).write("line", 4)
    sink = StreamSink(stream, prefixed=False)
    sink.write("line", 4)
    sink.reopen()
    sink.close()
    assert stream.getvalue() == "<4>line\nline\n"


def test_a_closed_stream_stops_nothing() -> None:
    stream = io.StringIO()
    stream.close()
    StreamSink(stream, prefixed=False).write("lost", INFORMATION)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "journal"))
        listener.setblocking(False)
        yield listener


def message(text: bytes) -> bytes:
    return b"MESSAGE\n" + struct.pack("<Q", len(text)) + text + b"\n"


def test_the_journal_gets_fields(journal: socket.socket) -> None:
    """Its native protocol: a message with its length in front cannot add fields."""
    sink = JournalSink("procall-mobility", journal.getsockname())
    sink.write("one\nPRIORITY=0", 4)
    head = b"PRIORITY=4\nSYSLOG_IDENTIFIER=procall-mobility\n"
    assert journal.recv(4096) == head + message(b"one\nPRIORITY=0")
    sink.reopen()
    sink.close()


def test_a_journal_that_does_not_keep_up_stops_nothing(journal: socket.socket) -> None:
    sink = JournalSink("procall-mobility", journal.getsockname())
    for _ in range(10_000):
        sink.write("x" * 1000, 6)
    sink.write("x" * 100_000_000, 6)
    sink.close()


def test_a_journal_started_anew_is_found_again(journal: socket.socket, tmp_path: Path) -> None:
    sink = JournalSink("procall-mobility", journal.getsockname())
    journal.close()
    sink.write("lost", 6)
    (tmp_path / "journal").unlink()
    sink.write("lost too", 6)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as again:
        again.bind(str(tmp_path / "journal"))
        again.setblocking(False)
        sink.write("kept", 6)
        assert again.recv(4096).endswith(message(b"kept"))
    sink.close()


def test_the_settings_word_chooses_the_sink(
    journal: socket.socket, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there = open_sink("journal", "x", journal.getsockname())
    assert isinstance(there, JournalSink)
    there.close()
    open_sink("journal", "x", str(tmp_path / "nowhere")).write("no journal", 6)
    open_sink("stderr", "x").write("as told", 6)
    assert capsys.readouterr().err == "<6>no journal\nas told\n"
    file = open_sink(str(tmp_path / "x.log"), "x")
    assert isinstance(file, FileSink)
    file.close()

"""Puts files in their place whole: whoever reads one sees the old content or the new one."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

MOST_BACKUPS = 1000
"""Somebody who has as many is to tidy up, not to wait."""


@frozen
class WholeFile:
    """A file as it is to be."""

    path: Path
    content: bytes
    mode: int
    group: int | None = None
    """The id of the group it is given to; new files' where it is None."""
    owner: int | None = None
    """The id of whom it is given to, likewise."""


def put(*files: WholeFile) -> None:
    """Make or replace files; all of them are written before the first one is replaced.

    Raises:
        OSError: one cannot be written; nothing has changed.
    """
    with contextlib.ExitStack() as stack:
        written = [stack.enter_context(_written(each)) for each in files]
        for beside, file in zip(written, files, strict=True):
            with _naming(file.path):
                beside.replace(file.path)
    for folder in {file.path.parent for file in files}:
        _settle(folder)


def put_new(file: WholeFile) -> None:
    """Make a file.

    Raises:
        FileExistsError: it is there already, and stays.
        OSError: it cannot be written.
    """
    with _written(file) as beside, _naming(file.path):
        os.link(beside, file.path)
    _settle(file.path.parent)


def keep_backup(file: Path) -> Path:
    """Give what `file` holds a second name, which no later backup takes away.

    Raises:
        OSError: there is no such file, or no name is left.
    """
    for number in range(MOST_BACKUPS):
        backup = file.with_name(f"{file.name}.bak{number or ''}")
        try:
            os.link(file, backup)
        except FileExistsError:
            continue
        return backup
    raise FileExistsError(f"{file}: {MOST_BACKUPS} backups are beside it")


def make_folder(folder: Path, mode: int = 0o755) -> bool:
    """Make a folder, and those it is in for everybody to look into; tell whether it was not there.

    Raises:
        OSError: it cannot be made.
    """
    if folder.is_dir():
        return False
    make_folder(folder.parent)
    # Whatever the umask is, as the daemon may be somebody else; and no later than it is made, as
    # a name may lead somewhere else by then.
    mask = os.umask(0)
    try:
        folder.mkdir(mode)
    finally:
        os.umask(mask)
    return True


@contextlib.contextmanager
def _written(file: WholeFile) -> Iterator[Path]:
    with _naming(file.path):
        opened, name = tempfile.mkstemp(prefix=f".{file.path.name}.", dir=file.path.parent)
    beside = Path(name)
    try:
        with _naming(file.path), os.fdopen(opened, "wb") as written:
            written.write(file.content)
            ids = (file.owner, file.group)
            if ids != (None, None):
                os.fchown(written.fileno(), *(-1 if each is None else each for each in ids))
            # Last, as until then nobody else may read it.
            os.fchmod(written.fileno(), file.mode)
            written.flush()
            os.fsync(written.fileno())
        yield beside
    finally:
        with contextlib.suppress(FileNotFoundError):
            beside.unlink()


@contextlib.contextmanager
def _naming(file: Path) -> Iterator[None]:
    """Have errors name the file that was to be written: nobody knows of the one beside it."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(file)) from error


def _settle(folder: Path) -> None:
    """Have the names in a folder survive a loss of power too."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)

"""What is wrong with a settings file: everything, at once."""

from attrs import frozen


@frozen
class SettingError:
    """One mistake: where it stands (`listen.tls[0]`), the line where it can be told, the cure."""

    path: str
    text: str
    line: int | None = None

    def __str__(self) -> str:
        where = f"line {self.line}: " if self.line else ""
        return f"{where}{self.path}: {self.text}" if self.path else f"{where}{self.text}"


class SettingsError(Exception):
    """A settings file cannot be used."""

    def __init__(self, errors: tuple[SettingError, ...]) -> None:
        super().__init__("\n".join(map(str, errors)))
        self.errors = errors


def in_file(file: object, problem: str) -> str:
    """Return a problem with the file it is in; of one that cannot be read it says that itself."""
    return problem if problem.startswith(f"{file}: ") else f"{file}: {problem}"


def in_words(error: Exception) -> str:
    """Return what went wrong; Python's own errors about files put numbers before it."""
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    return str(error)

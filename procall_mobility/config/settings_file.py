"""The settings file, as somebody sees it who reads it again and again."""

from pathlib import Path

from attrs import frozen

from procall_mobility.config.lines import line_of
from procall_mobility.config.loading import load
from procall_mobility.config.settings import Settings
from procall_mobility.config.small_files import read_small


@frozen
class SettingsFile:
    """Where settings are read from."""

    path: Path

    def read(self) -> Settings:
        """Return what it says now.

        Raises:
            SettingsError: it cannot be used, with all errors.
        """
        return load(self.path)

    def line_of(self, path: str) -> int | None:
        """Return the line of a setting, as `config.lines.line_of` does; None without a file."""
        try:
            return line_of(read_small(self.path).decode("utf-8-sig"), path)
        except (OSError, UnicodeDecodeError):
            return None

"""What are we told?  Pure: one TOML file becomes settings, or all its errors at once."""

from procall_mobility.config.errors import SettingError, SettingsError
from procall_mobility.config.loading import load, parse
from procall_mobility.config.settings import Settings

__all__ = ["SettingError", "Settings", "SettingsError", "load", "parse"]

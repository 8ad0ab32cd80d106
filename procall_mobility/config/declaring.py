"""How settings are declared: default, kind of value, and purpose in one line."""

from typing import Any

import attrs

from procall_mobility.config.kinds import Reader


def setting(default: Any, read: Reader, purpose: str) -> Any:
    """Declare a setting; `purpose` is shown to operators."""
    return attrs.field(default=default, metadata={"read": read, "purpose": purpose})


def section(kind: type) -> Any:
    """Declare a section of settings."""
    return attrs.field(factory=kind, metadata={"section": kind})

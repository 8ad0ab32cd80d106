"""Integers as peers write them (Wire 4.3)."""

import re

LOWEST, HIGHEST = -(2**63), 2**64 - 1
"""ASN.1 INTEGERs of the interface have up to 64 bits, with and without sign."""

_DIGITS = re.compile("-?[0-9]{1,20}")
"""20 digits are enough for 64 bits."""


def integer_of(value: object) -> int | None:
    """Read a number, digits as text or a boolean of a parsed JSON value; None for all else."""
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        value = int(value)
    return int(value) if isinstance(value, int) and LOWEST <= value <= HIGHEST else None

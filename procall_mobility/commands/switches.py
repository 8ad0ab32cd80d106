"""Reads what an operator writes about switches: `jsonp=yes sessions=200`."""

import re
from typing import Any

import attrs
import click

from procall_mobility.gateway.customers import LogonStyle, Switches
from procall_mobility.gateway.push.applications.registrations import Provider

WORDS = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}
ORIGIN = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s/?#@\x00-\x20]+")
"""Scheme, host and port, as browsers tell it: one with so much as a slash behind would match none
(RFC 6454 section 7)."""

DEFAULTS: dict[str, Any] = attrs.asdict(Switches())


def assignments(texts: tuple[str, ...]) -> dict[str, Any]:
    """Read NAME=VALUE; the value is None where the default is wanted back.

    Raises:
        click.UsageError: with all that is wrong, and what is expected instead.
    """
    changed: dict[str, Any] = {}
    problems = []
    for text in texts:
        name, mark, value = text.partition("=")
        if not mark or name not in DEFAULTS:
            problems.append(f"{text!r}: expected NAME=VALUE, NAME one of: {', '.join(DEFAULTS)}")
            continue
        if name in changed:
            problems.append(f"{name}: said twice")
            continue
        try:
            changed[name] = _read(name, value) if value else None
        except (ValueError, KeyError):
            problems.append(f"{name}: expected {_expected(name)}, not {value!r}")
    if problems:
        raise click.UsageError("\n".join(problems))
    return changed


def _read(name: str, value: str) -> Any:
    if name == "push_without":
        return [Provider(item.strip()).value for item in value.split(",")]
    match DEFAULTS[name]:
        case bool():
            return WORDS[value.lower()]
        case int():
            number = int(value)
            if number < 1:
                raise ValueError(value)
            return number
        case tuple():
            origins = [item.strip() for item in value.split(",")]
            if not all(item == "*" or ORIGIN.fullmatch(item) for item in origins):
                raise ValueError(value)
            return origins
    return LogonStyle(value).value


def _expected(name: str) -> str:
    if name == "push_without":
        return f"providers with commas between: {', '.join(Provider)}"
    match DEFAULTS[name]:
        case bool():
            return "yes or no"
        case int():
            return "a whole number above 0"
        case tuple():
            return '"*" or origins with commas between, as in https://a.example,https://b.example'
    return " or ".join(LogonStyle)


def word(value: Any) -> str:
    """Write a switch's value as an operator would."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return (",".join(value) or "none") if isinstance(value, tuple) else str(value)

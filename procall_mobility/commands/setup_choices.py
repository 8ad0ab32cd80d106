"""What whoever sets a machine up has chosen, and which settings that makes."""

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs
import click
from attrs import field, frozen

from procall_mobility.commands.certificate_pairs import PairFiles
from procall_mobility.config import SettingError, Settings, SettingsError, parse
from procall_mobility.config.commented_file import Chosen, brief_file
from procall_mobility.config.differences import differences, paths
from procall_mobility.config.kinds import HIGHEST_PORT
from procall_mobility.config.origins import is_host
from procall_mobility.config.secret_files import exposed_secrets
from procall_mobility.gateway.customers import ALIAS, UCSID, normalized

PUBLIC_PORT = 443
_HOST = re.compile(
    r"(?:https://)?(?P<host>\[[^\[\]]*\]|[^\[\]:/]+?)\.?(?::(?P<port>[0-9]{1,5}))?/?", re.ASCII
)
_NAME = re.compile(r"[a-z0-9_]+(?:\.[a-z0-9_]+)+")


@frozen(kw_only=True)
class Acme:
    """How certbot is to get a certificate, and to renew it."""

    email: str = ""
    server: str = ""
    """Address of the authority's directory; certbot's own, Let's Encrypt, where it is empty."""
    webroot: Path | None = None
    """What a web server of this machine shows on port 80; where there is none, certbot listens."""
    port: int | None = None
    """Where certbot listens when something passes port 80 on to it."""
    agrees: bool = False
    """To the authority's terms of service; certbot asks where it is not said before."""


@frozen(kw_only=True)
class Customer:
    """The first customer."""

    ucsid: str
    aliases: tuple[str, ...] = ()
    note: str = ""
    password: str | None = None
    """None: one is to be made."""


@frozen(kw_only=True)
class Choices:
    """All of it."""

    origin: str = ""
    tls_port: int = PUBLIC_PORT
    files: PairFiles | None = None
    """The certificate that is there already."""
    in_place: bool = False
    """Leave it where it is, instead of installing a copy for the daemon."""
    acme: Acme | None = None
    data: Path | None = None
    others: Chosen = field(factory=dict)
    customer: Customer | None = None

    def said(self) -> Chosen:
        """Return the settings that were chosen in so many words."""
        made: dict[str, Any] = {}
        if self.origin:
            made["service.origin"] = self.origin
        if self.tls_port != PUBLIC_PORT:
            made["listen.tls"] = [f"0.0.0.0:{self.tls_port}", f"[::]:{self.tls_port}"]
        if self.data is not None:
            made["service.data"] = str(self.data)
            made["store.path"] = str(self.data / "customers.sqlite")
            made["admin.socket"] = str(self.data / "admin.sock")
        if self.files is not None and self.in_place:
            made |= _tls(self.files)
        return made | dict(self.others)

    def settings(self, file: Path, before: Chosen) -> Chosen:
        """Return all that a settings file, `file`, is to say, which said `before` until now."""
        return {**_tls(beside(file)), **before, **self.said()}


def beside(file: Path) -> PairFiles:
    """Return where certificate and key are, unless a settings file says otherwise."""
    return PairFiles(file.with_name("certificate.pem"), file.with_name("key.pem"))


def origin_of(host: str) -> tuple[str, int]:
    """Return what clients are told, and the port, of a `--host`: a name, or one with a port.

    Raises:
        BadParameter: it is neither.
    """
    found = _HOST.fullmatch(host.strip().lower())
    port = int(found["port"] or PUBLIC_PORT) if found else 0
    if found is None or not is_host(found["host"]) or not 0 < port <= HIGHEST_PORT:
        raise click.BadParameter(f"{host!r}: {_hint(host.strip())}")
    shown = f"https://{found['host']}"
    return (shown if port == PUBLIC_PORT else f"{shown}:{port}"), port


def _hint(host: str) -> str:
    if not host.isascii():
        return "write it in the letters of the DNS, where such names begin with xn--"
    if is_host(f"[{host}]"):
        return f"an IPv6 address stands in brackets, as in [{host}]"
    return 'expected a name that clients can call, as in "mobility.example.net"'


def ucsid_of(text: str) -> str:
    """Return a UCSID as it is stored.

    Raises:
        BadParameter: it is none.
    """
    ucsid = normalized(text)
    if not UCSID.fullmatch(ucsid):
        raise click.BadParameter(f"{text!r}: letters, digits and hyphens, as in acme")
    return ucsid


def aliases_of(text: str) -> tuple[str, ...]:
    """Return names with blanks between as they are stored.

    Raises:
        BadParameter: one is none.
    """
    names = tuple(map(normalized, text.split()))
    wrong = [name for name in names if not ALIAS.fullmatch(name)]
    if wrong:
        raise click.BadParameter(f"{wrong[0]!r} is no domain, such as acme.example")
    return names


def others(assignments: Sequence[str]) -> Chosen:
    """Read `--set NAME=VALUE`; a value that is no TOML is a text.

    Raises:
        BadParameter: one is no assignment.
    """
    made = {}
    for each in assignments:
        name, equals, value = each.partition("=")
        if not equals or not _NAME.fullmatch(name.strip()):
            raise click.BadParameter(
                f"{each!r}: expected NAME=VALUE, as in turn.relay='[\"192.0.2.7\"]'"
            )
        made[name.strip()] = _value(value.strip())
    return made


def checked(chosen: Chosen) -> Settings:
    """Return what the daemon makes of chosen settings.

    Raises:
        SettingsError: it would not take them; with all errors, and no lines.
    """
    source = brief_file(chosen)
    try:
        settings = parse(source)
    except SettingsError as error:
        raise SettingsError(
            tuple(attrs.evolve(each, line=None) for each in error.errors)
        ) from error
    errors = tuple(
        SettingError(path, "no single setting: name those in it, each by a path of its own")
        for path in chosen.keys() - said_in(source).keys()
    )
    if errors := errors + exposed_secrets(settings):
        raise SettingsError(errors)
    return settings


def changes(before: Chosen, chosen: Chosen) -> list[str]:
    """Name the settings that choices would change.

    Raises:
        SettingsError: see `checked`.
    """
    return [each.path for each in differences(checked(before), checked({**before, **chosen}))]


def said_in(source: str) -> dict[str, Any]:
    """Return the settings that the text of a file says; what are none is left out."""
    table = tomllib.loads(source)
    return {path: value for path in paths() for value in _found(table, path.split("."))}


def _found(table: Any, names: list[str]) -> list[Any]:
    """Return the value at a path, if it is there."""
    for name in names:
        if not isinstance(table, dict) or name not in table:
            return []
        table = table[name]
    return [table]


def _tls(files: PairFiles) -> dict[str, str]:
    return {"tls.certificate": str(files.certificate), "tls.key": str(files.key)}


def _value(text: str) -> Any:
    try:
        table = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        return text
    return table["value"] if table.keys() == {"value"} else text

"""Which versions of everything there are."""

import platform
import sqlite3
import ssl
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from procall_mobility import __version__
from procall_mobility.datapath.errors import CannotCarry
from procall_mobility.datapath.libbpf import libbpf
from procall_mobility.transports.http2 import library

LIBRARIES: Final = (
    "twisted", "autobahn", "pyopenssl", "service-identity", "attrs", "cryptography", "cffi",
    "click", "zope.interface", "prometheus-client", "psutil", "wsaccel",
)  # fmt: skip


def versions() -> Iterator[str]:
    """Yield a line for each."""
    yield f"procall-mobility   {__version__}"
    yield f"Python             {platform.python_version()} ({sys.implementation.name})"
    yield f"system             {_system()}"
    yield f"kernel             {platform.system()} {platform.release()} {platform.machine()}"
    yield f"OpenSSL            {ssl.OPENSSL_VERSION}"
    yield f"SQLite             {sqlite3.sqlite_version}"
    yield f"libnghttp2         {_push_library()}"
    yield f"libbpf             {_libbpf()}"
    for name in LIBRARIES:
        yield f"{name:<18} {_version(name)}"


def _system() -> str:
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", "?")
    except OSError:
        return "?"


def _push_library() -> str:
    try:
        return library.load().version
    except library.LibraryMissing:
        return "not installed"


def _libbpf() -> str:
    try:
        libbpf()
    except CannotCarry as error:
        return str(error)
    return "there"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"

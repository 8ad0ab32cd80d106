"""The page's files, and what browsers are told to let it do: nothing but what it needs."""

import hashlib
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from procall_mobility.operations.admin_site import Page, Told

TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
"""What is not of these is told to nobody: licences, and notes of where things are from."""

POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
"""Content-Security-Policy (CSP level 3): scripts and styles are files of ours, nothing is loaded
from or sent to elsewhere, and no text ever becomes markup."""

HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    # It is asked for each time, and sent only when it is another one.
    "Cache-Control": "no-cache",
}

INDEX: Final = "index.html"


def file_pages() -> dict[bytes, Page]:
    """Return the page at `/` and its files beside it, read now: they are of this version.

    Anybody may have them, as nothing in them is secret.
    """
    root = files(__package__) / "static"
    return {
        b"/" if path == INDEX else f"/{path}".encode(): _page(path, file.read_bytes())
        for path, file in sorted(_found(root, ""))
    }


def _found(folder: Traversable, prefix: str) -> list[tuple[str, Traversable]]:
    found = []
    for each in folder.iterdir():
        path = f"{prefix}{each.name}"
        if each.is_dir():
            found += _found(each, f"{path}/")
        elif _suffix(path) in TYPES:
            found.append((path, each))
    return found


def _page(path: str, content: bytes) -> Page:
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    told = Told(200, TYPES[_suffix(path)], content, {**HEADERS, "ETag": tag})
    return Page(lambda: told, is_open=True)


def _suffix(path: str) -> str:
    return "." + path.rpartition(".")[2]

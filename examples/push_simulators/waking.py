"""Asking whoever plays a device to wake it: one POST, as a phone starts an application."""

import json
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from twisted.logger import Logger
from twisted.web.client import Agent, FileBodyProducer, readBody
from twisted.web.http_headers import Headers

HERE = ("127.0.0.1", "localhost", "::1")
"""Hosts we ask: a simulator calls nobody but this machine."""
WITHIN = 5.0
"""Seconds."""


class Waker:
    """Asks at URLs of this machine."""

    _log = Logger()

    def __init__(
        self, reactor: Any, usual: str | None, tell: Callable[[dict[str, str]], None]
    ) -> None:
        """Prepare.

        Args:
            reactor: Twisted's.
            usual: the URL for devices that have none of their own.
            tell: is told of every device that is woken, with or without a URL.
        """
        self._agent = Agent(reactor, connectTimeout=WITHIN)
        self._usual = usual
        self._tell = tell

    def wake(self, url: str, about: Mapping[str, str]) -> None:
        """Ask to wake a device.

        Raises:
            ValueError: the URL is not one of this machine.
        """
        url = url or self._usual or ""
        if url and (urlsplit(url).scheme != "http" or urlsplit(url).hostname not in HERE):
            raise ValueError("wake: expected an http URL of this machine")
        self._tell(dict(about))
        if not url:
            return
        body = FileBodyProducer(BytesIO(json.dumps(about).encode()))
        headers = Headers({"content-type": ["application/json"]})
        asked = self._agent.request(b"POST", url.encode(), headers, body)
        asked.addCallback(readBody)
        asked.addErrback(
            lambda failure: self._log.warn("not woken", why=failure.getErrorMessage())
        )

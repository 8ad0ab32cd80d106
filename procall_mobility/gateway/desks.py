"""Desks: each answers the HTTP requests of one of our own interfaces."""

from typing import Protocol

from procall_mobility.gateway.customer_door import Reply
from procall_mobility.protocols.ucclient.intentions import HttpRequest


class Desk(Protocol):
    """Takes requests."""

    def wants(self, path: str) -> bool:
        """Tell whether requests for a path, which is decoded, are for this desk."""

    def serve(self, request: HttpRequest, reply: Reply) -> None:
        """Answer `request` through `reply`, at once or later, exactly once."""

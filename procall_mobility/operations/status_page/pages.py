"""All that the admin listener serves for the status page, by path."""

from collections.abc import Callable
from typing import Final

from attrs import frozen
from twisted.internet.defer import Deferred
from twisted.internet.task import Cooperator

from procall_mobility.operations.admin_site import Page, Told, as_json, unauthorized
from procall_mobility.operations.status_page.document import HistoryDocument, StatusDocument
from procall_mobility.operations.status_page.files import file_pages
from procall_mobility.operations.status_page.history import Ring
from procall_mobility.operations.status_page.making import Making, Pieces
from procall_mobility.operations.status_page.passes import Passes

KEPT_FOR: Final = 0.5
"""Seconds a document is good for: what is plotted is sampled every second."""


@frozen(kw_only=True)
class StatusPages:
    """What they are made of."""

    status: StatusDocument
    passes: Passes
    cooperator: Cooperator
    now: Callable[[], float]

    def pages(self) -> dict[bytes, Page]:
        """Return them."""
        history = self.status.history
        return {
            **file_pages(),
            b"/session": Page(None, acts={b"POST": self._enter, b"DELETE": self._leave}),
            b"/status.json": Page(self._making(self.status.pieces, KEPT_FOR)),
            **{
                f"/history/{ring.span.name}.json".encode(): Page(self._past(ring))
                for ring in history.rings
            },
        }

    def _past(self, ring: Ring) -> "Callable[[], Deferred[Told]]":
        document = HistoryDocument(
            history=self.status.history,
            ring=ring,
            offset=self.status.offset,
        )
        return self._making(document.pieces, ring.span.period / 2)

    def _making(self, pieces: Pieces, keeps: float) -> "Callable[[], Deferred[Told]]":
        making = Making(pieces=pieces, cooperator=self.cooperator, now=self.now, keeps=keeps)

        def ask() -> "Deferred[Told]":
            return making.ask().addCallback(lambda body: Told(200, "application/json", body))

        return ask

    def _enter(self, authorization: bytes | None) -> Told:
        made = self.passes.make(authorization)
        return unauthorized() if made is None else as_json(201, {"pass": made})

    def _leave(self, authorization: bytes | None) -> Told:
        self.passes.end(authorization)
        return as_json(200, {})

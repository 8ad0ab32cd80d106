"""Attempts as carriers are asked about them."""

from typing import Any

from procall_mobility.gateway.push.applications.carriers import Attempt
from tests.gateway.push.fakes import UNIX


def attempt(request: Any, *, token: str, has_moved: bool, now: float) -> Attempt:
    return Attempt(request=request, token=token, has_moved=has_moved, now=now, unix=UNIX + now)

"""The relay on sockets of this machine, for all tests of its transports."""

from collections.abc import Iterator

import pytest

from tests.transports.turn.relay_stage import RelayStage, relay_stage


@pytest.fixture
def stage() -> Iterator[RelayStage]:
    with relay_stage() as made:
        yield made

"""DTLS clients are served as any, and whoever does not show where it is costs nothing."""

import gc
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from OpenSSL import SSL

from procall_mobility.protocols.turn.ports import Transport
from procall_mobility.transports.certificates import Certificate
from tests.interop.turn.stun_codec import A, Method, message, parse
from tests.transports.turn.dtls_stage import DtlsStage, dtls_stage


@pytest.fixture
def stage(certificate: Certificate) -> Iterator[DtlsStage]:
    with dtls_stage(certificate) as made:
        yield made


def test_a_client_shakes_hands_and_is_answered(stage: DtlsStage) -> None:
    client = stage.client().shakes_hands()
    client.says(message(Method.BINDING))
    (answer,) = client.hears()
    assert parse(answer).address(A.XOR_MAPPED_ADDRESS) == client.address

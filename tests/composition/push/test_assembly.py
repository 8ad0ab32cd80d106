"""What the push gateway is put together from."""

import re
from pathlib import Path

import pytest

from procall_mobility.composition.push.assembly import uuid7
from procall_mobility.transports.certificate_files import CertificateError
from procall_mobility.transports.providers import split, trusted


def test_ids_are_uuids_of_version_7_and_grow_with_time() -> None:
    """RFC 9562 section 5.7."""
    early, late = uuid7(1_795_000_000.001, bytes), uuid7(1_795_000_000.002, bytes)
    form = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
    assert re.fullmatch(form, early)
    assert re.fullmatch(form, uuid7(1_795_000_000.0, lambda size: b"\xff" * size))
    assert early < late
    assert int(early.replace("-", "")[:12], 16) == 1_795_000_000_001


@pytest.mark.parametrize(
    ("authority", "host", "port"),
    [
        ("push.example", "push.example", 443),
        ("push.example:2197", "push.example", 2197),
        ("127.0.0.1:8443", "127.0.0.1", 8443),
        ("[::1]:8443", "::1", 8443),
        ("[::1]", "::1", 443),
    ],
)
def test_where_a_provider_is(authority: str, host: str, port: int) -> None:
    assert split(authority) == (host, port)


def test_a_file_without_certificates_is_named(tmp_path: Path) -> None:
    file = tmp_path / "authorities.pem"
    file.write_text("nothing")
    with pytest.raises(CertificateError, match=r"push\.authorities: .*authorities\.pem"):
        trusted(str(file))

"""Requests as octets (RFC 9112 sections 2, 3 and 5)."""

import pytest
from attrs import evolve

from procall_mobility.protocols.http1.requests import octets_of
from procall_mobility.protocols.push.exchange import ProviderRequest

PUSH = ProviderRequest(
    path="/?token=AbC%3d", headers=(("x-wns-type", "wns/raw"), ("x-wns-ttl", "60")), body=b"\x00{}"
)


def test_a_request_has_its_host_and_the_length_of_its_body() -> None:
    """WNS takes no chunks."""
    assert octets_of(PUSH, "db5.notify.windows.com") == (
        b"POST /?token=AbC%3d HTTP/1.1\r\nhost: db5.notify.windows.com\r\nx-wns-type: wns/raw\r\n"
        b"x-wns-ttl: 60\r\ncontent-length: 3\r\n\r\n\x00{}"
    )


@pytest.mark.parametrize(
    "request_",
    [
        evolve(PUSH, path="/a b"),
        evolve(PUSH, path="/a\r\nx: y"),
        evolve(PUSH, path="token"),
        evolve(PUSH, path="/ü"),
        evolve(PUSH, headers=(("X-WNS-Type", "wns/raw"),)),
        evolve(PUSH, headers=(("", "a"),)),
        evolve(PUSH, headers=(("a b", "a"),)),
        evolve(PUSH, headers=(("a", "b\r\nc: d"),)),
        evolve(PUSH, headers=(("a", "ü"),)),
        evolve(PUSH, headers=(("host", "elsewhere"),)),
        evolve(PUSH, headers=(("transfer-encoding", "chunked"),)),
    ],
)
def test_nobody_smuggles_in_a_line(request_: ProviderRequest) -> None:
    with pytest.raises(ValueError):  # Several texts.
        octets_of(request_, "push.example")

"""The face of libnghttp2: faults of ours come through C code whole, and end one session only."""

import pytest
from attrs import define, field

from procall_mobility.transports.http2.session import Broken, Session, error_name
from tests.transports.http2.provider import Provider

NAMES = (":method", ":scheme", ":authority", ":path")
VALUES = ("POST", "https", "push.example", "/")


class Fault(Exception):
    pass


@define
class Faulty:
    """A listener that fails in one method."""

    where: str
    calls: list[str] = field(factory=list)

    def _note(self, where: str) -> None:
        self.calls.append(where)
        if where == self.where:
            raise Fault(where)

    def on_header(self, stream: int, name: bytes, value: bytes) -> None:
        self._note("on_header")

    def on_data(self, stream: int, octets: bytes) -> None:
        self._note("on_data")

    def on_frame(self, kind: int, flags: int, stream: int) -> None:
        self._note("on_frame")

    def on_goaway(self, last_stream: int, code: int, debug: bytes) -> None:
        self._note("on_goaway")

    def on_closed(self, stream: int, code: int) -> None:
        self._note("on_closed")

    def on_violation(self, why: str) -> None:
        self._note("on_violation")

    def body(self, stream: int, most: int) -> tuple[bytes, bool]:
        self._note("body")
        return b"{}", True


PING_ON_A_STREAM = b"\0\0\x08\x06\0\0\0\0\1" + bytes(8)


def converse(session: Session, last_words: bytes) -> None:
    provider = Provider(answers=False)
    session.hears(provider.says())
    stream = session.submit(NAMES, VALUES, has_body=True)
    provider.hears(session.says())
    provider.answer(stream, 200, b"{}")
    provider.go_away(stream)
    session.hears(last_words or provider.says())


@pytest.mark.parametrize(
    "where",
    ["on_header", "on_data", "on_frame", "on_goaway", "on_closed", "on_violation", "body"],
)
def test_a_fault_in_a_callback_is_raised_where_it_was_caused(where: str) -> None:
    last_words = PING_ON_A_STREAM if where == "on_violation" else b""
    session, other = Session(Faulty(where), []), Session(Faulty("nowhere"), [])
    with pytest.raises(Fault, match=where):
        converse(session, last_words)
    session.end()
    converse(other, last_words)
    assert where in other._native.listeners[other._key].calls
    other.end()


def test_a_session_ends_once_and_is_of_no_use_then() -> None:
    """What C has freed it must not be given again."""
    session = Session(Faulty("nowhere"), [])
    session.end()
    session.end()
    for use in (session.ping, session.says, lambda: session.hears(b""), lambda: session.is_over):
        with pytest.raises(TypeError):
            use()


def test_what_the_library_refuses_is_raised_in_its_words() -> None:
    session = Session(Faulty("nowhere"), [])
    with pytest.raises(Broken, match="Invalid argument"):
        session.reset(0, 0)
    session.end()


def test_error_codes_have_their_names() -> None:
    """RFC 9113 section 7."""
    assert error_name(0xB) == "ENHANCE_YOUR_CALM"
    assert error_name(0xFFFF) == "unknown"

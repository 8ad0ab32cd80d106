"""A client that waits: what it makes of answers that are late, forged, or no answers at all."""

import socket
import time
from collections.abc import Callable, Iterator

import pytest

from procall_mobility.operations.turn_caller import (
    Login,
    LostError,
    RefusedError,
    TurnCaller,
    Wire,
)
from tests.interop.turn.stun_codec import A, Kind, Method, message, xor_address

SEEN = (A.XOR_MAPPED_ADDRESS, xor_address(("192.0.2.7", 4000)))
RELAYED = (A.XOR_RELAYED_ADDRESS, xor_address(("192.0.2.1", 50_000)))
CHALLENGE = (
    (A.ERROR_CODE, b"\0\0\x04\x01"),
    (A.REALM, b"example.test"),
    (A.NONCE, b"a nonce"),
)
TRANSACTION = b"twelve bytes"


class Server:
    """The other end of a wire; it has its answers ready before it is asked."""

    def __init__(self, *, stream: bool) -> None:
        kind = socket.SOCK_STREAM if stream else socket.SOCK_DGRAM
        self._end, self.client_end = socket.socketpair(socket.AF_UNIX, kind)
        self.caller = TurnCaller(
            Wire(self.client_end, stream), Login("alice", "secret"), lambda size: TRANSACTION
        )

    def has_ready(self, *messages: bytes) -> TurnCaller:
        for each in messages:
            self._end.send(each)
        return self.caller

    def hangs_up(self) -> TurnCaller:
        self._end.close()
        return self.caller

    def close(self) -> None:
        self._end.close()
        self.client_end.close()


@pytest.fixture
def make() -> Iterator[Callable[..., Server]]:
    made: list[Server] = []

    def make_one(*, stream: bool = False) -> Server:
        made.append(Server(stream=stream))
        return made[-1]

    yield make_one
    for each in made:
        each.close()


def soon() -> float:
    return time.monotonic() + 0.05


def answer(method: Method, *parts: tuple[int, bytes], kind: Kind = Kind.SUCCESS) -> bytes:
    return message(method, *parts, kind=kind, transaction=TRANSACTION)


def test_what_is_not_the_answer_is_passed_over(make: Callable[..., Server]) -> None:
    """Over UDP anybody may send us anything (RFC 8489 section 6.3)."""
    late = message(Method.BINDING, SEEN, kind=Kind.SUCCESS, transaction=b"another one!")
    caller = make().has_ready(b"noise", late, answer(Method.BINDING, SEEN))
    assert caller.binding(soon()) == ("192.0.2.7", 4000)


def test_an_answer_without_its_address_is_no_answer(make: Callable[..., Server]) -> None:
    caller = make().has_ready(answer(Method.BINDING))
    with pytest.raises(LostError):
        caller.binding(soon())


def test_a_relay_has_to_sign_its_answers(make: Callable[..., Server]) -> None:
    """RFC 8489 section 9.2.5: who does not know the password cannot lend us a relay."""
    challenge = answer(Method.ALLOCATE, *CHALLENGE, kind=Kind.ERROR)
    caller = make().has_ready(challenge, answer(Method.ALLOCATE, RELAYED))
    with pytest.raises(LostError, match="not signed"):
        caller.allocate(soon())


def test_a_second_challenge_means_no(make: Callable[..., Server]) -> None:
    challenge = answer(Method.ALLOCATE, *CHALLENGE, kind=Kind.ERROR)
    caller = make().has_ready(challenge, challenge)
    with pytest.raises(RefusedError) as refused:
        caller.allocate(soon())
    assert refused.value.code == 401


def test_an_old_nonce_is_replaced_but_not_for_ever(make: Callable[..., Server]) -> None:
    challenge = answer(Method.ALLOCATE, *CHALLENGE, kind=Kind.ERROR)
    stale = (A.ERROR_CODE, b"\0\0\x04\x26"), *CHALLENGE[1:]
    again = answer(Method.ALLOCATE, *stale, kind=Kind.ERROR)
    caller = make().has_ready(challenge, again, again, again)
    with pytest.raises(RefusedError) as refused:
        caller.allocate(soon())
    assert refused.value.code == 438


def test_an_error_without_its_code_is_an_error_all_the_same(make: Callable[..., Server]) -> None:
    caller = make().has_ready(answer(Method.BINDING, kind=Kind.ERROR))
    with pytest.raises(RefusedError) as refused:
        caller.binding(soon())
    assert refused.value.code == 0


def test_data_is_picked_out_of_what_comes(make: Callable[..., Server]) -> None:
    icmp = message(Method.DATA, kind=Kind.INDICATION)
    data = message(Method.DATA, (A.DATA, b"hello"), kind=Kind.INDICATION)
    assert make().has_ready(b"noise", icmp, data).hear(soon()) == b"hello"


def test_a_stream_with_a_broken_message_is_given_up(make: Callable[..., Server]) -> None:
    """Whole by its length, and no message by what is inside it."""
    broken = bytearray(answer(Method.BINDING, SEEN))
    broken[22:24] = b"\xff\xff"
    with pytest.raises(LostError):
        make(stream=True).has_ready(bytes(broken)).binding(soon())


def test_a_stream_that_ends_is_told(make: Callable[..., Server]) -> None:
    server = make(stream=True)
    caller = server.has_ready(answer(Method.BINDING, SEEN)[:10])
    server.hangs_up()
    with pytest.raises((LostError, BrokenPipeError)):
        caller.binding(soon())


def test_a_password_is_not_shown() -> None:
    assert "secret" not in repr(Login("alice", "secret"))

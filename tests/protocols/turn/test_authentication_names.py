"""Names that say anything, credentials that expire, passwords that are guessed (B11 to B19)."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procall_mobility.protocols.turn.ports import Account, Transport
from procall_mobility.protocols.turn.rules import CREDENTIAL_GRACE
from tests.interop.turn.stun_codec import UDP, A, Message, Method, message, signed
from tests.interop.turn.turn_client import Identity, TurnClient
from tests.protocols.turn.callers import Client
from tests.protocols.turn.plays import Play

WANTED = (A.REQUESTED_TRANSPORT, UDP)


def stranger(play: Play, user: bytes, host: str = "198.51.100.7", port: int = 40_000) -> Client:
    """Let somebody come who knows realm and nonce, but no password."""
    client = Client(play.line(address=(host, port)), TurnClient(Identity(user, b"guess")))
    answer = client.answer_to(message(Method.ALLOCATE, WANTED))
    if answer is not None:
        client.talk.challenged(answer)
    return client


def guess(client: Client, password: bytes = b"guess") -> Message | None:
    client.talk.identity = Identity(client.talk.identity.user, password)
    return client.answer_to(client.talk.request(Method.ALLOCATE, WANTED))


# Names ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "user",
    [
        b"%s%x%n", b"'; DROP TABLE users; --", b"a\nb", b"a\0b", b"\xff\xfe", b"\xc3",
        "\u202eevil".encode(), b":", b"9" * 508, b"1:acme:alice:a:b:c", b"nan:acme:alice",
        b"-1:acme:alice", b"18446744073709551616:acme:alice",
    ],
)  # fmt: skip
def test_b11_b12_a_name_is_octets_and_an_unknown_one_is_401(user: bytes) -> None:
    """B11, B12."""
    play = Play()
    answer = guess(stranger(play, user))
    assert answer is not None and answer.error == 401
    assert play.book.lines == []


@pytest.mark.parametrize("user", [b"", b"9" * 509, b"9" * 513])
def test_b12_a_name_too_long_or_empty_is_400(user: bytes) -> None:
    """B12, RFC 8489 section 14.3."""
    answer = guess(stranger(Play(), user))
    assert answer is not None and answer.error == 400
    assert not answer.has(A.NONCE)


PLAY = Play(watched=False, wrong_passwords_per_minute=1e9, unauthenticated_per_second=1e9)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=50)
@given(st.binary(max_size=600), st.binary(max_size=50))
def test_b12_c14_any_name_is_400_or_401(user: bytes, password: bytes) -> None:
    client = stranger(PLAY, user)
    answer = guess(client, password)
    assert answer is not None and answer.error in (400, 401)


# Expiry -----------------------------------------------------------------------------------


def test_b11_an_expired_credential_makes_nothing() -> None:
    """B11: 401, as if nobody were called that."""
    play = Play()
    client = play.client(expires_in=60)
    play.later(60)
    assert client.tries_to_allocate().error == 401


def test_b11_an_allocation_ends_with_its_credential_where_the_customer_is_strict() -> None:
    """B11."""
    play = Play()
    play.tenant(strict=True)
    play.client(expires_in=60).allocates()
    play.later(59)
    assert play.ended() == []
    play.later(1)
    assert play.ended() == ["credential-expired"]


def test_b11_an_allocation_may_be_refreshed_for_a_while_after() -> None:
    """B11: twelve hours, so that a call outlives its credential; nothing new is made with it."""
    play = Play()
    client = play.client(expires_in=60)
    client.allocates()
    for _ in range(int((60 + CREDENTIAL_GRACE) // 500)):
        play.later(500)
        assert client.refreshes().ok
    play.later(500)
    assert client.gets(Method.REFRESH).error == 401


def test_a_user_comes_back_with_a_new_credential() -> None:
    """RFC 8656 section 5: a new name of the same user owns what the old one made."""
    play = Play()
    client = play.client(expires_in=60)
    client.allocates()
    later = Account(
        tenant=play.tenants["acme"], subject="alice", passwords=(b"new",), until=play.now + 9000
    )
    play.users.add("later:acme:alice", later)
    client.talk.identity = Identity(b"later:acme:alice", b"new")
    assert client.refreshes().ok
    assert client.allocation.identity.username == b"later:acme:alice"
    assert client.allocation.identity.until == later.until


def test_each_of_two_secrets_is_good() -> None:
    """A secret that is being replaced makes two passwords."""
    play = Play()
    for n, password in enumerate(("old", "new")):
        play.users.add(
            "acme:bob",
            Account(tenant=play.tenant(), subject="bob", passwords=(b"old", b"new")),
        )
        client = play.client("bob", password=password)
        assert client.allocates().ok, n


# Guessing ---------------------------------------------------------------------------------


def test_b19_who_guesses_is_answered_less_and_less() -> None:
    """B19: then not at all, until the bucket fills again; the customer is told of each."""
    play = Play(wrong_passwords_per_minute=6)
    play.client()
    client = stranger(play, b"acme:alice")
    answers = [guess(client, str(n).encode()) for n in range(10)]
    assert [each.error if each else None for each in answers] == [401] * 6 + [None] * 4
    assert play.book.lines == [("wrong-password", "acme", "198.51.100.7")] * 6
    assert play.counters["too-many-wrong-passwords"] == 4
    play.later(10)
    assert guess(client) is not None
    assert guess(client) is None


def test_b19_a_name_that_does_not_exist_is_guessed_no_faster() -> None:
    """B19: and it is nobody's alert."""
    play = Play(wrong_passwords_per_minute=6)
    client = stranger(play, b"acme:nobody")
    assert [guess(client) is not None for _ in range(8)] == [True] * 6 + [False] * 2
    assert play.book.lines == []


def test_b19_other_ports_and_other_addresses_of_a_64_are_the_same_guesser() -> None:
    """B19: /32 of IPv4, /64 of IPv6."""
    for hosts in (["198.51.100.7"] * 9, [f"2001:db8:7:7::{n:x}" for n in range(1, 10)]):
        play = Play(wrong_passwords_per_minute=6)
        clients = [stranger(play, b"acme:alice", host, 2000 + n) for n, host in enumerate(hosts)]
        assert [guess(each) is not None for each in clients] == [True] * 6 + [False] * 3
        elsewhere = "198.51.100.8" if hosts[0][0] == "1" else "2001:db8:7:8::1"
        assert guess(stranger(play, b"acme:alice", elsewhere)) is not None


def test_b19_who_has_an_allocation_is_not_disturbed_by_guessers_next_door() -> None:
    """B19: behind one NAT with them."""
    play = Play(wrong_passwords_per_minute=6)
    client = play.client(address=("198.51.100.7", 41_000))
    client.allocates()
    guesser = stranger(play, b"acme:alice")
    for n in range(8):
        guess(guesser, str(n).encode())
    assert client.refreshes().ok
    assert client.permits(play.peer()).ok


def test_b19_what_is_challenged_or_malformed_is_no_guess() -> None:
    play = Play(wrong_passwords_per_minute=1)
    client = stranger(play, b"acme:alice")
    for _ in range(5):
        client.answer_to(message(Method.ALLOCATE, WANTED))
        client.answer_to(signed(message(Method.ALLOCATE, WANTED), b"k"))
    assert guess(client) is not None


def test_b19_streams_are_counted_too() -> None:
    play = Play(wrong_passwords_per_minute=1)
    play.client()
    user = Identity(b"acme:alice", b"guess")
    answers = []
    for _ in range(3):
        client = Client(
            play.line(by=Transport.TCP, address=("198.51.100.7", 4000)), TurnClient(user)
        )
        answers.append(client.asks(Method.ALLOCATE, WANTED))
    assert [each.error if each else None for each in answers] == [401, None, None]

"""Who asks: the checks of RFC 8489 section 9.2.4, in its order (B2 to B10)."""

import os

import pytest

from procall_mobility.protocols.turn.server import KNOWN
from tests.interop.turn.stun_codec import (
    SHA256,
    UDP,
    A,
    Kind,
    Message,
    Method,
    Part,
    appended,
    channel_data,
    is_signed_with,
    message,
    signed,
    signed_sha256,
)
from tests.interop.turn.turn_client import towards
from tests.protocols.turn.callers import Client
from tests.protocols.turn.plays import REALM, Play

CHALLENGE = {A.ERROR_CODE, A.REALM, A.NONCE, A.PASSWORD_ALGORITHMS}
PROOFS = {A.MESSAGE_INTEGRITY, A.MESSAGE_INTEGRITY_SHA256}
WANTED: Part = (A.REQUESTED_TRANSPORT, UDP)


def challenged(play: Play, **wishes: object) -> Client:
    """Let a client come that has been told realm and nonce, and holds nothing yet."""
    client = play.client(**wishes)
    answer = client.answer_to(message(Method.ALLOCATE, WANTED))
    assert answer is not None
    assert client.talk.challenged(answer)
    return client


def ask(client: Client, *parts: Part, key: bytes | None = None) -> Message:
    """Ask for an allocation with these attributes, signed the old way."""
    request = signed(message(Method.ALLOCATE, WANTED, *parts), key or client.talk.key)
    answer = client.answer_to(request)
    assert answer is not None
    return answer


def kinds(answer: Message) -> set[int]:
    return {kind for kind, _ in answer.attributes}


def is_untouched(play: Play) -> bool:
    """Tell whether nobody has left anything in any table."""
    tables = (
        play.allocations, play.allocations.quotas, play.allocations._deadlines,
        play.allocations._by_ticket, play.allocations.addresses.in_use,
        play.allocations.addresses._reserved, play.server.tcp_relaying, play.sockets.open_ones,
    )  # fmt: skip
    return not any(map(len, tables)) and not any(each.flows for each in play.listeners)


# Strangers --------------------------------------------------------------------------------


@pytest.mark.parametrize("method", sorted(KNOWN))
def test_a_request_without_integrity_is_challenged(method: Method) -> None:
    """401 with realm, nonce and algorithms, and nothing else; it cannot be signed."""
    play = Play()
    answer = play.client().answer_to(message(method))
    assert answer is not None and answer.error == 401
    assert kinds(answer) == CHALLENGE
    assert answer.must(A.REALM) == REALM.encode()
    assert answer.must(A.PASSWORD_ALGORITHMS) == bytes.fromhex("0002000000010000")
    assert len(answer.raw) <= 100, "D1"
    assert is_untouched(play)


def test_b4_a_million_strangers_leave_nothing() -> None:
    """B4: a thousand here, each from another address; every table is as it was."""
    play = Play(watched=False)
    for n in range(1000):
        client = play.client(address=(f"198.51.{n % 200}.{n // 200}", 1024 + n))
        client.answer_to(message(Method.ALLOCATE, WANTED))
        client.answer_to(message(Method.BINDING))
        client.line.says(message(Method.SEND, kind=Kind.INDICATION))
        client.line.says(channel_data(0x4000, b"x"))
    assert is_untouched(play)
    assert len(play.counters) <= 10
    authenticator, server = play.server._authenticator, play.server
    for table in (authenticator._wrong, server._strangers):
        assert len(table._tokens) == len(table._since) == table._places
    assert play.server.wake_at() is None


@pytest.mark.parametrize("algorithm", [None, SHA256])
def test_b5_a_forged_integrity_is_401_before_anything_is_kept(algorithm: bytes | None) -> None:
    """B5: with a right nonce and a wrong key."""
    play = Play()
    client = challenged(play, **({} if algorithm is None else {"algorithm": algorithm}))
    sign = signed if algorithm is None else signed_sha256
    unsigned = message(Method.ALLOCATE, WANTED, *client.talk.credentials())
    answer = client.answer_to(sign(unsigned, os.urandom(16)))
    assert answer is not None and answer.error == 401
    assert kinds(answer) == CHALLENGE
    assert is_untouched(play)


def test_b5_a_forged_integrity_about_an_allocation_is_401() -> None:
    """B5: its user's name is known, and the allocation is as it was."""
    client = challenged(Play())
    client.allocates()
    unsigned = message(Method.REFRESH, (A.LIFETIME, bytes(4)), *client.talk.credentials())
    answer = client.answer_to(signed(unsigned, os.urandom(16)))
    assert answer is not None and answer.error == 401
    assert client.refreshes().ok


@pytest.mark.parametrize("left_out", [A.USERNAME, A.REALM, A.NONCE])
def test_b6_a_signed_request_without_its_means_is_400(left_out: int) -> None:
    """B6: without REALM, NONCE or an integrity, as there is nothing to make one with."""
    play = Play()
    client = challenged(play)
    parts = [each for each in client.talk.credentials() if each[0] != left_out]
    answer = ask(client, *parts)
    assert answer.error == 400
    assert kinds(answer) == {A.ERROR_CODE}
    assert is_untouched(play)


# Nonces -----------------------------------------------------------------------------------


def test_b2_a_nonce_of_another_host_is_stale() -> None:
    """B2: 438, with one that is good."""
    play = Play()
    one, other = challenged(play), play.client("bob", address=("198.51.100.99", 40_000))
    other.talk.nonce, other.talk.realm = one.talk.nonce, one.talk.realm
    answer = ask(other, *other.talk.credentials())
    assert answer.error == 438
    assert kinds(answer) == CHALLENGE
    assert other.talk.challenged(answer)
    assert other.allocates().ok


def test_b3_an_old_nonce_is_stale_and_its_answer_small() -> None:
    """B3: 438 with a fresh one, and fewer octets than were sent."""
    play = Play()
    client = challenged(play)
    play.later(601)
    request = client.talk.request(Method.ALLOCATE, WANTED)
    answer = client.answer_to(request)
    assert answer is not None and answer.error == 438
    assert answer.must(A.NONCE) != client.talk.nonce
    assert len(answer.raw) < len(request)
    assert client.allocates().ok


def test_b3_a_wrong_password_is_told_before_an_old_nonce() -> None:
    """RFC 8489 section 9.2.4: 401 goes before 438, so that 438 says the password is right."""
    client = challenged(Play())
    client.talk.nonce = b"of another server"
    assert ask(client, *client.talk.credentials(), key=b"wrong").error == 401
    assert ask(client, *client.talk.credentials()).error == 438


# What is not protected is not there -------------------------------------------------------


@pytest.mark.parametrize(
    "late",
    [
        (A.LIFETIME, bytes(4)),
        (A.XOR_PEER_ADDRESS, bytes(8)),
        (A.ORIGIN, b"https://evil.test"),
        (A.REQUESTED_TRANSPORT, b"\x06\0\0\0"),
        (A.USERNAME, b"acme:mallory"),
        (A.REALM, b"other"),
        (0x7F00, b"has to be understood"),
        (A.RESERVATION_TOKEN, bytes(8)),
        (A.EVEN_PORT, b"\x80"),
    ],
)
def test_b7_what_follows_the_integrity_changes_nothing(late: Part) -> None:
    """B7: each kind of attribute."""
    client = challenged(Play())
    request = client.talk.request(Method.ALLOCATE, WANTED)
    answer = client.answer_to(appended(request, late))
    assert answer is not None and answer.ok
    assert answer.number(A.LIFETIME) == 600
    assert not answer.has(A.RESERVATION_TOKEN)


def test_b7_a_late_zero_lifetime_ends_no_allocation() -> None:
    """B7: whoever sits in between could otherwise end every call."""
    client = challenged(Play())
    client.allocates()
    answer = client.answer_to(
        appended(client.talk.request(Method.REFRESH), (A.LIFETIME, bytes(4)))
    )
    assert answer is not None and answer.number(A.LIFETIME) == 600
    assert client.allocation is not None


def test_b8_the_first_of_two_user_names_counts() -> None:
    """B8: and the first of two peers where there is to be one."""
    play = Play()
    client = challenged(play)
    assert ask(client, *client.talk.credentials(), (A.USERNAME, b"acme:nobody")).ok
    t, peers = os.urandom(12), [play.peer("20.0.0.1"), play.peer("20.0.0.2")]
    named = [(A.CHANNEL_NUMBER, b"\x40\0\0\0"), *(towards(each, t) for each in peers)]
    assert client.gets(Method.CHANNEL_BIND, *named, transaction=t).ok
    assert [each.peer[0] for each in client.allocation.channels.values()] == ["20.0.0.1"]


# Whose allocation it is -------------------------------------------------------------------


@pytest.mark.parametrize("method", [Method.REFRESH, Method.CREATE_PERMISSION, Method.CHANNEL_BIND,
                                    Method.CONNECT])  # fmt: skip
@pytest.mark.parametrize("customer", ["acme", "other"])
def test_b9_b10_another_user_on_the_same_five_tuple_is_441(method: Method, customer: str) -> None:
    """B9, B10: signed with the asker's key, and the owner's is not forgotten."""
    play = Play()
    owner = play.client()
    owner.allocates()
    other = play.client("mallory", customer=customer)
    other.line = owner.line
    answer = other.gets(method, (A.LIFETIME, bytes(4)))
    assert answer.error == 441
    assert other.talk.trusts(answer)
    assert owner.refreshes().ok


def test_b9_for_a_new_allocation_another_users_is_in_the_way() -> None:
    """RFC 8656 section 7.2: 437, also for a transaction of the owner's; 441 is for others."""
    play = Play()
    owner, other = play.client(), play.client("bob")
    t = os.urandom(12)
    owner.gets(Method.ALLOCATE, WANTED, transaction=t)
    other.line = owner.line
    answer = other.gets(Method.ALLOCATE, WANTED, transaction=t)
    assert answer.error == 437
    assert not answer.has(A.XOR_RELAYED_ADDRESS)
    assert other.talk.trusts(answer)


def test_b10_another_realm_is_none_of_ours() -> None:
    """B10: nothing of it is kept; the challenge names ours."""
    play = Play()
    client = challenged(play)
    key, client.talk.realm = client.talk.key, b"elsewhere.test"
    answer = ask(client, *client.talk.credentials(), key=key)
    assert answer.error == 401
    assert answer.must(A.REALM) == REALM.encode()
    assert is_untouched(play)


def test_b10_an_origin_says_nothing() -> None:
    """B10: browsers send none, and whoever does may change it."""
    client = challenged(Play())
    client.allocates((A.ORIGIN, b"https://one.test"))
    assert client.refreshes(None, (A.ORIGIN, b"https://two.test")).ok


@pytest.mark.parametrize("wishes", [{}, {"algorithm": SHA256}])
def test_errors_after_the_checks_are_signed(wishes: dict[str, bytes]) -> None:
    """RFC 8489 section 9.2.4: any response is, once the asker is known; and says no more of it."""
    client = challenged(Play(), **wishes)
    client.allocates()
    answer = client.gets(Method.CREATE_PERMISSION)
    assert answer.error == 400
    assert is_signed_with(answer.raw, client.talk.key)
    assert kinds(answer) & PROOFS == {
        A.MESSAGE_INTEGRITY_SHA256 if wishes else A.MESSAGE_INTEGRITY
    }
    assert not kinds(answer) & {A.REALM, A.NONCE, A.USERNAME, A.USERHASH}

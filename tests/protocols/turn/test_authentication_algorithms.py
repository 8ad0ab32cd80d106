"""Password algorithms, and who takes the better one away; names behind a hash (B14, B15)."""

import hashlib

import pytest

from tests.interop.turn.stun_codec import (
    MD5,
    SHA256,
    UDP,
    A,
    Message,
    Method,
    Part,
    long_term_key,
    message,
    signed,
    signed_sha256,
)
from tests.protocols.turn.callers import Client
from tests.protocols.turn.plays import REALM, Play

OFFER = SHA256 + MD5
OFFERED: Part = (A.PASSWORD_ALGORITHMS, OFFER)
CHOSEN: Part = (A.PASSWORD_ALGORITHM, SHA256)
WANTED: Part = (A.REQUESTED_TRANSPORT, UDP)


def challenged(play: Play, **wishes: object) -> Client:
    client = play.client(**wishes)
    answer = client.answer_to(message(Method.ALLOCATE, WANTED))
    assert answer is not None
    assert client.talk.challenged(answer)
    return client


def names(client: Client) -> list[Part]:
    """Who asks, with nothing about algorithms."""
    about = (A.PASSWORD_ALGORITHM, A.PASSWORD_ALGORITHMS)
    return [each for each in client.talk.credentials() if each[0] not in about]


def ask(client: Client, *parts: Part, algorithm: bytes = SHA256, sign=signed_sha256) -> Message:
    who = client.talk.identity
    key = long_term_key(who.user, REALM.encode(), who.password, algorithm)
    request = message(Method.ALLOCATE, WANTED, *names(client), *parts)
    answer = client.answer_to(sign(request, key))
    assert answer is not None
    return answer


def proof(answer: Message) -> set[int]:
    both = {A.MESSAGE_INTEGRITY, A.MESSAGE_INTEGRITY_SHA256}
    return {kind for kind, _ in answer.attributes} & both


@pytest.mark.parametrize(
    "parts",
    [
        [OFFERED],
        [CHOSEN],
        [(A.PASSWORD_ALGORITHMS, MD5 + SHA256), CHOSEN],
        [(A.PASSWORD_ALGORITHMS, MD5), (A.PASSWORD_ALGORITHM, MD5)],
        [(A.PASSWORD_ALGORITHMS, SHA256), CHOSEN],
        [(A.PASSWORD_ALGORITHMS, b""), CHOSEN],
        [(A.PASSWORD_ALGORITHMS, OFFER[:6]), CHOSEN],
        [(A.PASSWORD_ALGORITHMS, OFFER + b"\0\3\0\0"), CHOSEN],
        [OFFERED, (A.PASSWORD_ALGORITHM, b"\0\3\0\0")],
        [OFFERED, (A.PASSWORD_ALGORITHM, b"\0\0\0\0")],
        [OFFERED, (A.PASSWORD_ALGORITHM, b"\0\2\0\1x")],
        [OFFERED, (A.PASSWORD_ALGORITHM, b"\0\2")],
        [OFFERED, (A.PASSWORD_ALGORITHM, b"")],
    ],
)
@pytest.mark.parametrize("algorithm", [MD5, SHA256])
def test_b14_whatever_is_not_as_we_sent_it_is_400(parts: list[Part], algorithm: bytes) -> None:
    """B14: only one of the two, another list or order, one outside it, one with parameters."""
    client = challenged(Play())
    answer = ask(client, *parts, algorithm=algorithm)
    assert answer.error == 400
    assert {kind for kind, _ in answer.attributes} == {A.ERROR_CODE}


def test_b14_both_absent_is_the_old_way() -> None:
    """B14: a key by MD5, and an answer with the old integrity whatever the request had."""
    for sign in (signed, signed_sha256):
        answer = ask(challenged(Play()), algorithm=MD5, sign=sign)
        assert answer.ok
        assert proof(answer) == {A.MESSAGE_INTEGRITY}


def test_b14_both_absent_and_a_better_key_is_wrong() -> None:
    assert ask(challenged(Play()), algorithm=SHA256, sign=signed).error == 401


@pytest.mark.parametrize("algorithm", [MD5, SHA256])
@pytest.mark.parametrize("sign", [signed, signed_sha256])
def test_b14_who_was_offered_algorithms_is_answered_with_sha_256(algorithm: bytes, sign) -> None:
    """RFC 8489 section 9.2.4: whichever it chose, and however it signed."""
    client = challenged(Play())
    chosen = (A.PASSWORD_ALGORITHM, algorithm)
    answer = ask(client, OFFERED, chosen, algorithm=algorithm, sign=sign)
    assert answer.ok
    assert proof(answer) == {A.MESSAGE_INTEGRITY_SHA256}


def test_b14_the_key_is_made_by_what_was_chosen() -> None:
    client = challenged(Play())
    assert ask(client, OFFERED, CHOSEN, algorithm=MD5).error == 401
    assert ask(client, OFFERED, (A.PASSWORD_ALGORITHM, MD5), algorithm=SHA256).error == 401


@pytest.mark.parametrize("nonce", [b"x" * 32, b"obMatJos2AAAA" + b"x" * 19, b"obMatJos2????"])
def test_b14_a_nonce_that_lost_its_feature_is_none_of_ours(nonce: bytes) -> None:
    """B14: the two attributes mean nothing then, and the answer says what is offered."""
    client = challenged(Play())
    client.talk.nonce = nonce
    answer = ask(client, OFFERED, CHOSEN, algorithm=MD5)
    assert answer.error == 438
    assert answer.must(A.PASSWORD_ALGORITHMS) == OFFER
    assert ask(client, OFFERED, CHOSEN, algorithm=SHA256).error == 401


def test_b14_a_nonce_with_the_feature_taken_out_is_stale() -> None:
    """B14: its sum covers the features."""
    client = challenged(Play())
    nonce = client.talk.nonce
    client.talk.nonce = nonce[:9] + b"QAAC" + nonce[13:]
    assert ask(client, algorithm=MD5, sign=signed).error == 438


def test_b14_an_operator_may_refuse_md5() -> None:
    """B14: `md5 = false`: it is not offered, and neither way of asking with it is taken."""
    client = challenged(Play(md5=False), algorithm=SHA256)
    assert client.talk.algorithms == SHA256
    offered = (A.PASSWORD_ALGORITHMS, SHA256)
    assert ask(client, algorithm=MD5, sign=signed).error == 400
    assert ask(client, offered, (A.PASSWORD_ALGORITHM, MD5), algorithm=MD5).error == 400
    assert ask(client, OFFERED, CHOSEN).error == 400
    assert ask(client, offered, CHOSEN).ok


def test_an_allocation_is_spoken_of_in_the_way_of_each_request() -> None:
    """RFC 8489 section 9.2.4: a client that changes its algorithm is answered in the new one."""
    play = Play()
    client = challenged(play)
    client.allocates()
    assert proof(client.refreshes()) == {A.MESSAGE_INTEGRITY}
    client.talk.algorithm, client.talk.algorithms = SHA256, OFFER
    assert proof(client.refreshes()) == {A.MESSAGE_INTEGRITY_SHA256}
    client.talk.algorithm, client.talk.algorithms = MD5, b""
    assert proof(client.refreshes()) == {A.MESSAGE_INTEGRITY}


# Hidden names -----------------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", [MD5, SHA256])
def test_b15_a_hidden_name_is_found(algorithm: bytes) -> None:
    """B15: USERHASH of a name that is known."""
    client = challenged(Play(), algorithm=algorithm, userhash=True)
    assert client.allocates().ok
    assert client.refreshes().ok
    assert client.allocation.identity.username == b"acme:alice"


@pytest.mark.parametrize("hashed", [bytes(32), b"", bytes(31)])
def test_b15_an_unknown_hidden_name_is_401_and_is_asked_for_openly(hashed: bytes) -> None:
    """B15: the new nonce announces no hidden names; the password was not even looked at."""
    play = Play()
    client = challenged(play)
    parts = [(A.USERHASH, hashed), *(each for each in names(client) if each[0] != A.USERNAME)]
    answer = client.answer_to(signed(message(Method.ALLOCATE, WANTED, *parts), b"any key"))
    assert answer is not None and answer.error == 401
    assert answer.must(A.NONCE).startswith(b"obMatJos2gAAB")
    assert answer.must(A.PASSWORD_ALGORITHMS) == OFFER
    client.talk.nonce = answer.must(A.NONCE)
    assert client.allocates().ok
    assert ("wrong-password", "acme", client.address[0]) not in play.book.lines


def test_b15_a_name_both_open_and_hidden_is_400() -> None:
    """B15: the RFC is silent; this is how nobody can be two."""
    hashed = hashlib.sha256(b"acme:alice:" + REALM.encode()).digest()
    client = challenged(Play())
    assert ask(client, (A.USERHASH, hashed), algorithm=MD5, sign=signed).error == 400

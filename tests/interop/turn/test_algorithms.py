"""Password algorithms and hidden names (checklist B14 and B15)."""

import os

import pytest

from tests.interop.turn.caller import Caller
from tests.interop.turn.conftest import StartSite
from tests.interop.turn.servers import CUSTOMER, SECRET
from tests.interop.turn.site import TRANSPORTS, Site
from tests.interop.turn.stun_codec import MD5, SHA256, UDP, A, Method, Part, message, signed
from tests.interop.turn.turn_client import Identity

pytestmark = pytest.mark.interop

MINTED = Identity.minted(SECRET, CUSTOMER)
OFFER = SHA256 + MD5


def challenged(site: Site, transport: str, algorithm: bytes = SHA256) -> Caller:
    caller = site.caller(transport, MINTED, algorithm=algorithm)
    answer = caller.ask(message(Method.ALLOCATE, (A.REQUESTED_TRANSPORT, UDP)))
    assert caller.talk.challenged(answer)
    assert answer.must(A.PASSWORD_ALGORITHMS) == OFFER
    return caller


def ask_with(caller: Caller, *algorithms: Part) -> int:
    """Ask with these attributes about algorithms, and return the error code."""
    names = (A.PASSWORD_ALGORITHMS, A.PASSWORD_ALGORITHM)
    parts = [each for each in caller.talk.credentials() if each[0] not in names]
    request = message(Method.ALLOCATE, (A.REQUESTED_TRANSPORT, UDP), *parts, *algorithms)
    return caller.ask(caller.talk.sign(request)).error


def test_sha_256_is_spoken(site: Site, transport: str) -> None:
    """B14: answers are signed in kind."""
    caller = site.caller(transport, MINTED, algorithm=SHA256)
    answer = caller.allocates()
    assert answer.has(A.MESSAGE_INTEGRITY_SHA256)
    assert caller.refreshes(0).has(A.MESSAGE_INTEGRITY_SHA256)


def test_nobody_in_between_takes_the_better_algorithm_away(site: Site, transport: str) -> None:
    """B14: whatever is not as we sent it is refused (RFC 8489 section 9.2.4)."""
    caller = challenged(site, transport)
    offered, chosen = (A.PASSWORD_ALGORITHMS, OFFER), (A.PASSWORD_ALGORITHM, SHA256)
    bent: list[list[Part]] = [
        [offered],
        [chosen],
        [(A.PASSWORD_ALGORITHMS, MD5 + SHA256), chosen],
        [(A.PASSWORD_ALGORITHMS, MD5), (A.PASSWORD_ALGORITHM, MD5)],
        [(A.PASSWORD_ALGORITHMS, SHA256), chosen],
        [(A.PASSWORD_ALGORITHMS, b""), chosen],
        [(A.PASSWORD_ALGORITHMS, OFFER[:6]), chosen],
        [(A.PASSWORD_ALGORITHMS, OFFER + b"\0\x03\0\0"), chosen],
        [offered, (A.PASSWORD_ALGORITHM, b"\0\x03\0\0")],
        [offered, (A.PASSWORD_ALGORITHM, b"\0\0\0\0")],
        [offered, (A.PASSWORD_ALGORITHM, b"")],
        [offered, (A.PASSWORD_ALGORITHM, b"\0\x02")],
    ]
    for attributes in bent:
        assert ask_with(caller, *attributes) == 400, attributes
    assert ask_with(caller, offered, chosen) == 0


def test_both_attributes_absent_is_the_old_way(site: Site, transport: str) -> None:
    """B14: as a browser asks, with keys by MD5."""
    assert ask_with(challenged(site, transport, MD5)) == 0


def test_an_operator_may_refuse_the_old_way(start_site: StartSite) -> None:
    """B14: the setting `turn.md5`; then nothing else is offered either."""
    site = start_site(turn={"md5": False})
    for transport in TRANSPORTS:
        caller = site.caller(transport, MINTED, algorithm=SHA256)
        caller.allocates()
        assert caller.talk.algorithms == SHA256
        old = site.caller(transport, MINTED)
        assert old.tries_to_allocate().error == 400


def test_a_hidden_name_is_found_if_it_was_issued_here(site: Site, transport: str) -> None:
    """B15: USERHASH instead of USERNAME (RFC 8489 section 9.2.2)."""
    issued = site.relay.facts("turn", "credentials", CUSTOMER)
    identity = Identity.of(issued["username"], issued["credential"])
    caller = site.caller(transport, identity, algorithm=SHA256)
    caller.talk.userhash = True
    caller.allocates()
    assert caller.refreshes(0).ok


def test_an_unknown_hidden_name_is_a_wrong_one(site: Site, transport: str) -> None:
    """B15: 401."""
    caller = site.caller(transport, Identity(os.urandom(8).hex().encode(), b"guessed"))
    caller.talk.userhash = True
    assert caller.tries_to_allocate().error == 401


def test_a_name_both_open_and_hidden_is_refused(site: Site, transport: str) -> None:
    """B15: 400."""
    caller = challenged(site, transport, MD5)
    parts = [*caller.talk.credentials(), (A.USERHASH, bytes(32))]
    request = message(Method.ALLOCATE, (A.REQUESTED_TRANSPORT, UDP), *parts)
    assert caller.ask(signed(request, caller.talk.key)).error == 400

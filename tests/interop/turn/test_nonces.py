"""Nonces and whatever else nobody may guess (checklist B1 to B5)."""

import base64
import itertools
import os

import pytest

from tests.interop.turn.conftest import StartSite, Volume
from tests.interop.turn.floods import spoofed
from tests.interop.turn.site import TRANSPORTS, Site
from tests.interop.turn.stun_codec import UDP, A, Message, Method, message, parse, signed
from tests.interop.turn.turn_client import channel, lifetime, towards

pytestmark = pytest.mark.interop

FEATURES = 13
"""Octets of `obMatJos2` and four characters; everybody's are the same."""

CLEAR = 6
"""Octets of the time and the client's port, before the sum."""

SKEW, NONCE_LIFETIME = 5, 600


def challenge(site: Site, transport: str = "udp", host: str | None = None) -> Message:
    caller = site.caller(transport, host=host)
    answer = caller.ask(message(Method.ALLOCATE, (A.REQUESTED_TRANSPORT, UDP)))
    assert answer.error == 401
    return answer


def test_nonces_are_as_good_as_chance(site: Site, volume: Volume) -> None:
    """B1: every bit of a nonce's sum is as often 0 as 1, whoever asks."""
    count = volume(500)
    sums = []
    for _ in range(count):
        nonce = challenge(site).must(A.NONCE)
        assert nonce.startswith(b"obMatJos2")
        sums.append(base64.b64decode(nonce[FEATURES:] + b"=")[CLEAR:])
    assert len(set(sums)) == count
    for bit in range(8 * len(sums[0])):
        ones = sum(int.from_bytes(each) >> bit & 1 for each in sums)
        # Nine standard deviations: less likely than a broken machine.
        assert abs(ones - count / 2) < 4.5 * count**0.5


def test_relay_ports_and_tokens_are_as_good_as_chance(site: Site, volume: Volume) -> None:
    """B1: neither the next port nor the next token can be told from the last."""
    caller, second, ports, tokens = site.caller(), site.caller(), [], set()
    count = volume(200)
    for _ in range(count):
        token = caller.allocates((A.EVEN_PORT, b"\x80")).must(A.RESERVATION_TOKEN)
        ports.append(caller.relayed[1])
        tokens.add(token)
        second.allocates((A.RESERVATION_TOKEN, token))
        assert caller.refreshes(0).ok
        assert second.refreshes(0).ok
    assert len(tokens) == count
    steps = [later - sooner for sooner, later in itertools.pairwise(ports)]
    assert len(set(steps)) > count * 0.8
    assert max(ports) - min(ports) > 8000


def test_a_nonce_is_good_for_its_client_alone(site: Site, transport: str) -> None:
    """B2: 438 from another address, with a nonce of its own, which is good."""
    owner, thief = site.allocated(transport), site.caller(transport)
    thief.talk.nonce, thief.talk.realm = owner.talk.nonce, owner.talk.realm
    request = thief.talk.request(Method.ALLOCATE, (A.REQUESTED_TRANSPORT, UDP))
    answer = thief.ask(request)
    assert answer.error == 438
    assert thief.talk.challenged(answer)
    assert thief.allocates().ok


def test_an_old_nonce_is_renewed(start_site: StartSite) -> None:
    """B3: 438 with a fresh nonce, and less than was asked."""
    site = start_site(clock=True)
    for transport in TRANSPORTS:
        caller = site.allocated(transport)
        site.advance(NONCE_LIFETIME - 20)
        request = caller.talk.request(Method.REFRESH)
        assert caller.ask(request).ok, "not yet old"
        site.advance(20 + SKEW)
        request = caller.talk.request(Method.REFRESH)
        answer = caller.ask(request)
        assert answer.error == 438
        assert answer.must(A.NONCE) != caller.talk.nonce
        assert len(answer.raw) < len(request)
        assert caller.refreshes(0).ok, "with the fresh one"


def test_a_nonce_of_another_time_is_none(site: Site, transport: str) -> None:
    """B3: nobody but us can say when a nonce was made, least of all in the future."""
    caller = site.allocated(transport)
    nonce = caller.talk.nonce
    octets = bytearray(base64.b64decode(nonce[FEATURES:] + b"="))
    octets[:4] = (int.from_bytes(octets[:4]) + 60).to_bytes(4)
    caller.talk.nonce = nonce[:FEATURES] + base64.b64encode(octets).rstrip(b"=")
    for bad in (caller.talk.nonce, b"", b"x" * 763, nonce[:-1], nonce + b"A", os.urandom(28)):
        caller.talk.nonce = bad or b" "
        answer = caller.ask(caller.talk.request(Method.REFRESH))
        assert answer.error == 438, bad


def test_a_flood_of_strangers_leaves_nothing(site: Site, volume: Volume) -> None:
    """B4: from thousands of addresses, and none of them costs an octet."""
    relay = site.relay
    requests = [message(Method.ALLOCATE, (A.REQUESTED_TRANSPORT, UDP)) for _ in range(64)]
    count = volume(8000)
    spoofed(site, requests, 2000)
    challenge(site)
    before, sessions = relay.memory(), len(relay.sessions())
    spoofed(site, requests, count)
    challenge(site)
    # An octet for each would be too much; the allocator takes pages.
    assert relay.memory() - before < 512 * 1024
    assert len(relay.sessions()) == sessions


def test_a_forged_integrity_makes_nothing(site: Site, transport: str) -> None:
    """B5: 401, and no allocation for whoever holds a nonce but no password."""
    caller = site.caller(transport)
    answer = caller.ask(caller.talk.request(Method.ALLOCATE, (A.REQUESTED_TRANSPORT, UDP)))
    assert caller.talk.challenged(answer)
    before = len(site.relay.sessions())
    for method, parts in (
        (Method.ALLOCATE, [(A.REQUESTED_TRANSPORT, UDP)]),
        (Method.REFRESH, [lifetime(600)]),
        (Method.CREATE_PERMISSION, [towards(("52.0.0.1", 7), bytes(12))]),
        (Method.CHANNEL_BIND, [channel(0x4000), towards(("52.0.0.1", 7), bytes(12))]),
    ):
        unsigned = message(method, *parts, *caller.talk.credentials())
        assert caller.ask(signed(unsigned, os.urandom(16))).error == 401
    assert len(site.relay.sessions()) == before


def test_answers_to_strangers_are_small_everywhere(site: Site, transport: str) -> None:
    """B4: the challenge is all they get."""
    answer = challenge(site, transport)
    kinds = {kind for kind, _ in answer.attributes}
    assert kinds == {A.ERROR_CODE, A.REALM, A.NONCE, A.PASSWORD_ALGORITHMS}
    assert parse(answer.raw).raw == answer.raw

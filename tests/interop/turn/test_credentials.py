"""Who asks, over real sockets (checklist B6 to B12)."""

import time

import pytest

from tests.interop.turn.caller import Caller
from tests.interop.turn.servers import CUSTOMER, SECRET
from tests.interop.turn.site import ALICE, TRANSPORTS, Site
from tests.interop.turn.stun_codec import (
    SHA256,
    TCP,
    UDP,
    A,
    Method,
    Part,
    appended,
    fingerprinted,
    message,
)
from tests.interop.turn.turn_client import Identity, lifetime, towards

pytestmark = pytest.mark.interop


def challenged(site: Site, transport: str, identity: Identity = ALICE) -> Caller:
    """Give a caller that knows realm and nonce, and has no allocation."""
    caller = site.caller(transport, identity)
    answer = caller.ask(caller.talk.request(Method.ALLOCATE, (A.REQUESTED_TRANSPORT, UDP)))
    assert caller.talk.challenged(answer)
    return caller


@pytest.mark.parametrize("missing", [A.USERNAME, A.REALM, A.NONCE])
def test_an_integrity_without_its_attributes_is_refused(
    site: Site, transport: str, missing: int
) -> None:
    """B6: 400 without REALM and NONCE (RFC 8489 section 9.2.4)."""
    caller = challenged(site, transport)
    parts = [each for each in caller.talk.credentials() if each[0] != missing]
    request = message(Method.ALLOCATE, (A.REQUESTED_TRANSPORT, UDP), *parts)
    answer = caller.ask(caller.talk.sign(request))
    assert answer.error == 400
    assert not answer.has(A.REALM)
    assert not answer.has(A.NONCE)


def test_what_follows_the_integrity_is_ignored(site: Site, transport: str) -> None:
    """B7: all of it, even what would have to be refused."""
    caller = site.allocated(transport)
    assert caller.permits(("52.0.0.1", 7)).ok
    late: list[list[Part]] = [
        [lifetime(0)],
        [(A.REQUESTED_TRANSPORT, TCP)],
        [(A.ORIGIN, b"https://elsewhere.example")],
        [(A.XOR_PEER_ADDRESS, bytes(8))],
        [(A.USERNAME, b"other:alice"), (A.REALM, b"elsewhere"), (A.NONCE, b"old")],
        [(0x7001, b"unknown, and to be understood")],
    ]
    for parts in late:
        answer = caller.ask(appended(caller.talk.request(Method.REFRESH), *parts))
        assert answer.ok, parts
        assert answer.number(A.LIFETIME) == 600
    request = appended(caller.talk.request(Method.REFRESH), lifetime(0))
    answer = caller.ask(fingerprinted(request))
    assert answer.ok
    assert answer.number(A.LIFETIME) == 600
    assert answer.has(A.FINGERPRINT), "the fingerprint alone counts"


def test_of_two_attributes_the_first_counts(site: Site, transport: str) -> None:
    """B8: two names, two peers, two lifetimes."""
    caller = challenged(site, transport)
    credentials = caller.talk.credentials()
    second = [(A.USERNAME, b"other:alice"), (A.REQUESTED_TRANSPORT, TCP)]
    request = message(Method.ALLOCATE, (A.REQUESTED_TRANSPORT, UDP), *credentials, *second)
    answer = caller.ask(caller.talk.sign(request))
    assert answer.ok
    relayed = answer.address(A.XOR_RELAYED_ADDRESS)
    answer = caller.refreshes(1200, lifetime(0))
    assert answer.number(A.LIFETIME) == 1200
    good, other = site.peer("52.0.8.1"), site.peer("52.0.8.2")
    transaction = b"transaction."
    parts = [
        (A.CHANNEL_NUMBER, b"\x40\0\0\0"),
        towards(good.address, transaction),
        towards(("10.0.0.1", 7), transaction),
    ]
    assert caller.gets(Method.CHANNEL_BIND, *parts, transaction=transaction).ok
    witness = site.peer("52.0.8.3")
    assert caller.permits(witness.address).ok
    other.say(b"not I", relayed)
    good.say(b"I", relayed)
    assert caller.hear() == (0x4000, b"I")


def test_another_user_cannot_use_an_allocation(site: Site, transport: str) -> None:
    """B9: 441, although its password is right."""
    site.relay.add_user(CUSTOMER, "bob")
    owner = site.allocated(transport)
    thief = Caller(owner.wire, site.caller().talk)
    for name in (f"{CUSTOMER}:bob", "other:alice"):
        thief.talk.identity = Identity(name.encode(), ALICE.password)
        assert thief.refreshes(0).error == 441
        assert thief.permits(("52.0.0.1", 7)).error == 441
        assert thief.binds(0x4000, ("52.0.0.1", 7)).error == 441
    assert owner.refreshes().ok


def test_what_a_stranger_says_of_realm_and_origin_is_not_kept(site: Site, transport: str) -> None:
    """B10: nothing is pinned before the password was right, and the realm is ours alone."""
    caller = site.caller(transport)
    for origin in (b"https://one.example", b"https://two.example"):
        claims = [(A.ORIGIN, origin), (A.REALM, b"elsewhere")]
        request = message(Method.ALLOCATE, (A.REQUESTED_TRANSPORT, UDP), *claims)
        answer = caller.ask(request)
        assert answer.error == 401
        assert answer.must(A.REALM) != b"elsewhere"
    assert caller.talk.challenged(answer)
    ours = caller.talk.realm
    caller.talk.realm = b"elsewhere"
    answer = caller.ask(caller.talk.request(Method.ALLOCATE, (A.REQUESTED_TRANSPORT, UDP)))
    assert answer.error in (401, 441)
    caller.talk.realm = ours
    caller.allocates((A.ORIGIN, b"https://three.example"))


def minted(expiry: object, customer: str = CUSTOMER, subject: str = "carol") -> Identity:
    return Identity.minted(SECRET, customer, subject, expiry=expiry)


def test_a_minted_credential_is_good(site: Site, transport: str) -> None:
    """B11: for comparison; with a session in its name too, and by SHA-256."""
    for subject in ("carol", "carol:session-7"):
        site.allocated(transport, identity=minted(None, subject=subject))
    caller = site.caller(transport, minted(None), algorithm=SHA256)
    caller.allocates()


@pytest.mark.parametrize(
    "expiry",
    [1, "soon", -5, "+9999999999", 2**63, 2**64, 10**30, "", "9e9", "9999999999.5", "٩٩٩٩٩٩٩٩٩٩"],
    ids=repr,
)
def test_an_expiry_that_is_past_or_none_is_refused(
    site: Site, transport: str, expiry: object
) -> None:
    """B11: 401, although the sum over the name is right."""
    caller = site.caller(transport, minted(expiry))
    assert caller.tries_to_allocate().error == 401


@pytest.mark.parametrize("subject", ["carol:session:more", "carol:", ":carol", ":", "", "a:b:c:d"])
def test_colons_too_many_or_names_too_short_are_refused(
    site: Site, transport: str, subject: str
) -> None:
    """B11: 401."""
    caller = site.caller(transport, minted(None, subject=subject))
    assert caller.tries_to_allocate().error == 401


def test_an_allocation_ends_with_its_credential_where_the_customer_is_strict(site: Site) -> None:
    """B11: and lives on where it is not (`customer set ... turn_strict=yes`)."""
    site.relay.must("customer", "set", "other", "turn_strict=yes")
    soon = int(time.time()) + 6
    strict, lenient = (
        [
            site.allocated(transport, identity=minted(soon, customer=name))
            for transport in TRANSPORTS
        ]
        for name in ("other", CUSTOMER)
    )
    peer = site.peer("52.0.11.1")
    for caller in (*strict, *lenient):
        assert caller.permits(peer.address).ok
    site.relay.until(
        lambda: not any(each["customer"] == "other" for each in site.relay.sessions())
    )
    assert time.time() >= soon
    for caller in strict:
        peer.say(b"too late", caller.relayed)
        assert caller.heard_nothing()
        assert caller.refreshes().error in (401, 437)
    for caller in lenient:
        peer.say(b"still there?", caller.relayed)
        assert caller.hear() == (peer.address, b"still there?")
        assert caller.refreshes().ok, "what exists may be refreshed for a while"


NAMES = {
    "format": b"acme:%s%x%n%n", "quotes": b"acme:'; DROP TABLE customers; --",
    "newline": b"acme:a\nlevel=info everything is fine", "nul": b"acme:a\0b",
    "not UTF-8": b"acme:\xff\xfe\x80", "bidi": "acme:\u202egnp.ecila".encode(),
    "escape": b"acme:\x1b[2J\x1b]0;title\x07", "percent": b"%" * 508, "braces": b"acme:{0}{x!r}",
    "the longest": b"x" * 508,
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_strange_name_is_nothing_but_a_wrong_one(
    site: Site, transport: str, name: bytes
) -> None:
    """B12, D17: 401, and nothing of it breaks a line of the books."""
    caller = site.caller(transport, Identity(name, b"guessed"))
    assert caller.tries_to_allocate().error == 401
    books = (site.relay.folder / "access.log").read_bytes() + site.relay.said().encode()
    assert name not in books
    for book in ("access.log", "service.log"):
        for line in (site.relay.folder / book).read_bytes().splitlines():
            assert line.isascii() or line.decode()
            assert not any(octet < 0x20 for octet in line), line


@pytest.mark.parametrize("length", [509, 513, 763])
def test_a_name_that_is_too_long_is_refused(site: Site, transport: str, length: int) -> None:
    """B12: 400 (RFC 8489 section 14.3 has fewer than 509 octets)."""
    caller = site.caller(transport, Identity(b"x" * length, b"guessed"))
    assert caller.tries_to_allocate().error == 400

"""B15: a name is known again by its hash if we issued it (RFC 8489 section 9.2.2)."""

import pytest

from procall_mobility.gateway import issued_names
from procall_mobility.gateway.issued_names import IssuedNames
from procall_mobility.protocols.stun.message import userhash

REALM = b"example.test"


def hashed(name: bytes) -> bytes:
    return userhash(name, REALM)


def test_a_name_is_found_by_its_hash() -> None:
    names = IssuedNames(REALM)
    names.remember("acme", b"1:acme:alice")
    names.remember("acme", b"1:acme:alice")
    assert names.find(hashed(b"1:acme:alice")) == b"1:acme:alice"
    assert names.find(hashed(b"1:acme:bob")) is None
    assert len(names) == 1


def test_one_customer_pushes_out_no_names_but_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issued_names, "MOST_OF_ONE", 3)
    names = IssuedNames(REALM)
    names.remember("other", b"1:other:bob")
    for number in range(10):
        names.remember("acme", b"%d:acme:alice" % number)
    assert len(names) == 4
    assert names.find(hashed(b"1:other:bob")) is not None
    assert names.find(hashed(b"6:acme:alice")) is None
    assert names.find(hashed(b"7:acme:alice")) is not None


def test_there_are_never_more_names_than_there_is_room_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(issued_names, "MOST_NAMES", 5)
    monkeypatch.setattr(issued_names, "MOST_OF_ONE", 3)
    names = IssuedNames(REALM)
    for number in range(20):
        names.remember(f"customer{number % 4}", b"%d:x:alice" % number)
    assert len(names) == 5
    assert names.find(hashed(b"15:x:alice")) is not None


def test_a_customer_that_is_gone_leaves_no_names() -> None:
    names = IssuedNames(REALM)
    names.remember("acme", b"1:acme:alice")
    names.remember("other", b"1:other:bob")
    names.forget("acme")
    names.forget("nobody")
    assert names.find(hashed(b"1:acme:alice")) is None
    assert len(names) == 1

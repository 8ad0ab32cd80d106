"""What proves a user's name, and what does no more once it was taken back (turn.md section 2)."""

from typing import Any

import pytest

from procall_mobility.gateway.turn_keys import EVERYBODY, LONGEST_SUBJECT, Key, TurnKeys, fits
from procall_mobility.protocols.turn.rest_names import credential_of, parse

OLD, NEW = Key(b"the old secret", 100), Key(b"the new secret", 200)
ALICE = Key(b"alice's password", 150)


def keys(**members: Any) -> TurnKeys:
    return TurnKeys(**{"secrets": (NEW, OLD), "users": {"alice": ALICE}, **members})


def proofs(judge: TurnKeys, username: str) -> list[bytes]:
    """Which secrets, or passwords, are good for a name."""
    name = parse(username.encode())
    assert name is not None
    found = judge.passwords(name, username)
    by_secret = {credential_of(each.value, username).encode(): each.value for each in (NEW, OLD)}
    return [by_secret.get(each, each) for each in found]


def test_both_secrets_are_tried_the_newest_first() -> None:
    assert proofs(keys(), "9000:acme:carol") == [NEW.value, OLD.value]
    assert proofs(keys(), "9000:acme:carol:session") == [NEW.value, OLD.value]


def test_a_fixed_name_has_its_password_and_a_stranger_none() -> None:
    assert proofs(keys(), "acme:alice") == [ALICE.value]
    assert proofs(keys(), "acme:mallory") == []


def test_what_was_taken_back_is_proven_by_younger_secrets_only() -> None:
    judge = keys(taken_back={"carol": 150})
    assert proofs(judge, "9000:acme:carol") == [NEW.value]
    assert proofs(judge, "9000:acme:dave") == [NEW.value, OLD.value]
    assert proofs(keys(taken_back={"carol": 200}), "9000:acme:carol") == []


def test_taking_back_from_everybody_takes_from_each() -> None:
    judge = keys(taken_back={EVERYBODY: 200, "carol": 120})
    assert proofs(judge, "9000:acme:carol") == []
    assert proofs(judge, "acme:alice") == []


@pytest.mark.parametrize(("until", "good"), [(149, True), (150, False), (151, False)])
def test_a_fixed_password_is_good_again_once_it_was_set_later(until: int, good: bool) -> None:
    judge = keys(taken_back={"alice": until})
    assert judge.is_good("alice") is good
    assert proofs(judge, "acme:alice") == ([ALICE.value] if good else [])


@pytest.mark.parametrize(
    ("session", "good"),
    [
        ("@300", True),
        ("@301", True),
        ("@299", False),
        ("@", False),
        ("300", False),
        ("@3x", False),
    ],
)
def test_a_name_that_says_it_was_issued_later_is_good(session: str, good: bool) -> None:
    """Nobody can write that without the secret: the credential is a sum over the whole name."""
    judge = keys(taken_back={"carol": 300})
    assert bool(proofs(judge, f"9000:acme:carol:{session}")) is good


def test_what_we_issue_is_good_by_the_newest_secret() -> None:
    username, credential = keys().mint("acme", "carol", 9000)
    assert username == "9000:acme:carol"
    assert credential == credential_of(NEW.value, username)


@pytest.mark.parametrize("taken_back", [{"carol": 300}, {EVERYBODY: 300}, {EVERYBODY: 200}])
def test_what_we_issue_after_taking_back_is_good(taken_back: dict[str, int]) -> None:
    judge = keys(taken_back=taken_back)
    username, credential = judge.mint("acme", "carol", 9000)
    assert username == f"9000:acme:carol:@{max(taken_back.values())}"
    name = parse(username.encode())
    assert name is not None
    assert credential.encode() in judge.passwords(name, username)


def test_a_secret_that_came_later_needs_no_mark() -> None:
    assert keys(taken_back={"carol": 199}).mint("acme", "carol", 9000)[0] == "9000:acme:carol"


def test_without_a_secret_nothing_is_issued() -> None:
    with pytest.raises(ValueError, match="no secret"):
        keys(secrets=()).mint("acme", "carol", 9000)


@pytest.mark.parametrize(
    "subject", ["", ":", "a:b", "a\nb", "\x00", "\u202e", "\ud800", "x" * 129, "ü" * 65]
)
def test_nobody_can_be_called_what_misleads_or_is_too_long(subject: str) -> None:
    assert not fits(subject)
    with pytest.raises(ValueError, match="128 octets"):
        keys().mint("acme", subject, 9000)


@pytest.mark.parametrize("subject", ["a", "Jörg Müller", "alice@acme.example", "x" * 128])
def test_usual_names_fit_into_a_username(subject: str) -> None:
    """RFC 8489 section 14.3: fewer than 509 octets, the longest UCSID and mark included."""
    assert fits(subject)
    judge = keys(taken_back={subject: 10**11})
    assert len(judge.mint("u" * 63, subject, 10**11)[0].encode()) < 509
    assert LONGEST_SUBJECT == 128


def test_secrets_are_shown_nowhere() -> None:
    assert "secret" not in repr(keys().secrets)
    assert "password" not in repr(keys())

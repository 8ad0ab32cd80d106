"""Names in the access book: stand-ins for users, and what peers say of themselves as one value."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procall_mobility.gateway.access import AccessEntry, Event, User
from procall_mobility.operations.rendering import LONGEST_VALUE, MOST_NAMES, Pseudonyms, as_json
from tests.operations.access_lines import NAMES, OPENED, facts, line

# Privacy --------------------------------------------------------------------------------


def test_a_user_is_a_stand_in_that_stays_the_same() -> None:
    alice = NAMES.of("acme", User("alice"))
    assert re.fullmatch("user#[0-9a-f]{6}", alice)
    assert NAMES.of("acme", User(" Alice ")) == alice
    assert NAMES.of("acme", User("bob")) != alice
    assert NAMES.of("other", User("alice")) != alice, "customers cannot be compared"
    assert Pseudonyms(b"key of another node").of("acme", User("alice")) != alice


def test_the_stand_ins_that_are_remembered_are_bounded() -> None:
    names = Pseudonyms(b"key of this node")
    shown = {names.of("acme", User(f"user {n}")) for n in range(MOST_NAMES + 9)}
    assert len(shown) > MOST_NAMES, "two of sixteen million may meet, but not many"
    assert len(names._made) <= MOST_NAMES
    assert names.of("acme", User("user 1")) == NAMES.of("acme", User("user 1"))


def test_the_name_of_a_user_and_the_key_are_shown_nowhere() -> None:
    shown = [line(**OPENED), json.dumps(facts(**OPENED)), repr(AccessEntry(**OPENED)), repr(NAMES)]
    assert not any("alice" in text or "key of" in text for text in shown)


# What peers say of themselves -----------------------------------------------------------


def test_a_peer_cannot_begin_a_line_of_its_own() -> None:
    """D17: one record for one event, whatever a peer calls itself."""
    forged = "x\n2026-11-22T09:14:03+01:00 acme session opened"
    said = line(event=Event.LINK_OPENED, customer="acme", server=forged, via="node1")
    assert said == (
        "2026-11-22T09:14:03+01:00 acme server link opened node1  "
        r'server="x\n2026-11-22T09:14:03+01:00 acme session opened"'
    )


@pytest.mark.parametrize(
    ("server", "shown"),
    [
        ("", '""'),
        ("a b", '"a b"'),
        ("a=b", '"a=b"'),
        ('a" reason="x', r'"a\" reason=\"x"'),
        ("a\\", r"a\\"),
        ("\x1b[2J\x9b\x7f", r"\x1b[2J\x9b\x7f"),
        ("\u202egnp", r"\u202egnp"),
        ("\u2028", r"\u2028"),
        ("\ud800", r"\ud800"),
        ("Größe", "Größe"),
        ("x" * 1000, "x" * LONGEST_VALUE),
    ],
)
def test_a_peers_words_are_one_plain_value(server: str, shown: str) -> None:
    assert line(event=Event.LINK_OPENED, server=server).endswith(f" opened  server={shown}")


@settings(max_examples=200)
@given(text=st.text(st.characters(), max_size=400), number=st.floats())
def test_any_words_make_one_line_of_a_bounded_size(text: str, number: float) -> None:
    entry = {
        "event": Event.LINK_LOST,
        "customer": text,
        "client": text,
        "app": text,
        "user": User(text),
        "via": text,
        "server": text,
        "note": text,
    }
    for said in (line(**entry), as_json(AccessEntry(**entry), "now", NAMES)):
        assert said.isprintable()
        assert len(said) < 20_000

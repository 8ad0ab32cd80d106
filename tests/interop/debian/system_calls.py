"""Which system calls a unit allows (SystemCallFilter= in systemd.exec(5))."""

from collections.abc import Sequence

ALWAYS = "@default"
"""What every list has: without it no program starts, sleeps or ends."""

Sets = dict[str, list[str]]


def read_sets(text: str) -> Sets:
    """Read what `systemd-analyze syscall-filter` prints: names of sets, and what is in each."""
    sets: Sets = {}
    name = ""
    for line in text.splitlines():
        word = line.strip()
        if word.startswith("@") and line == word:
            name = word
            sets[name] = []
        elif word and not word.startswith("#") and name:
            sets[name].append(word)
    return sets


def allowed(values: Sequence[str], sets: Sets) -> set[str]:
    """Return the calls that a list of values allows; `~` takes away from what stands before."""
    assert not values[0].startswith("~"), "a list of what is forbidden is not expected"
    calls = _spelled_out([ALWAYS], sets)
    for value in values:
        found = _spelled_out(value.removeprefix("~").split(), sets)
        calls = calls - found if value.startswith("~") else calls | found
    return calls | _spelled_out([ALWAYS], sets)


def _spelled_out(words: Sequence[str], sets: Sets) -> set[str]:
    return {
        call
        for word in words
        for call in (_spelled_out(sets[word], sets) if word.startswith("@") else [word])
    }

"""The parts of a bundle: headed, bounded, and what was left out of each is said."""

from collections.abc import Iterable, Iterator
from typing import Final

from attrs import frozen

MOST_OCTETS: Final = 1_000_000
"""Of one section; the whole has a dozen, and can still be mailed."""

LINE: Final = "=" * 78


@frozen(kw_only=True)
class Section:
    """One part."""

    title: str
    lines: tuple[str, ...]
    left_out: tuple[str, ...] = ()
    """What is not in it, each in a sentence."""


def bounded(
    title: str, lines: Iterable[str], left_out: Iterable[str] = (), *, keeps_last: bool = False
) -> Section:
    """Return a section of bounded size.

    Args:
        title: its heading.
        lines: what it says.
        left_out: what it does not say, for other reasons than its size.
        keeps_last: whether the first lines go where there are too many, as of logs.
    """
    every = [_on_a_line(each) for each in lines]
    order = reversed(every) if keeps_last else iter(every)
    kept: list[str] = []
    octets = 0
    for line in order:
        octets += len(line.encode("utf-8", "replace")) + 1
        if octets > MOST_OCTETS:
            break
        kept.append(line)
    if keeps_last:
        kept.reverse()
    missing = len(every) - len(kept)
    which = "the oldest" if keeps_last else "the last"
    said = [f"{missing} lines, {which}: the section has its full size"] if missing else []
    return Section(title=title, lines=tuple(kept), left_out=(*left_out, *said))


def _on_a_line(text: str) -> str:
    """Show what would steer a terminal, or begin a line of its own: servers name themselves."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)


def rendered(heading: Iterable[str], sections: Iterable[Section]) -> Iterator[str]:
    """Yield the lines of the whole, with what was left out at its end."""
    yield from heading
    left_out = []
    for section in sections:
        yield from ("", LINE, section.title, LINE)
        yield from section.lines or ("(nothing)",)
        left_out += [f"{section.title}: {each}" for each in section.left_out]
    yield from ("", LINE, "What was left out", LINE)
    yield from left_out or ("Nothing but what is secret.",)

"""Which member of a sequence or choice an element is, told by its tag (Wire 4.4)."""

from functools import lru_cache

from procall_mobility.protocols.rose import ber
from procall_mobility.protocols.rose.schema import SCHEMA, Choice, Enumeration, Member, Sequence
from procall_mobility.protocols.rose.schema import Type as SchemaType

MOST_LAYOUTS = 4096
"""More than the schema has sequences and choices."""

UNIVERSAL = {
    "UTF8String": ber.UTF8,
    "INTEGER": ber.INTEGER,
    "BOOLEAN": ber.BOOLEAN,
    "NULL": ber.NULL,
    "OCTETS": ber.OCTETS,
    "AsnSystemTime": ber.REAL,
}
DOCUMENTED_AS_STRING = {
    ber.UTF8: "UTF8String",
    ber.OCTETS: "OCTETS",
    ber.REAL: "AsnSystemTime",
}
"""The documentation of private types calls all of them a string; their universal tag tells."""


class Layout:
    """The members of a sequence by position and tag.

    Every answer is remembered: a peer's element must not cost a walk through 60 members.
    """

    def __init__(self, of: Sequence | Choice) -> None:
        self._members = of.members
        self._tags = [_tags(member, lenient=of.private) for member in of.members]
        self._known = frozenset[int]().union(*self._tags)
        self._found: dict[tuple[int, int], int | None] = {}
        self.needed = max((i + 1 for i, m in enumerate(of.members) if not m.optional), default=0)
        """The index behind the last member that is not optional."""

    def find(self, at: int, tag: int) -> int | None:
        """Return the index of the member `tag` belongs to, `at` or behind it.

        None says that it is no member, or that one before it is missing.
        """
        if tag not in self._known:
            return None
        if (at, tag) not in self._found:
            self._found[at, tag] = self._search(at, tag)
        return self._found[at, tag]

    def _search(self, at: int, tag: int) -> int | None:
        for index in range(at, len(self._members)):
            if tag in self._tags[index]:
                return index
            if not self._members[index].optional:
                return None
        return None

    def choose(self, tag: int) -> Member | None:
        """Return the alternative of a choice `tag` belongs to."""
        own = (m for m, tags in zip(self._members, self._tags, strict=True) if tag in tags)
        return next(own, None)


@lru_cache(MOST_LAYOUTS)
def layout_of(of: Sequence | Choice) -> Layout:
    """Return the one layout of a sequence or choice."""
    return Layout(of)


def is_tagged(member: Member, tag: int) -> bool:
    """Whether `tag` is the member's own context tag."""
    return member.tag is not None and tag in _context(member.tag)


def is_documented_as_string(member: Member) -> bool:
    """Whether a private member may be any of `DOCUMENTED_AS_STRING`."""
    return SCHEMA.definition(member.type) in DOCUMENTED_AS_STRING.values()


def _tags(member: Member, *, lenient: bool) -> frozenset[int]:
    """Return the tags a member may have; private types may leave theirs out (A-26)."""
    if member.tag is not None and not lenient:
        return _context(member.tag)
    tags = _universal(member.type)
    if lenient and is_documented_as_string(member):
        tags |= DOCUMENTED_AS_STRING.keys()
    return tags if member.tag is None else tags | _context(member.tag)


def _context(number: int) -> frozenset[int]:
    return frozenset({ber.context(number), ber.context(number, constructed=True)})


def _universal(kind: SchemaType) -> frozenset[int]:
    match definition := SCHEMA.definition(kind):
        case str():
            return frozenset({UNIVERSAL[definition]})
        case Enumeration():
            # Some peers write an enumeration as the integer it is.
            return frozenset({ber.ENUMERATED, ber.INTEGER})
        case Choice(members):
            inner = (_tags(member, lenient=definition.private) for member in members)
            return frozenset[int]().union(*inner)
    return frozenset({ber.SEQUENCE})

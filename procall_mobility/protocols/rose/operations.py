"""Operations by id and by name (Wire 4.1 dispatch, 10)."""

from attrs import evolve

from procall_mobility.protocols.rose.messages import Invoke
from procall_mobility.protocols.rose.own_operations import DOCUMENT, is_ours
from procall_mobility.protocols.rose.schema import SCHEMA

MOST_LEARNED = 1000
"""Names one peer can teach us; the interface has about 750 operations in all."""

LONGEST_NAME = 100
"""Characters; the longest known name has 58."""


class Operations:
    """The published operations; private ones have a name but no id."""

    def __init__(self, entries: list[tuple[int, str, str | None, str | None, str | None]]) -> None:
        self._names = {number: name for number, name, *_ in entries if number}
        self._ids = {name: number for number, name in self._names.items()}
        self._types = {name: (argument, result) for _, name, argument, result, _ in entries}
        self._errors = {name: error for _, name, _, _, error in entries if error}

    def name_of(self, operation_id: int) -> str | None:
        """Return the name of a public id."""
        return self._names.get(operation_id)

    def id_of(self, name: str) -> int | None:
        """Return the id of a public operation; None for private and unknown ones."""
        return self._ids.get(name)

    def types_of(self, name: str) -> tuple[str | None, str | None]:
        """Return the types of argument and result; (None, None) for unknown operations."""
        if is_ours(name):
            return DOCUMENT, DOCUMENT
        return self._types.get(name, (None, None))

    def error_of(self, name: str) -> str:
        """Return the type of the operation's error."""
        return self._errors.get(name, "AsnRequestError")

    def resolve(self, invoke: Invoke) -> Invoke:
        """Fill in the id or the name that is missing; if they differ, a known id wins.

        An unknown id beside a public name gives way, so that nobody is shown one operation and
        performs another.
        """
        name = self._names.get(invoke.operation_id)
        if name is not None:
            return invoke if name == invoke.operation_name else evolve(invoke, operation_name=name)
        number = self._ids.get(invoke.operation_name or "")
        return invoke if number is None else evolve(invoke, operation_id=number)


OPERATIONS = Operations(SCHEMA.operations)


class LearningTable:
    """Private ids one peer has shown together with their names (Wire 10)."""

    def __init__(self, most: int = MOST_LEARNED) -> None:
        self._most = most
        self._names: dict[int, str] = {}

    def __len__(self) -> int:
        return len(self._names)

    def learn(self, operation_id: int, name: str) -> None:
        """Keep a pair unless it is public, known already, or one too many."""
        if (
            operation_id != 0
            and OPERATIONS.name_of(operation_id) is None
            and len(name) <= LONGEST_NAME
            and len(self._names) < self._most
        ):
            self._names.setdefault(operation_id, name)

    def resolve(self, invoke: Invoke) -> Invoke:
        """Resolve by the public table, else by what was learned; learn from what is new."""
        resolved = OPERATIONS.resolve(invoke)
        number, name = resolved.operation_id, resolved.operation_name
        if name is not None:
            self.learn(number, name)
        elif number in self._names:
            return evolve(resolved, operation_name=self._names[number])
        return resolved

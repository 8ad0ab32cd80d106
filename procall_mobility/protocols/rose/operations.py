"""Operations by id and by name (Wire 4.1 dispatch, 10)."""

from collections import OrderedDict

from attrs import evolve

from procall_mobility.protocols.rose.messages import Invoke
from procall_mobility.protocols.rose.schema import SCHEMA

MOST_LEARNED = 1000
"""Names one peer can teach us; the interface has about 750 operations in all."""


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
        return self._types.get(name, (None, None))

    def error_of(self, name: str) -> str:
        """Return the type of the operation's error."""
        return self._errors.get(name, "AsnRequestError")

    def resolve(self, invoke: Invoke) -> Invoke:
        """Fill in the id or the name that is missing; a known id wins over the name."""
        name = self._names.get(invoke.operation_id)
        if name is not None:
            return invoke if name == invoke.operation_name else evolve(invoke, operation_name=name)
        if invoke.operation_id == 0 and invoke.operation_name is not None:
            number = self._ids.get(invoke.operation_name)
            return invoke if number is None else evolve(invoke, operation_id=number)
        return invoke


OPERATIONS = Operations(SCHEMA.operations)


class LearningTable:
    """Private ids one kind of peer has shown together with their names."""

    def __init__(self, most: int = MOST_LEARNED) -> None:
        self._most = most
        self._names: OrderedDict[int, str] = OrderedDict()

    def __len__(self) -> int:
        return len(self._names)

    def resolve(self, invoke: Invoke) -> Invoke:
        """Resolve by the public table, else by what was learned; learn from what is new."""
        resolved = OPERATIONS.resolve(invoke)
        number, name = resolved.operation_id, resolved.operation_name
        if number == 0 or OPERATIONS.name_of(number) is not None:
            return resolved
        if name is None:
            return evolve(resolved, operation_name=self._names.get(number))
        if number not in self._names and len(self._names) < self._most:
            self._names[number] = name
        return resolved

"""The program for the kernel, loaded once, and as new for each test."""

from collections.abc import Iterator

import pytest

from tests.datapath.turn_relay.program import Program, load


@pytest.fixture(scope="session")
def loaded_program() -> Iterator[Program]:
    program = load()
    yield program
    program.close()


@pytest.fixture
def program(loaded_program: Program) -> Program:
    loaded_program.reset()
    return loaded_program

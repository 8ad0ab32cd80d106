"""The page about the books names every event, and its examples are real."""

import json
from pathlib import Path

import pytest

from procall_mobility.gateway.access import Event

PAGE = (Path(__file__).parents[2] / "docs/access-log.md").read_text("utf-8")


@pytest.mark.parametrize("event", list(Event))
def test_every_event_is_named(event: Event) -> None:
    assert f"\n| `{event}` | " in PAGE


def test_the_examples_are_lines_as_they_are_written() -> None:
    text, _, rest = PAGE.partition("```json\n")
    for line in rest.partition("```")[0].splitlines():
        facts = json.loads(line)
        assert facts["event"] in set(Event)
    examples = text.partition("```\n")[2].partition("```")[0].splitlines()
    assert len(examples) == 10
    for line in examples:
        assert any(f" acme {event}" in line for event in Event)

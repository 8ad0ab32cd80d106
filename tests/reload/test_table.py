"""What a reload makes of each setting: the table knows them all."""

from procall_mobility.config.differences import paths
from procall_mobility.reload import table


def test_the_table_of_reloads_has_every_setting_exactly_once() -> None:
    """A setting of which it is not said what a reload makes of it would be a guess."""
    wrong = {path: list(table.entries(path)) for path in paths()}
    assert {path: found for path, found in wrong.items() if len(found) != 1} == {}


def test_the_table_of_reloads_has_nothing_that_is_no_setting() -> None:
    known = {entry for path in paths() for entry in table.entries(path)}
    assert known == {*table.AT_ONCE, *table.NEEDS_RESTART}


def test_a_setting_either_reaches_somebody_at_once_or_has_a_reason_to_wait() -> None:
    for path in paths():
        assert (table.whom(path) is None) is not (table.why_not(path) is None)

"""What differs between two settings, and settings mixed of two."""

import attrs
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.config import Settings, parse
from procall_mobility.config.differences import (
    Difference,
    differences,
    paths,
    shown,
    value_of,
    with_values,
)

BEFORE = parse('service.origin = "https://a.example.net"')


def test_the_same_settings_do_not_differ() -> None:
    assert differences(BEFORE, parse('service.origin = "https://a.example.net"')) == ()


def test_each_setting_that_differs_is_told_by_its_path_and_both_values() -> None:
    after = parse(
        'service.origin = "https://b.example.net"\n'
        "ucclient.grace = 3\nturn.limits.channels = 5\nback_off.user.free = 2\n"
    )
    assert differences(BEFORE, after) == (
        Difference("service.origin", "https://a.example.net", "https://b.example.net"),
        Difference("ucclient.grace", 10.0, 3.0),
        Difference("back_off.user.free", 10, 2),
        Difference("turn.limits.channels", 200, 5),
    )


def test_a_difference_is_written_as_the_file_would_have_it() -> None:
    told = differences(BEFORE, parse('demo.origin_from_request = true\nlisten.tls = ["[::]:443"]'))
    assert [str(each) for each in told] == [
        '"https://a.example.net" -> ""',
        '["0.0.0.0:443", "[::]:443"] -> ["[::]:443"]',
        "false -> true",
    ]


def test_tables_are_one_setting_and_show_what_they_say() -> None:
    table = 'service.origin = "https://a.example.net"\n[[ice.servers]]\nurls = ["stun:a:3478"]\n'
    (found,) = differences(BEFORE, parse(table))
    assert (found.path, str(found)) == ("ice.servers", '[] -> [{ "urls" = ["stun:a:3478"] }]')


def test_numbers_are_written_without_a_point_they_do_not_need() -> None:
    assert [shown(each) for each in (10.0, 0.5, (1, 2), {4001: 4002})] == [
        "10",
        "0.5",
        '"1-2"',
        "{ 4001 = 4002 }",
    ]


@given(st.sets(st.sampled_from(list(paths())), max_size=6))
def test_settings_mixed_of_two_differ_where_they_were_mixed_and_nowhere_else(
    chosen: set[str],
) -> None:
    """So a reload takes over what can change at once, and leaves what waits as it was."""
    marks = {path: object() for path in chosen}
    mixed = with_values(BEFORE, marks)
    assert {each.path for each in differences(BEFORE, mixed)} == chosen
    assert all(value_of(mixed, path) is mark for path, mark in marks.items())
    assert isinstance(mixed, Settings)
    assert attrs.evolve(BEFORE) == BEFORE

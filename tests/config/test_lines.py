"""An error names the line where it stands, or none: never a wrong one."""

import pytest

from procall_mobility.config.lines import line_of

SOURCE = """\
top = 1
service.node = "x"
[ listen ]
  "tls" = [
    "tls = 5",
  ]
[[ice.servers]]
urls = []
[[ice.servers]]
urls = []
[back_off.client]
free = 1
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("top", 1),
        ("service.node", 2),
        ("listen", 3),
        ("listen.tls", 4),
        ("ice.servers[0]", 7),
        ("ice.servers[0].urls", 8),
        ("ice.servers[1].urls", 10),
        ("back_off.client.free", 12),
        ("ice.servers[2].urls", None),
        ("node", None),
        ("", None),
    ],
)
def test_a_path_is_found_on_its_line(path: str, line: int | None) -> None:
    assert line_of(SOURCE, path) == line

"""The pages that are made from the code say what the code says."""

from pathlib import Path

import pytest

import procall_mobility
from procall_mobility.gateway.reasons import Reason
from procall_mobility.gateway.session_desk import CLOSE_CODES
from procall_mobility.protocols.ucclient.intentions import HttpRequest
from procall_mobility.protocols.ucclient.requests import understand
from procall_mobility.protocols.ucclient.socket_rules import CloseCode
from tools import make_metrics, make_reference, make_settings


@pytest.mark.parametrize(
    ("file", "content"),
    [
        (make_reference.FILE, make_reference.page()),
        (make_metrics.FILE, make_metrics.page()),
        (make_settings.FILE, make_settings.settings_file()),
        (make_settings.TABLE, make_settings.settings_table()),
    ],
    ids=["reference", "metrics", "settings file", "settings table"],
)
def test_a_page_is_up_to_date(file: Path, content: str) -> None:
    assert file.read_text("utf-8") == content


@pytest.mark.parametrize("route", make_reference.ROUTES)
def test_every_route_of_the_page_is_understood(route: str) -> None:
    path, _, name = route.partition("?")
    query = ((name.rstrip("="), "acme"),) if name else (("ucsid", "acme"),)
    request = HttpRequest("GET", path, query, (), b"", "192.0.2.1", secure=True, host="x")
    assert understand(request) is not None


def test_every_close_code_is_explained() -> None:
    assert make_reference.MEANINGS.keys() == set(CloseCode) >= set(CLOSE_CODES.values())


def test_every_reason_code_is_given_by_somebody() -> None:
    """The page would promise what never comes."""
    package = Path(procall_mobility.__file__).parent
    sources = [
        path.read_text("utf-8") for path in package.rglob("*.py") if path.name != "reasons.py"
    ]
    code = "\n".join(sources)
    unused = [r for r in Reason if f"Reason.{r.name}" not in code and f'"{r}"' not in code]
    assert unused == []

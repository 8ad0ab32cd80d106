"""Foreign pages (Wire 1.3)."""

import pytest

from procall_mobility.protocols.ucclient.answers import version
from procall_mobility.protocols.ucclient.cors import CorsRules, preflight, with_cors

PAGE = "https://app.example"


def test_a_preflight_is_answered_204_with_all_permissions():
    """Wire 1.3: the lists of A-06."""
    answer = preflight(PAGE, CorsRules())
    assert (answer.status, answer.body) == (204, b"")
    assert answer.header("Access-Control-Allow-Origin") == PAGE
    assert answer.header("Access-Control-Allow-Methods") == "GET, POST, OPTIONS"
    assert answer.header("Access-Control-Allow-Headers") == (
        "authorization, content-type, x-ucsid, x-epid, x-no401, x-simple, x-uctoken"
    )
    assert answer.header("Access-Control-Expose-Headers") == "www-authenticate, x-epid"
    assert answer.header("Access-Control-Max-Age") == "600"
    assert answer.header("Vary") == "Origin"
    assert answer.header("Content-Length") is None


def test_the_session_header_is_a_switch():
    """Wire 1.3: off by default."""
    allowed = preflight(PAGE, CorsRules(session_header=True)).header(
        "Access-Control-Allow-Headers"
    )
    assert allowed is not None and allowed.endswith(", x-ucsessionid")


@pytest.mark.parametrize(
    ("origin", "origins", "allowed"),
    [
        (PAGE, ("*",), True),
        ("null", ("*",), True),
        (PAGE, (PAGE,), True),
        ("HTTPS://APP.example", (PAGE,), True),
        (PAGE, ("https://other.example",), False),
        (PAGE, (), False),
        (None, ("*",), False),
        ("", ("*",), False),
        ("https://a\r\nX: y", ("*",), False),
        ("https://" + "a" * 300, ("*",), False),
    ],
)
def test_only_allowed_and_proper_origins_get_permissions(origin, origins, allowed):
    """Wire 1.3: an allow-list per customer."""
    rules = CorsRules(origins)
    for answer in (preflight(origin, rules), with_cors(version(70), origin, rules)):
        assert (answer.header("Access-Control-Allow-Origin") is not None) is allowed
        assert answer.header("Vary") == "Origin"
    assert (preflight(origin, rules).header("Access-Control-Max-Age") is not None) is allowed


def test_an_answer_is_given_its_permissions_once():
    """Browsers refuse two of them."""
    answer = preflight(PAGE, CorsRules())
    assert with_cors(answer, PAGE, CorsRules()) == answer


def test_an_answer_keeps_what_it_had():
    """Only headers are added."""
    plain = version(70)
    answer = with_cors(plain, PAGE, CorsRules())
    assert answer.status == plain.status and answer.body == plain.body
    assert answer.headers[: len(plain.headers)] == plain.headers

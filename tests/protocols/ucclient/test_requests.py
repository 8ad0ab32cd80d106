"""Wire 1, 2.1: which path means what."""

import pytest

from procall_mobility.protocols.ucclient.intentions import (
    Lookup,
    Preflight,
)
from procall_mobility.protocols.ucclient.requests import understand
from tests.protocols.ucclient.requests_read import ROUTES, SID, UCSID, ask, refusal


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize(("path", "query", "meant"), ROUTES)
def test_get_and_post_mean_the_same_on_every_route(path, query, meant, method, slash):
    """Wire 2.1."""
    assert understand(ask(path + slash, method=method, query=query)) == meant


@pytest.mark.parametrize(("path", "query", "meant"), ROUTES)
def test_every_route_answers_a_preflight(path, query, meant):
    """Wire 1.3."""
    request = ask(path, method="OPTIONS", headers=[("origin", "https://a.example")], query=query)
    named = "riroabc" if UCSID in query else ""
    assert understand(request) == Preflight("https://a.example", named)


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/controller/client/ucws", True),
        ("/ws/client/ucserverversion", True),
        ("/ws/client/createsession", False),
        ("/ws/client/asnGetTime", False),
        ("/ws/public/contacts", False),
    ],
)
def test_head_is_for_routes_without_effect_at_the_server(path, allowed):
    """A HEAD that logged somebody on would surprise everybody."""
    request = ask(path, method="HEAD", query=[UCSID])
    if allowed:
        understand(request)
    else:
        assert refusal(request).status == 405


@pytest.mark.parametrize("method", ["PUT", "DELETE", "TRACE", "CONNECT", "get", ""])
def test_other_methods_are_refused_with_the_list_of_those_we_take(method):
    """RFC 9110 section 15.5.6."""
    why = refusal(ask("/ws/client/createsession", method=method, query=[UCSID]))
    assert (why.status, why.allow) == (405, ("GET", "POST", "OPTIONS"))


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/ws",
        "/ws/client",
        "/ws/client/",
        "/ws/client/asn",
        "/ws/client/getTime",
        "/ws/client/asnGet-Time",
        "/ws/client/asnGet\n",
        "/ws/client/asn" + "x" * 81,
        "/ws/client/x/asnGetTime",
        "/ws/direct/createsession",
        "/ws/public/asnGetTime",
        "/WS/CLIENT/CREATESESSION",
    ],
)
def test_nothing_is_at_other_addresses(path):
    """Wire 2.1: the operation of a call is asn... and nothing else."""
    assert refusal(ask(path, query=[UCSID])).status == 404


def test_the_longest_operation_name_is_understood():
    """One less than what the list above refuses."""
    operation = "asn" + "x" * 80
    assert understand(ask(f"/ws/client/{operation}", query=[SID])).operation == operation


@pytest.mark.parametrize("path", ["/ws/client/websocket", "/ws/client/websocket/"])
def test_the_websocket_address_wants_an_upgrade(path):
    """Wire 2.1: both spellings."""
    assert refusal(ask(path)).reason == "upgrade-required"


@pytest.mark.parametrize(
    ("headers", "query", "name"),
    [
        ([("x-ucsid", "RiroABC")], [], "riroabc"),
        ([], [("UCSID", "  Example.COM ")], "example.com"),
        ([("x-ucsid", "one")], [("ucsid", "two")], "one"),
        ([("x-ucsid", "")], [("ucsid", "two")], "two"),
    ],
)
def test_case_and_blanks_of_a_ucsid_do_not_matter(headers, query, name):
    """Wire 2.2, A-02."""
    request = ask("/controller/client/ucws", headers=headers, query=query)
    assert understand(request) == Lookup(name)


@pytest.mark.parametrize("name", ["", "  ", "a" * 254, "a\nb", "a\x00"])
@pytest.mark.parametrize(
    "path",
    [
        "/controller/client/ucws",
        "/ws/client/createsession",
        "/ws/direct/asnX",
        "/ws/public/contacts",
    ],
)
def test_a_missing_or_improper_ucsid_is_a_bad_request(path, name):
    """Wire 2.2."""
    assert refusal(ask(path, query=[("ucsid", name)])).reason == "bad-ucsid"

"""JSON as a script (Wire 2.1, A-07)."""

import pytest

from procall_mobility.protocols.rose.messages import JsonValue
from procall_mobility.protocols.ucclient.answers import call_succeeded, nothing
from procall_mobility.protocols.ucclient.bad_request import BadRequest
from procall_mobility.protocols.ucclient.intentions import HttpRequest
from procall_mobility.protocols.ucclient.jsonp import callback_of, wrapped


def ask(*query):
    return HttpRequest("GET", "/", query, (), b"", "192.0.2.1", True, "uc.example")


@pytest.mark.parametrize("name", ["callback", "jsonp", "JSONP"])
def test_the_callback_has_two_names(name):
    """A-07."""
    assert callback_of(ask(("x", "1"), (name, "jQuery1.cb_2"))) == "jQuery1.cb_2"


def test_no_callback_means_plain_json():
    """Most clients."""
    assert callback_of(ask(("ucsid", "a"))) is None


@pytest.mark.parametrize(
    "value",
    ["", "1a", "a;b", "a(", "a b", "alert('x')", "a..b", "a.b.c.d.e", "x" * 65, "ä", "a\n"],
)
def test_a_callback_is_nothing_but_a_name(value):
    """Else a stranger's page could run what it likes under our name."""
    with pytest.raises(BadRequest):
        callback_of(ask(("callback", value)))


def test_an_answer_becomes_a_call_of_the_callback():
    """With its own type and length, and no line end inside a string of an old script."""
    answer = wrapped(call_succeeded(JsonValue('{"a":"\u2028\u2029"}')), "f")
    assert answer.body == b'/**/f({"a":"\\u2028\\u2029"});'
    assert answer.header("Content-Type") == "text/javascript; charset=utf-8"
    assert answer.header("Content-Length") == str(len(answer.body))
    assert answer.header("Cache-Control") == "no-store"


def test_an_answer_without_a_body_stays_as_it_is():
    """There is nothing to call with."""
    assert wrapped(nothing(), "f") == nothing()

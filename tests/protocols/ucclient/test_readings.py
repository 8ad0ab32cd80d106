"""The parts of a server's answers (Wire 2.5, 2.7, 4.3)."""

import base64

import pytest

from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.rose.messages import JsonValue
from procall_mobility.protocols.ucclient.readings import (
    address_in,
    blob_of,
    busy_for,
    members_of,
    retry_after,
    user_of,
)

URL = "https://login.microsoftonline.com/x"


@pytest.mark.parametrize(
    ("members", "url"),
    [
        ({"redirect": URL}, URL),
        ({"u8sRedirectTo": URL, "redirect": "ftp://x"}, URL),
        ({"optionalParams": {"n": 5, "any": URL}}, URL),
        ({"optionalParams": [{"key": "any", "value": {"stringdata": URL}}]}, URL),
        ({"sAuthCredetials": URL}, URL),
        ({"sAuthCredetials": base64.b64encode(URL.encode()).decode()}, URL),
        ({"sAuthCredetials": base64.b64encode(b"\xff").decode()}, None),
        ({"sAuthCredetials": "A"}, None),
        ({"sAuthCredetials": 7}, None),
        ({"redirect": "http://plain.example"}, None),
        ({"redirect": "https://a b"}, None),
        ({"redirect": "https://"}, None),
        ({}, None),
    ],
)
def test_the_address_of_entra_is_found_wherever_a_server_puts_it(members, url):
    """Wire 2.5: the place in a V1 answer is not published."""
    assert address_in(members) == url


@pytest.mark.parametrize(
    ("value", "seconds"),
    [(5, 5), ("5", 5), (0, 1), (-5, 1), (3600, 3600), (3601, 3600), (None, 10), ("x", 10)],
)
def test_a_time_to_wait_is_kept_within_reason(value, seconds):
    """Wire 2.7, A-17."""
    assert retry_after(value) == seconds


@pytest.mark.parametrize(
    ("params", "seconds"),
    [({"ServerBusyTimeout": 7}, 7), ({"ServerBusyTimeout": 0}, 0), ({}, 0), (None, 0), ([], 0)],
)
def test_a_server_is_busy_only_if_it_says_so(params, seconds):
    """Wire 5.5."""
    assert busy_for(params) == seconds


@pytest.mark.parametrize("blob", ["", "dHdv", "dHc=", "dHdvCg"])
def test_authentication_data_is_base64_with_or_without_padding(blob):
    """Wire 4.3; it goes into a header as it is."""
    assert blob_of(blob) == blob


@pytest.mark.parametrize("blob", [7, "a b", "a\r\nX: y", "ä", "A" * 16_385, "=a"])
def test_other_authentication_data_is_the_servers_fault(blob):
    """Nothing but base64 gets into a header."""
    with pytest.raises(PeerError):
        blob_of(blob)


def test_a_name_is_bounded_and_may_be_missing():
    """It goes into logs."""
    assert user_of({"u8sLoggedInUser": "x" * 300}) == "x" * 256
    assert user_of({"u8sLoggedInUser": 7}) == user_of({}) == ""


def test_the_length_of_an_answer_is_bounded():
    """An error has less room than a result."""
    assert members_of(JsonValue('{"a":1}'), 7) == {"a": 1}
    with pytest.raises(PeerError):
        members_of(JsonValue('{"a":1}'), 6)

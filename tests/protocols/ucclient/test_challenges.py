"""Which schemes are offered (Wire 2.4)."""

import pytest

from procall_mobility.protocols.ucclient.challenges import (
    challenges,
    integer,
    optional_params,
    schemes_of_numbers,
    schemes_of_parameters,
)


@pytest.mark.parametrize(
    ("params", "schemes"),
    [
        (None, ()),
        (7, ()),
        ({}, ()),
        ({"Auth_Basic": 1, "serverVersion": "8"}, ("Basic",)),
        ({"auth_basic": "", "AUTH_NTLM": "x"}, ("Basic", "NTLM")),
        ({"Auth_Basic": 0, "Auth_JWT": "0", "Auth_Bearer": None}, ()),
        ({"Auth_Kerberos": 1, "Auth_Negotiate": 1}, ("Negotiate",)),
        ({"Auth_Carrier_Pigeon": 1, "Auth_": 1}, ()),
        ([{"key": "Auth_JWT", "value": {"integerdata": 1}}], ("JWT",)),
        ([{"key": "Auth_JWT", "value": {"_type": "x", "integerdata": 0}}], ()),
        ([{"key": "Auth_JWT", "value": {}}, {"key": 7}, 7], ()),
        ([{"key": "Auth_Bearer", "value": 1}], ("Bearer",)),
    ],
)
def test_a_v1_negotiation_names_schemes_in_its_parameters(params, schemes):
    """Wire 2.4 point 1; both JSON forms of optional parameters (Wire 4.3)."""
    assert schemes_of_parameters(params) == schemes


@pytest.mark.parametrize(
    ("numbers", "schemes"),
    [
        (None, ()),
        ("1", ()),
        ([1, 2, 3, 4, 5, 6], ("Basic", "NTLM", "Negotiate", "JWT")),
        (["5", 1, 5, 0, None, True, 1.0, "x", {}], ("JWT", "Basic")),
    ],
)
def test_a_v2_login_lists_schemes_by_number(numbers, schemes):
    """Wire 2.4 point 1, in the server's order."""
    assert schemes_of_numbers(numbers) == schemes


def test_only_admitted_schemes_are_offered_and_never_none():
    """Wire 2.4 point 4; RFC 9110 section 11.6.1 wants a challenge in every 401."""
    assert challenges(("NTLM", "Bearer"), multi_step=True) == ("NTLM", 'Bearer realm="UCServer"')
    assert challenges(("NTLM",), multi_step=False) == (
        'Basic realm="UCServer"',
        'JWT realm="UCServer"',
    )


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (7, 7),
        (-7, -7),
        ("7", 7),
        ("", None),
        ("-7", None),
        ("²", None),
        ("9" * 19, None),
        (True, None),
        (7.0, None),
        (None, None),
        ([], None),
    ],
)
def test_integers_may_come_as_digits(value, number):
    """Wire 4.3."""
    assert integer(value) == number


def test_the_map_form_is_taken_as_it_is():
    """Wire 4.3."""
    assert optional_params({"n": 5}) == {"n": 5}

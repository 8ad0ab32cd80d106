"""The bodies of requests (Wire 2.2)."""

import pytest

from procall_mobility.protocols.ucclient.bad_request import BadRequest
from procall_mobility.protocols.ucclient.bodies import argument_of, negotiation_of


@pytest.mark.parametrize(
    ("body", "version", "params", "device"),
    [
        (b"", 61, None, ""),
        (b" \n", 61, None, ""),
        (b"{}", 61, None, ""),
        (b'{"negotiate":null}', 61, None, ""),
        (b'{"negotiate":{"iClientProtocolVersion":70}}', 70, None, ""),
        (b'{"iClientProtocolVersion":"70"}', 70, None, ""),
        (b'{"iClientProtocolVersion":null,"optionalParams":null}', 61, None, ""),
        (
            b'{"negotiate":{"optionalParams":{"ClientDeviceName":"Phone","ProvideAVLine":1}}}',
            61,
            {"ClientDeviceName": "Phone", "ProvideAVLine": 1},
            "Phone",
        ),
        (
            b'{"optionalParams":[{"key":"ClientDeviceName","value":{"stringdata":"P"}}]}',
            61,
            [{"key": "ClientDeviceName", "value": {"stringdata": "P"}}],
            "P",
        ),
        (b'{"optionalParams":{"ClientDeviceName":7}}', 61, {"ClientDeviceName": 7}, ""),
    ],
)
def test_a_negotiation_comes_wrapped_bare_or_not_at_all(body, version, params, device):
    """Wire 2.2: one published client posts the inner object."""
    negotiation = negotiation_of(body)
    given = negotiation.optional_params
    assert negotiation.client_version == version
    assert (given and given.value()) == params
    assert negotiation.device_name == device


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"7",
        b"{",
        b"\xff",
        b'{"negotiate":[]}',
        b'{"negotiate":""}',
        b'{"iClientProtocolVersion":-1}',
        b'{"iClientProtocolVersion":2147483648}',
        b'{"iClientProtocolVersion":7.5}',
        b'{"iClientProtocolVersion":true}',
        b'{"iClientProtocolVersion":"x"}',
        b'{"iClientProtocolVersion":{}}',
        b'{"optionalParams":7}',
        b'{"optionalParams":"x"}',
    ],
)
def test_a_misshapen_negotiation_is_a_bad_request(body):
    """The server would drop it without a word (Wire 4.4)."""
    with pytest.raises(BadRequest) as caught:
        negotiation_of(body)
    assert caught.value.status == 400


def test_no_null_reaches_the_server():
    """C13; Wire 4.3: a null optional is left out, a NULL member is 0."""
    body = b'{"dummy":null,"u8sName":null,"list":[null,{"x":null}],"n":0}'
    assert argument_of("POST", body, ()).value() == {"dummy": 0, "list": [{}], "n": 0}
    body = b'{"optionalParams":{"AnonymousToken":null,"n":1}}'
    negotiation = negotiation_of(body)
    assert negotiation.optional_params is not None
    assert negotiation.optional_params.value() == {"n": 1}


def test_an_argument_without_null_keeps_the_clients_text():
    """Numbers keep their spelling on the way."""
    assert argument_of("POST", b' {"a" : 1.50} ', ()).text == '{"a" : 1.50}'


@pytest.mark.parametrize("body", [b"[1]", b'"x"', b"{,}", b"[" * 5000, b'{"a":"\\ud800"}'])
def test_an_argument_is_a_json_object(body):
    """Wire 2.2."""
    with pytest.raises(BadRequest):
        argument_of("POST", body, ())


def test_a_query_argument_is_bounded():
    """A hundred members, then no more."""
    query = tuple((f"n{i}", "1") for i in range(100))
    assert len(argument_of("GET", b"", query).value()) == 100
    with pytest.raises(BadRequest):
        argument_of("GET", b"", (*query, ("more", "1")))

"""E1 to E8 of Wire 4.6, octet by octet, and the TypeScript frames of C6."""

import pytest

from procall_mobility.protocols.rose import ber_form, values
from procall_mobility.protocols.rose.ber_form import TagVariant
from procall_mobility.protocols.rose.messages import (
    EVENT_ID,
    AuthenticationItem,
    AuthenticationRequest,
    BerValue,
    Error,
    Invoke,
    InvokeProblem,
    JsonValue,
    Problem,
    ProblemKind,
    Reject,
    Result,
)

MARKER = "1f80801500"
EMPTY = BerValue(bytes.fromhex("3005" + MARKER))
NAME = b"asnTransportKeepAlive".hex()
URI = b"turn:turn.example.net:3478?transport=udp".hex()

E3_BODY = (
    "3063305c305a020102"
     "0c0d" + b"1700000000:u1".hex()
    + "0c08" + b"cGFzcw==".hex()
    + "090580f8afc880"
    + "302a0c28" + URI
    + "0203015180" + MARKER + MARKER
)  # fmt: skip

EXAMPLES = {
    "E1 asnStartTLS": (
        "a10e 020101 0202044f 3005" + MARKER,
        Invoke(1, 1103, None, EMPTY),
    ),
    "E2 asnTransportKeepAlive with its name": (
        "a12b 020301869f a2170c15" + NAME + "020206aa 30070500" + MARKER,
        Invoke(
            EVENT_ID,
            1706,
            "asnTransportKeepAlive",
            BerValue(bytes.fromhex("30070500" + MARKER)),
        ),
    ),
    "E4 reject invalidSessionID": (
        "a421 a1070c055345535331 020109 810108 0c10 696e76616c696453657373696f6e4944",
        Reject(
            9,
            Problem(ProblemKind.INVOKE, InvokeProblem.INVALID_SESSION_ID),
            "invalidSessionID",
            "SESS1",
        ),
    ),
    "E5 error AsnRequestError": (
        "a31e 020102 020100 3016 020103 0c0c696e76616c69644c6f67696e" + MARKER,
        Error(2, BerValue(bytes.fromhex("30160201030c0c696e76616c69644c6f67696e" + MARKER))),
    ),
    "E6 asnLoginV2 with Basic": (
        f"a126 a1070c055345535331 020103 020203ed 3014a00da00b0c0464547077{MARKER}{MARKER}",
        Invoke(
            3,
            1005,
            None,
            BerValue(bytes.fromhex(f"3014a00da00b0c0464547077{MARKER}{MARKER}")),
            "SESS1",
        ),
    ),
    "E7 an invoke with ROSE authentication": (
        "a127 020104 a3173015 300d0c0542617369630404 64547077 0c0463747831 020203ed 3005" + MARKER,
        Invoke(
            4,
            1005,
            None,
            EMPTY,
            authentication=AuthenticationRequest(AuthenticationItem("Basic", b"dTpw"), "ctx1"),
        ),
    ),
    "rejected junk, as the C++ side does it": (
        "a406 020150 810101",
        Reject(80, Problem(ProblemKind.INVOKE, InvokeProblem.UNRECOGNISED_OPERATION)),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("octets", "message"), EXAMPLES.values(), ids=EXAMPLES)
def test_an_example_decodes_and_re_encodes(octets: str, message: object) -> None:
    """C5: byte-exact both ways."""
    wire = bytes.fromhex(octets)
    decoded = ber_form.decode(wire)
    assert decoded == message
    assert ber_form.encode(decoded) == wire


def test_what_we_send_carries_no_extension_marker() -> None:
    """E1, without marker."""
    empty = values.to_ber("AsnStartTLSArgument", JsonValue.of({}))
    assert ber_form.encode(
        Invoke(1, 1103, None, empty)
    ).hex() == "a10902010102020 44f3000".replace(" ", "")


def test_e3_a_result_with_turn_servers_reads_as_json_and_back() -> None:
    """E3: nested lists, a REAL time, credentials; the marker option writes the same octets."""
    body = bytes.fromhex(E3_BODY)
    body = _with_lengths(body)
    wire = ber_form.encode(Result(7, BerValue(body), 0, "SESS1"))
    decoded = ber_form.decode(wire)
    assert isinstance(decoded, Result)
    assert isinstance(decoded.result, BerValue)
    value = values.to_json("AsnGetSTUNandTURNResult", decoded.result)
    assert value.value() == {
        "listConfigSTUNandTURN": [
            {
                "iType": 2,
                "u8sUsername": "1700000000:u1",
                "u8sPassword": "cGFzcw==",
                "stValidTo": "2023-03-15T12:00:00Z",
                "listURIs": ["turn:turn.example.net:3478?transport=udp"],
                "iTTL": 86400,
            }
        ]
    }
    assert values.to_ber("AsnGetSTUNandTURNResult", value, marker=True).octets == body


def _with_lengths(body: bytes) -> bytes:
    """Correct the three outer lengths for the URI used here."""
    inner = body[6:]
    entry = bytes((0x30, len(inner) - 5)) + inner[:-5]
    listed = bytes((0x30, len(entry))) + entry
    contents = listed + inner[-5:]
    return bytes((0x30, len(contents))) + contents


def test_e5_and_e6_carry_what_they_say() -> None:
    """E5, E6: the values inside, and back with the marker."""
    for name, type_name, expected in (
        (
            "E5 error AsnRequestError",
            "AsnRequestError",
            {"iErrorDetail": 3, "u8sErrorString": "invalidLogin"},
        ),
        (
            "E6 asnLoginV2 with Basic",
            "AsnLoginV2Argument",
            {"auth": {"authBasic": {"credential": "dTpw"}}},
        ),
    ):
        message = ber_form.decode(bytes.fromhex(EXAMPLES[name][0]))
        payload = message.error if isinstance(message, Error) else message.argument  # type: ignore[union-attr]
        assert isinstance(payload, BerValue)
        value = values.to_json(type_name, payload)
        assert value.value() == expected
        assert values.to_ber(type_name, value, marker=True) == payload


def test_e8_optional_parameters_are_a_map_in_json_and_a_list_in_ber() -> None:
    """E8 and Wire 4.3: C++ writes the map."""
    wire = bytes.fromhex("3016300c0c0575637369640c03616263 30060c016e020105")
    assert values.to_json("AsnOptionalParameters", BerValue(wire)).value() == {
        "ucsid": "abc",
        "n": 5,
    }
    for written in (
        {"ucsid": "abc", "n": 5},
        [
            {"key": "ucsid", "value": {"stringdata": "abc"}},
            {"key": "n", "value": {"integerdata": 5}},
        ],
    ):
        assert values.to_ber("AsnOptionalParameters", JsonValue.of(written)).octets == wire


def test_e8_a_choice_is_tagged_implicitly_on_a_text() -> None:
    """E8: `80 02 43 31`; asnAVDropCall's target is such a choice."""
    argument = values.to_ber(
        "AsnAVDropCallArgument",
        JsonValue.of({"dropTarget": {"u8sCallID": "C1"}, "u8sCause": "", "iAvDropReason": 0}),
    )
    assert bytes.fromhex("80024331") in argument.octets


def test_c6_typescript_frames_decode_and_are_answered_in_kind() -> None:
    """C6 and Wire 4.4: implicit tags on the envelope."""
    wire = bytes.fromhex(
        "a122020101821761736e4765744c6f67676564496e436f6e746163745632020203f03000"
    )
    message = ber_form.decode(wire)
    assert message == Invoke(1, 1008, "asnGetLoggedInContactV2", BerValue(bytes.fromhex("3000")))
    assert ber_form.variant_of(wire) is TagVariant.IMPLICIT
    assert ber_form.encode(message, tags=TagVariant.IMPLICIT) == wire


def test_e2_as_the_typescript_client_writes_it() -> None:
    """E2's second form."""
    wire = bytes.fromhex("a124 020301869f 8215" + NAME + "020206aa 30020500")
    message = ber_form.decode(wire)
    assert isinstance(message, Invoke)
    assert message.is_event
    assert message.operation_name == "asnTransportKeepAlive"


def test_a_registration_result_is_read_with_and_without_the_marker() -> None:
    """Wire 5.6: both forms were accepted by the C++ runtime."""
    for wire in ("a0051f80801500", "a000"):
        value = values.to_json("AsnRegisterServerV2ResultChoice", BerValue(bytes.fromhex(wire)))
        assert value.value() == {"result": {}}

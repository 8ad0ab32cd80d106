"""Wire 4.3, 4.4: values of the schema between JSON and BER."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.rose import ber, values
from procall_mobility.protocols.rose.messages import BerValue, JsonValue
from procall_mobility.protocols.rose.schema import SCHEMA, Enumeration, Schema

CASES: list[tuple[str, Any]] = [
    ("AsnLoginV2Argument", {}),
    ("AsnLoginV2Argument", {"auth": {"authOpenIDC": {"u8sScope": "s", "u8sIDToken": "t"}}}),
    ("AsnLoginV2Result", {"supportedAuthMethods": {"authMethodsOrdered": [1, 5]}}),
    ("AsnLoginV2Result", {"serverBusy": {"iRetryInSeconds": 5}}),
    ("AsnTransportKeepAliveArgument", {"dummy": 0}),
    ("AsnRequestError", {"iErrorDetail": -5, "u8sErrorString": "ä"}),
    ("AsnRegisterServerV2ResultChoice", {"redirect": {"redirectAddresses": ["enetctis://a:1"]}}),
    ("AsnRegisterServerError", {"iErrorDetail": 4, "u8sErrorString": ""}),
    (
        "AsnCreateUserSessionArgument",
        {"negotiate": {"iClientProtocolVersion": 70, "optionalParams": {"ClientDeviceId": "x"}}},
    ),
    (
        "AsnWebGetIceServersResult",
        {
            "iceServers": [
                {"urls": ["stun:a:1"]},
                {"urls": ["turn:a:1"], "username": "u", "credential": "c"},
            ],
            "stValidTo": "2026-11-23T08:33:52Z",
            "iTTL": 86_400,
        },
    ),
    ("AsnSetUserAbsentStateResult", {"bSuccess": True}),
    (
        "AsnAVDropCallArgument",
        {"dropTarget": {"u8sCallID": "C"}, "u8sCause": "", "iAvDropReason": 0},
    ),
    ("AsnOptionalParameters", {"jpegPhoto": {"binarydata": "/9j/"}, "n": 1, "s": ""}),
    ("AsnAVGetIceServersResult", {"iceServers": [{"username": "u", "urls": []}]}),
]


@pytest.mark.parametrize(("name", "value"), CASES)
@pytest.mark.parametrize("marker", [False, True])
def test_values_survive_the_way_through_ber(name: str, value: Any, marker: bool) -> None:
    """With and without the C++ compiler's extension marker."""
    octets = values.to_ber(name, JsonValue.of(value), marker=marker)
    assert values.to_json(name, octets).value() == value


def test_private_optional_members_are_read_with_and_without_their_tags() -> None:
    """A-26: `[n]` or the bare universal type."""
    common = ber.integer(70) + b"".join(ber.text(t) for t in ("v", "n", "id", "pw"))
    common += bytes.fromhex("3000") + ber.text("sys") + ber.integer(410)
    for key in (ber.text("key", 0x80), ber.text("key")):
        read = values.to_json(
            "AsnRegisterServerArgument", BerValue(ber.element(0x30, common + key))
        )
        assert read.value()["u8sJWTPublicKey"] == "key"


def test_a_contact_has_tags_above_30() -> None:
    """AsnNetDatabaseContact, which every contact carries: the number follows the identifier."""
    contact = {"u8sLastName": "B", "u8sPhoneBusiness": "1", "optionalParams": {"n": 1}}
    octets = values.to_ber("AsnNetDatabaseContact", JsonValue.of(contact))
    assert octets.octets.hex() == "3012" + "880142" + "9f220131" + "bf390830060c016e020101"
    assert values.to_json("AsnNetDatabaseContact", octets).value() == contact


@pytest.mark.parametrize(
    ("element", "value"),
    [
        (ber.text("key"), "key"),
        (ber.element(ber.OCTETS, b"key"), "a2V5"),
        (ber.element(ber.REAL, bytes.fromhex("80f8afc880")), "2023-03-15T12:00:00Z"),
    ],
)
def test_the_strings_of_private_types_are_what_their_tag_says(element: bytes, value: str) -> None:
    """The documentation calls octets and times strings as well."""
    wire = BerValue(ber.element(ber.SEQUENCE, element))
    assert values.to_json("AsnAppsRegisterPushResult", wire).value() == {"key": value}


def test_of_private_types_the_beginning_has_to_do() -> None:
    """Wire 5.6: only the session's id is needed; what follows may differ from the documents."""
    wire = ber.element(ber.SEQUENCE, ber.text("S1") + ber.element(ber.SEQUENCE, b"\x02\x01\x46"))
    read = values.to_json("AsnCreateUserSessionResult", BerValue(wire)).value()
    assert read == {"u8sSessionID": "S1", "negotiateresult": {"iServerProtocolVersion": 70}}


def test_the_v1_logon_with_a_token_survives() -> None:
    """Wire 2.4: a private type with a private choice, octets and texts in it."""
    token = {
        "u8sClientUsername": "",
        "u8sClientUsernameAuthorisation": "",
        "u8sAuthenticationMethod": "JWT",
        "sAuthCredetials": "dA==",
    }
    logon = {
        "iVersion": 70,
        "u8sVersion": "v",
        "iAttachToContact": 2,
        "u8sClientComputerName": "pc",
        "authentication": {"enhanced": token},
    }
    octets = values.to_ber("AsnLogonArgument", JsonValue.of(logon))
    assert values.to_json("AsnLogonArgument", octets).value() == logon


def test_a_private_choice_is_read_without_its_tags() -> None:
    """A-26."""
    simple = ber.element(ber.SEQUENCE, ber.text("u") + ber.text("p"))
    read = values.to_json("AsnAuthenticationChoice", BerValue(simple)).value()
    assert read == {"simple": {"u8sClientUsername": "u", "u8sClientUserPassword": "p"}}


def test_members_of_a_later_version_are_skipped() -> None:
    """Wire 4.4: all sequences are extensible."""
    known = ber.integer(3) + ber.text("x")
    for later in (ber.EXTENSION_MARKER, ber.element(ber.context(40), b""), ber.integer(1)):
        wire = BerValue(ber.element(ber.SEQUENCE, known + later))
        read = values.to_json("AsnRequestError", wire).value()
        assert read == {"iErrorDetail": 3, "u8sErrorString": "x"}


def test_members_out_of_their_order_are_skipped() -> None:
    wire = bytes.fromhex("3009 890142 880143 890144")
    read = values.to_json("AsnNetDatabaseContact", BerValue(wire)).value()
    assert read == {"u8sJobTitle": "B"}


def test_parameters_that_are_null_are_not_written() -> None:
    written = values.to_ber("AsnOptionalParameters", JsonValue.of({"a": None, "b": True}))
    assert values.to_json("AsnOptionalParameters", written).value() == {"b": 1}


def test_lenient_json_is_written() -> None:
    """Wire 4.3: digits as text, numbers as text, base64 without padding, seconds or days."""
    written = values.to_ber(
        "AsnRequestError", JsonValue.of({"iErrorDetail": "3", "u8sErrorString": 7})
    )
    assert values.to_json("AsnRequestError", written).value() == {
        "iErrorDetail": 3,
        "u8sErrorString": "7",
    }
    blob = values.to_ber("AsnAuthNTLMCredential", JsonValue.of({"authdata": "QQ"}))
    assert values.to_json("AsnAuthNTLMCredential", blob).value() == {"authdata": "QQ=="}
    ice = {"iceServers": [], "stValidTo": 45000.5, "iTTL": True}
    read = values.to_json(
        "AsnWebGetIceServersResult", values.to_ber("AsnWebGetIceServersResult", JsonValue.of(ice))
    )
    assert read.value() == {"iceServers": [], "stValidTo": "2023-03-15T12:00:00Z", "iTTL": 1}


UNWRITABLE: list[tuple[str, Any]] = [
    ("AsnUnheardOf", {}),
    ("AsnRequestError", []),
    ("AsnRequestError", {"iErrorDetail": 1}),
    ("AsnRequestError", {"iErrorDetail": [], "u8sErrorString": ""}),
    ("AsnRequestError", {"iErrorDetail": "--5", "u8sErrorString": ""}),
    ("AsnRequestError", {"iErrorDetail": 2**70, "u8sErrorString": ""}),
    ("AsnRequestError", {"iErrorDetail": 1, "u8sErrorString": []}),
    ("AsnRequestError", {"iErrorDetail": 1, "u8sErrorString": "\ud800"}),
    ("AsnLoginV2Argument", {"auth": {}}),
    ("AsnLoginV2Argument", {"auth": 1}),
    ("AsnLoginV2Argument", {"auth": {"authBasic": {"credential": "a"}, "authNTLM": {}}}),
    ("AsnAuthNTLMCredential", {"authdata": "!"}),
    ("AsnGetSTUNandTURNResult", {"listConfigSTUNandTURN": {}}),
    ("AsnWebGetIceServersResult", {"iceServers": [], "stValidTo": [], "iTTL": 1}),
    ("AsnWebGetIceServersResult", {"iceServers": [], "stValidTo": 10**400, "iTTL": 1}),
    ("AsnWebGetIceServersResult", {"iceServers": [], "stValidTo": "soon", "iTTL": 1}),
]


@pytest.mark.parametrize(("name", "value"), UNWRITABLE)
def test_what_does_not_fit_is_a_peer_error(name: str, value: Any) -> None:
    with pytest.raises(PeerError):
        values.to_ber(name, JsonValue.of(value))


@pytest.mark.parametrize(
    ("name", "octets"),
    [
        ("AsnUnheardOf", "3000"),
        ("AsnRequestError", "3000"),
        ("AsnRequestError", "300402010100"),
        ("AsnRequestError", "30030c0178"),
        ("AsnCreateUserSessionResult", "3000"),
        ("AsnLoginV2Argument", "3004a0023000"),
        ("AsnLoginV2Result", "020101"),
        ("AsnRequestError", "3009020a000000000000000000000c00"),
    ],
)
def test_octets_of_another_shape_are_a_peer_error(name: str, octets: str) -> None:
    with pytest.raises(PeerError):
        values.to_json(name, BerValue(bytes.fromhex(octets)))


def nested(depth: int) -> Schema:
    return Schema({"operations": [], "types": {"Deep": ["list", "Deep"]}})


def test_nesting_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A type that recurs could be nested without end."""
    schema = nested(1)
    monkeypatch.setattr("procall_mobility.protocols.rose.value_reading.SCHEMA", schema)
    monkeypatch.setattr("procall_mobility.protocols.rose.value_writing.SCHEMA", schema)
    value: list[Any] = []
    octets = b"\x30\x00"
    for _ in range(60):
        value, octets = [value], ber.element(0x30, octets)
    with pytest.raises(PeerError, match="deep"):
        values.to_ber("Deep", JsonValue.of(value))
    with pytest.raises(PeerError, match="deep"):
        values.to_json("Deep", BerValue(octets))


def test_the_elements_of_a_value_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many empty contacts would take seconds, in which nobody else is served."""
    monkeypatch.setattr("procall_mobility.protocols.rose.value_reading.MOST_ELEMENTS", 10)
    for count in (9, 10):
        wire = BerValue(ber.element(ber.SEQUENCE, b"\x30\x00" * count))
        if count == 9:
            assert values.to_json("AsnNetDatabaseContactList", wire).value() == [{}] * 9
        else:
            with pytest.raises(PeerError, match="end"):
                values.to_json("AsnNetDatabaseContactList", wire)


@given(st.sampled_from(sorted(SCHEMA.names)), st.binary(max_size=60))
def test_any_octets_of_any_type_give_a_value_or_a_peer_error(name: str, junk: bytes) -> None:
    for octets in (junk, ber.element(0x30, junk)):
        try:
            value = values.to_json(name, BerValue(octets))
        except PeerError:
            continue
        value.value()


def test_enumerations_may_be_written_as_integers() -> None:
    """Some peers do."""
    assert SCHEMA.definition("AsnAbsentStateEnum") == Enumeration()
    state = ber.element(0x30, ber.text("x") + ber.integer(2))
    read = values.to_json("AsnAbsentStateV2", BerValue(state)).value()
    assert read == {"u8sContactId": "x", "eAbsentState": 2}

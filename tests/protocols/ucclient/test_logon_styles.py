"""How credentials are carried to the server (Wire 2.4, the table; A-13, A-31)."""

import base64
import json

import pytest

from procall_mobility.protocols.ucclient.credentials import Basic, Blob, EntraStart, Token
from procall_mobility.protocols.ucclient.intentions import CreateSession, Negotiation
from procall_mobility.protocols.ucclient.logon_styles import LOGON_STYLES


def b64(text):
    return base64.b64encode(text if isinstance(text, bytes) else text.encode()).decode()


def jwt(claims):
    text = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    return f"e30.{base64.urlsafe_b64encode(text).decode().rstrip('=')}.sig"


def enhanced(method, data):
    return {
        "enhanced": {
            "u8sClientUsername": "",
            "u8sClientUsernameAuthorisation": "",
            "u8sAuthenticationMethod": method,
            "sAuthCredetials": b64(data),
        }
    }


OURS = jwt({"iss": "ucserver"})
FOREIGN = jwt({"iss": "https://login.microsoftonline.com/x/v2.0"})

TABLE = [
    (
        Basic("ü", "p:w"),
        {"simple": {"u8sClientUsername": "ü", "u8sClientUserPassword": "p:w"}},
        {"authBasic": {"credential": b64("ü:p:w")}},
    ),
    (Token("JWT", OURS), enhanced("JWT", OURS), {"authBearer": {"u8sJWT": OURS}}),
    (Token("Bearer", OURS), enhanced("JWT", OURS), {"authBearer": {"u8sJWT": OURS}}),
    (Token("UCTOKEN", "opaque"), enhanced("JWT", "opaque"), {"authBearer": {"u8sJWT": "opaque"}}),
    (
        Token("JWT", FOREIGN),
        {"openidc": {"u8sIDToken": FOREIGN}},
        {"authOpenIDC": {"u8sIDToken": FOREIGN}},
    ),
    (
        Blob("NTLM", b"\x00x"),
        enhanced("NTLM", b"\x00x"),
        {"authNTLM": {"authdata": b64(b"\x00x")}},
    ),
    (
        Blob("Negotiate", b"x"),
        enhanced("Negotiate", b"x"),
        {"authKerberos": {"authdata": b64(b"x")}},
    ),
    (
        EntraStart("r", "entraid fragment"),
        {"openidc": {"u8sScope": "entraid fragment"}},
        {"authOpenIDC": {"u8sScope": "entraid fragment"}},
    ),
]


@pytest.mark.parametrize(("credentials", "v1", "v2"), TABLE)
def test_each_http_scheme_has_its_member_in_both_styles(credentials, v1, v2):
    """Wire 2.4, the table."""
    request = CreateSession(ucsid_or_alias="a", credentials=credentials)
    assert LOGON_STYLES["v1"].argument(request, "8")["authentication"] == v1
    assert LOGON_STYLES["v2"].argument(request, "8") == {"auth": v2}


@pytest.mark.parametrize(
    "token",
    [
        "a.b",
        "a.b.c.d",
        "a.?.c",
        "a.ä.c",
        "a.b.c",
        jwt(b"{"),
        jwt(b"\xff"),
        jwt([]),
        jwt({}),
        jwt({"iss": 7}),
        jwt(b"[" * 30_000),
    ],
)
def test_a_token_without_a_foreign_issuer_is_the_servers_own(token):
    """Wire 2.4: try by token issuer; whatever cannot be read is for the server to judge."""
    request = CreateSession(ucsid_or_alias="a", credentials=Token("JWT", token))
    assert LOGON_STYLES["v2"].argument(request, "8") == {"auth": {"authBearer": {"u8sJWT": token}}}


@pytest.mark.parametrize(("version", "attach"), [(61, 1), (69, 1), (70, 2), (71, 2)])
def test_how_much_of_the_contact_is_wanted_depends_on_the_version(version, attach):
    """A-31."""
    request = CreateSession(
        ucsid_or_alias="a", credentials=Basic("u", "p"), negotiation=Negotiation(version)
    )
    argument = LOGON_STYLES["v1"].argument(request, "8.4")
    assert (argument["iVersion"], argument["iAttachToContact"]) == (version, attach)
    assert argument["u8sVersion"] == "8.4"


@pytest.mark.parametrize(
    ("device", "agent", "computer"),
    [
        ("Phone", "Browser", "Phone"),
        ("", "Browser", "Browser"),
        ("", "", "ProCall Mobility"),
        ("x" * 300, "", "x" * 200),
    ],
)
def test_the_computer_is_named_by_the_device_or_the_browser(device, agent, computer):
    """Wire 5.5: user agent or device name."""
    request = CreateSession(
        ucsid_or_alias="a",
        credentials=Basic("u", "p"),
        user_agent=agent,
        negotiation=Negotiation(70, None, device),
    )
    assert LOGON_STYLES["v1"].argument(request, "8")["u8sClientComputerName"] == computer


def test_the_v1_style_cannot_log_nobody_on():
    """The machine never asks for it."""
    with pytest.raises(ValueError, match="credentials"):
        LOGON_STYLES["v1"].argument(CreateSession(ucsid_or_alias="a"), "8")

"""asnRegisterServer and asnRegisterServerV2: how a UCServer says who it is (Wire 5.2)."""

import enum
from typing import Any

from attrs import field, frozen

from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.rose.messages import JsonValue

REGISTER_V1 = "asnRegisterServer"
REGISTER_V2 = "asnRegisterServerV2"

LONGEST_TEXT = 1024
"""Names and versions are short; the JWT key, the longest member, has its own bound."""
LONGEST_KEY = 16384
MOST_DOMAINS = 1000


class Refusal(enum.IntEnum):
    """`iErrorDetail` of a failed registration (Wire 5.2)."""

    GENERAL = 0
    INVALID_PROTOCOL_VERSION = 1
    INVALID_SERVER_ID = 2
    INVALID_LOGIN = 3
    REDIRECT = 4
    DUPLICATE_LOGON = 5


@frozen(kw_only=True)
class Capability:
    """One entry of a capability list (Wire 5.3)."""

    kind: str
    value: int | None = None
    text: str | None = None

    def as_json(self) -> dict[str, object]:
        """Return the members that are present."""
        members: dict[str, object] = {"u8sType": self.kind}
        if self.text is not None:
            members["u8sValue"] = self.text
        if self.value is not None:
            members["iValue"] = self.value
        return members


@frozen(kw_only=True)
class Registration:
    """What a UCServer tells about itself; `version` is the protocol's (60, 61, 70)."""

    ucsid: str
    password: str = field(repr=False)
    version: int = 0
    server_version: str = ""
    server_name: str = ""
    system_id: str = ""
    hardware_id: str = ""
    interface_version: int = 0
    presence_domains: tuple[str, ...] = ()
    jwt_public_key: str = field(default="", repr=False)
    second_generation: bool = True
    """Whether the answer takes the form of asnRegisterServerV2."""
    guessed: bool = False
    """Whether the call had no name and was known by its shape (A-38)."""

    def is_same_server_as(self, other: "Registration") -> bool:
        """Whether both come from one installation on one machine (A-27)."""
        mine = (self.system_id, self.hardware_id)
        return bool(self.system_id) and mine == (other.system_id, other.hardware_id)


def read_registration(
    argument: JsonValue, *, second_generation: bool, guessed: bool = False
) -> Registration:
    """Read the argument of either call.

    Raises:
        PeerError: a member is missing, too long or of the wrong type.
    """
    members = argument.value()
    if not isinstance(members, dict):
        raise PeerError("protocol-error", "the registration is not an object")
    domains = members.get("presenceDomains") or []
    if not isinstance(domains, list) or len(domains) > MOST_DOMAINS:
        raise PeerError("protocol-error", "presenceDomains is not a list of reasonable length")
    return Registration(
        ucsid=_text(members, "u8sServerID", needed=True),
        password=_text(members, "u8sServerPassword", needed=True),
        version=_number(members, "iVersion"),
        server_version=_text(members, "u8sVersion"),
        server_name=_text(members, "u8sServerName"),
        system_id=_text(members, "u8sSystemID"),
        hardware_id=_text(members, "u8sHardwareID"),
        interface_version=_number(members, "iInterfaceVersion"),
        presence_domains=tuple(d for d in domains if isinstance(d, str) and len(d) <= 253),
        jwt_public_key=_text(members, "u8sJWTPublicKey", longest=LONGEST_KEY),
        second_generation=second_generation,
        guessed=guessed,
    )


def looks_like_registration(argument: JsonValue) -> bool:
    """Whether an unnamed call has the members of a registration (A-38)."""
    members = argument.value()
    return isinstance(members, dict) and {"u8sServerID", "u8sServerPassword"} <= members.keys()


def accepted(capabilities: tuple[Capability, ...], *, second_generation: bool) -> JsonValue:
    """Return the result that opens the link; multi-user mode is on from here."""
    inner: dict[str, object] = {"capabilities": [c.as_json() for c in capabilities]}
    if second_generation:
        return JsonValue.of({"_type": "AsnRegisterServerV2ResultChoice", "result": inner})
    return JsonValue.of({"_type": "AsnRegisterServerResult", **inner})


def redirected(addresses: tuple[str, ...]) -> JsonValue:
    """Return the V2 result that sends a server to other nodes (`enetctis://host:port`)."""
    return JsonValue.of(
        {
            "_type": "AsnRegisterServerV2ResultChoice",
            "redirect": {"redirectAddresses": list(addresses)},
        }
    )


def refused(
    refusal: Refusal,
    text: str,
    *,
    second_generation: bool,
    addresses: tuple[str, ...] = (),
) -> JsonValue:
    """Return the ROSE error's value; `text` shows up on the customer's admin page."""
    kind = "AsnRequestError" if second_generation else "AsnRegisterServerError"
    error: dict[str, object] = {
        "_type": kind,
        "iErrorDetail": int(refusal),
        "u8sErrorString": text,
    }
    if addresses and not second_generation:
        error["redirectAddresses"] = list(addresses)
    return JsonValue.of(error)


def _text(
    members: dict[str, Any], name: str, *, needed: bool = False, longest: int = LONGEST_TEXT
) -> str:
    value = members.get(name)
    if value is None and not needed:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or len(value) > longest:
        raise PeerError("protocol-error", f"{name} is missing, too long or not a text")
    return value


def _number(members: dict[str, Any], name: str) -> int:
    value = members.get(name, 0)
    if isinstance(value, str) and value.isdecimal() and len(value) < 10:
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise PeerError("protocol-error", f"{name} is not a number")
    return value

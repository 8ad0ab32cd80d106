"""How a person is shown on the wire: contacts and absent states, both generations (Wire 9.2)."""

from typing import Any

from examples.uc_demo.server.directory import DOMAIN, Person

AVAILABLE, BUSY, ABSENT, DO_NOT_DISTURB = 1, 2, 3, 4
OFFLINE = 0x08000000
IN_CALL = 0x04000000
MOBILE = 0x40000000
"""iPresenceState: a low byte and flags (Wire 9.2)."""

PRESENT, OUT, ABSENT_BUSY, ABSENT_DND, NOT_SET = range(5)
"""eAbsentState, and iAbsentState of the first generation."""

MOBILE_AND_INTERNET = 6
"""iStaticRights2 (Wire 8.2)."""

NO_APPOINTMENT = {
    "u8sEntryID": "",
    "u8sOwner": "",
    "u8sDataSource": "",
    "stStart": "",
    "stEnd": "",
    "iDuration": 0,
    "u8sSubject": "",
    "u8sText": "",
    "bAllDay": False,
    "iStatus": 0,
    "u8sCategory": "",
    "iImportance": 0,
    "iSensitivity": 0,
    "bIsValid": False,
}
"""An AsnAppointmentEntry that says there is none; each of its members has to be there."""


def own_contact(person: Person, state: int, absent: int) -> dict[str, Any]:
    """Return an AsnContactV2: every member is there."""
    return {
        "u8sContactId": person.contact_id,
        "iContactFeatureSet": 0,
        "iPresenceState": state,
        "iStaticRights": 0,
        "iStaticRights2": MOBILE_AND_INTERNET,
        "iMonitorAccessRights": 1,
        "asnRemoteContact": remote_contact(person),
        "seqPhoneLines": [],
        "asnAbsentState": absent_state(person, absent),
        "asnCustomNote": {"u8sContactID": person.contact_id, "u8sUsername": "", "u8sNote": ""},
        "seqActualAppointments": [],
        "asnNextAppointment": NO_APPOINTMENT,
        "asnUserPropertyBag": {"asnProperties": []},
    }


def first_own_contact(person: Person, state: int, absent: int) -> dict[str, Any]:
    """Return an AsnContact, which knows no iStaticRights2."""
    contact = own_contact(person, state, absent)
    del contact["iStaticRights2"]
    return contact | {"asnAbsentState": first_absent_state(person, state, absent)}


def remote_contact(person: Person) -> dict[str, Any]:
    """Return what the directory says of a person."""
    return {
        "u8sDisplayName": person.name,
        "u8sCtiServerUserName": person.user,
        "u8sEMail": f"{person.user}@{DOMAIN}",
        "u8sSIPAddress": person.contact_id,
        "u8sPhoneBusiness": person.phone,
    }


def absent_state(person: Person, absent: int) -> dict[str, Any]:
    """Return an AsnAbsentStateV2."""
    return {"u8sContactId": person.contact_id, "eAbsentState": absent}


def first_absent_state(person: Person, state: int, absent: int) -> dict[str, Any]:
    """Return an AsnAbsentState; an empty text is no date."""
    return {
        "u8sContactId": person.contact_id,
        "u8sUsername": person.user,
        "stTimeFrom": "",
        "stTimeTo": "",
        "iAbsentState": absent,
        "u8sMessage": "",
        "u8sAbsentReason": "",
        "iPresenceState": state,
    }

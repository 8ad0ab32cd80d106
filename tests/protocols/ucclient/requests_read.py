"""Reading requests."""

import pytest

from procall_mobility.protocols.rose.messages import JsonValue
from procall_mobility.protocols.ucclient.bad_request import BadRequest
from procall_mobility.protocols.ucclient.intentions import (
    CreateSession,
    DestroySession,
    Direct,
    HttpRequest,
    Lookup,
    OneShot,
    PublicContacts,
    VersionQuery,
)
from procall_mobility.protocols.ucclient.requests import understand

SESSION = "7C0E5B2A4F1D4E6C9A3B8D7E6F5A4B3C"


def ask(path, *, method="GET", query=(), headers=(), body=b""):
    return HttpRequest(
        method=method,
        path=path,
        query=tuple(query),
        headers=tuple(headers),
        body=body,
        client_address="192.0.2.1",
        secure=True,
        host="uc.example",
    )


def refusal(request):
    with pytest.raises(BadRequest) as caught:
        understand(request)
    return caught.value


UCSID = ("ucsid", "riroabc")


SID = ("ucsessionid", SESSION)


ROUTES = [
    ("/controller/client/ucws", (UCSID,), Lookup("riroabc")),
    ("/ws/client/ucserverversion", (UCSID,), VersionQuery("riroabc")),
    ("/ws/client/ucserverversion", (), VersionQuery("")),
    (
        "/ws/client/createsession",
        (UCSID,),
        CreateSession(ucsid_or_alias="riroabc", client_address="192.0.2.1"),
    ),
    ("/ws/client/destroysession", (SID,), DestroySession(SESSION)),
    (
        "/ws/client/asnGetLoggedInContact",
        (SID,),
        OneShot(SESSION, "asnGetLoggedInContact", JsonValue("{}")),
    ),
    (
        "/ws/direct/asnGetUserToken",
        (UCSID,),
        Direct(
            ucsid_or_alias="riroabc",
            operation="asnGetUserToken",
            argument=JsonValue("{}"),
            simple=True,
            client_address="192.0.2.1",
        ),
    ),
    ("/ws/public/contacts", (UCSID,), PublicContacts("riroabc")),
]

"""The status of each refusal (Wire 2.2, 2.7)."""

import pytest

from procall_mobility.protocols.rose.messages import Error
from procall_mobility.protocols.ucclient import refusals
from procall_mobility.protocols.ucclient.client_errors import LogonCode
from procall_mobility.protocols.ucclient.credentials import EntraStart
from procall_mobility.protocols.ucclient.intentions import CreateSession

PLAIN = CreateSession(ucsid_or_alias="a")
SUPPRESSED = CreateSession(ucsid_or_alias="a", suppress_401=True)
ENTRA = CreateSession(ucsid_or_alias="a", credentials=EntraStart("a", "s"))


@pytest.mark.parametrize(("request_", "status"), [(PLAIN, 401), (SUPPRESSED, 400), (ENTRA, 400)])
def test_a_verdict_on_credentials_is_401_unless_suppressed(request_, status):
    """Wire 2.2, 2.7, A-14."""
    heard = Error(1)
    for refused in (
        refusals.credentials_demanded(request_),
        refusals.method_not_supported(request_, "t"),
        refusals.logon_rejected(request_, LogonCode.LOCKED),
        refusals.logon_refused(request_, heard, {}),
        refusals.not_offered(request_),
    ):
        assert refused.status == status


@pytest.mark.parametrize(
    ("refused", "status"),
    [
        (refusals.session_refused(Error(1), {}), 400),
        (refusals.server_misbehaved("t"), 502),
        (refusals.server_timed_out(), 504),
    ],
)
def test_other_refusals_never_ask_for_a_password(refused, status):
    """Wire 2.7."""
    assert refused.status == status


def test_a_type_that_the_server_gave_is_kept():
    """Wire 4.2."""
    assert refusals.typed({"_type": "Theirs"}, "Ours") == {"_type": "Theirs"}
    assert refusals.typed({}, "Ours") == {"_type": "Ours"}

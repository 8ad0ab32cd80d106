"""What a customer's switches admit in a log-on."""

from typing import Literal

from attrs import frozen

from procall_mobility.protocols.ucclient.intentions import LogOn

MOST_STEPS = 8
"""Messages of one multi-step log-on: NTLM needs 2, Kerberos with mutual authentication 3."""


@frozen
class LoginRules:
    """A customer's switches.

    `multi_step` admits NTLM and Negotiate, `allow_query_password` ?user=&pass= (A-08),
    `extra_members` collects other members of the logon result (A-11).  `client_version` is what
    the server is told as u8sVersion.
    """

    style: Literal["v1", "v2"] = "v1"
    multi_step: bool = False
    allow_query_password: bool = True
    extra_members: bool = False
    client_version: str = "8.0.0.0"


def may_step(request: LogOn, rules: LoginRules) -> bool:
    """Whether the log-on may take several requests; X-simple asks for one only (A-09)."""
    return rules.multi_step and not request.simple

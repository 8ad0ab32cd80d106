"""A server asks to be let in, and the three answers it may get (Wire 5.2)."""

from attrs import frozen

from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.rose.form import Form
from procall_mobility.protocols.rose.messages import Error, Invoke, JsonValue, Payload, Result
from procall_mobility.protocols.transcoding import to_json, to_wire
from procall_mobility.protocols.ucserver import registration
from procall_mobility.protocols.ucserver.registration import Capability, Refusal, Registration

ARGUMENT = "AsnRegisterServerArgument"
RESULTS = {True: "AsnRegisterServerV2ResultChoice", False: "AsnRegisterServerResult"}
ERRORS = {True: "AsnRequestError", False: "AsnRegisterServerError"}
"""Types by whether the call is of the second generation."""


@frozen
class Admission:
    """An unanswered registration; the answers take the form and generation it came in."""

    invoke_id: int
    registration: Registration

    def accepted(self, capabilities: tuple[Capability, ...], form: Form | None) -> Result:
        """Let the server in."""
        second = self.registration.second_generation
        value = registration.accepted(capabilities, second_generation=second)
        return Result(self.invoke_id, to_wire(value, RESULTS[second], form))

    def redirected(self, addresses: tuple[str, ...], form: Form | None) -> Result | Error:
        """Send the server elsewhere: a result since the second generation, an error before."""
        if not self.registration.second_generation:
            return self.refused(Refusal.REDIRECT, "redirect", form, addresses)
        value = registration.redirected(addresses)
        return Result(self.invoke_id, to_wire(value, RESULTS[True], form))

    def refused(
        self,
        refusal: Refusal,
        text: str,
        form: Form | None,
        addresses: tuple[str, ...] = (),
    ) -> Error:
        """Turn the server away."""
        second = self.registration.second_generation
        value = registration.refused(refusal, text, second_generation=second, addresses=addresses)
        return Error(self.invoke_id, to_wire(value, ERRORS[second], form))


def asked(invoke: Invoke, *, guess_v2: bool | None) -> Admission | None:
    """Read an invoke as a registration; None when it is none.

    `guess_v2` is how to take an unnamed call of the right shape (A-38); None: do not guess.

    Raises:
        PeerError: it is a registration, but one that cannot be read.
    """
    second = _generation(invoke, guess_v2)
    if second is None or invoke.is_event:
        return None
    argument = _argument(invoke.argument)
    return Admission(
        invoke.invoke_id,
        registration.read_registration(
            argument, second_generation=second, guessed=invoke.operation_name is None
        ),
    )


def _generation(invoke: Invoke, guess_v2: bool | None) -> bool | None:
    if invoke.operation_name == registration.REGISTER_V2:
        return True
    if invoke.operation_name == registration.REGISTER_V1:
        return False
    if guess_v2 is None or invoke.operation_name is not None:
        return None
    try:
        argument = _argument(invoke.argument)
    except PeerError:
        return None
    return guess_v2 if registration.looks_like_registration(argument) else None


def _argument(argument: Payload | None) -> JsonValue:
    if argument is None:
        raise PeerError("protocol-error", "the registration has no argument")
    return to_json(argument, ARGUMENT)

"""Wire 5.2, 4.8: how a server says who it is, behind asnStartTLS where that is demanded."""

import pytest

from procall_mobility.protocols.rose import values
from procall_mobility.protocols.rose.form import Form
from procall_mobility.protocols.rose.messages import (
    EVENT_ID,
    BerValue,
    Invoke,
    InvokeProblem,
    JsonValue,
    Reject,
    Result,
)
from procall_mobility.protocols.ucserver.outputs import (
    BeginTls,
    CloseLink,
    Registering,
)
from procall_mobility.protocols.ucserver.registration import Capability, Refusal, Registration
from procall_mobility.protocols.ucserver.rules import Phase, StartTls
from tests.protocols.ucserver.plays import ARGUMENT, KEEP_ALIVE, STARTTLS, Play, problem, register

TURN = Capability(kind="asnWebServiceCapabilityTypeTurn", value=1)


class TestRegistration:
    def test_the_published_argument_is_read(self) -> None:
        """Wire 5.2."""
        (wanted,) = Play().says(register())
        assert wanted == Registering(
            Registration(
                ucsid="riroabc",
                password="secret",
                version=70,
                server_version="8.4.0.100",
                server_name="uc.example.test",
                system_id="SYS1",
                interface_version=410,
                presence_domains=("example.test",),
            )
        )
        assert "secret" not in repr(wanted)

    @pytest.mark.parametrize("form", Form)
    def test_a_server_registers_in_every_form(self, form: Form) -> None:
        """C11: J-JSON, bare JSON and BER."""
        play = Play(form)
        invoke = register()
        if form is Form.BER:
            argument = values.to_ber("AsnRegisterServerArgument", JsonValue.of(ARGUMENT))
            invoke = Invoke(2, 0, "asnRegisterServerV2", argument)
        (wanted,) = play.says(invoke)
        assert wanted.registration.ucsid == "riroabc"
        play.link.accept((TURN,), play.now)
        (answer,) = play.wants()
        assert isinstance(answer, Result)
        payload = answer.result
        if isinstance(payload, BerValue):
            payload = values.to_json("AsnRegisterServerV2ResultChoice", payload)
        assert isinstance(payload, JsonValue)
        entry = {"u8sType": TURN.kind, "iValue": 1}
        assert payload.value()["result"] == {"capabilities": [entry]}
        assert play.link.phase is Phase.OPEN
        assert play.link.form is form

    def test_the_first_generation_is_answered_in_its_own_form(self) -> None:
        play = Play()
        play.says(register("asnRegisterServer"))
        play.link.accept((TURN,), 0.0)
        (answer,) = play.wants()
        assert answer.result.value()["capabilities"][0]["iValue"] == 1

    def test_refusals_of_both_generations(self) -> None:
        """Wire 5.2: C12 at the wire; the text is for the admin's page."""
        for operation, kind in (
            ("asnRegisterServerV2", "AsnRequestError"),
            ("asnRegisterServer", "AsnRegisterServerError"),
        ):
            play = Play()
            play.says(register(operation))
            play.link.refuse(Refusal.INVALID_LOGIN, "the password is another", "wrong-password")
            error, closing = play.wants()
            assert error.error.value() == {
                "_type": kind,
                "iErrorDetail": 3,
                "u8sErrorString": "the password is another",
            }
            assert closing == CloseLink("wrong-password")

    def test_redirects_of_both_generations(self) -> None:
        """A result since the second generation, error 4 before (Wire 5.2)."""
        addresses = ("enetctis://a.example:443", "enetctis://b.example:443")
        play = Play()
        play.says(register())
        play.link.redirect(addresses)
        result, closing = play.wants()
        assert result.result.value()["redirect"] == {"redirectAddresses": list(addresses)}
        assert closing == CloseLink("redirected")
        play = Play()
        play.says(register("asnRegisterServer"))
        play.link.redirect(addresses)
        error, _ = play.wants()
        assert error.error.value()["iErrorDetail"] == 4
        assert error.error.value()["redirectAddresses"] == list(addresses)

    @pytest.mark.parametrize(
        "members",
        [
            {"u8sServerID": None},
            {"u8sServerPassword": None},
            {"u8sServerID": "x" * 2000},
            {"u8sVersion": []},
            {"iVersion": "seventy"},
            {"iVersion": True},
            {"presenceDomains": "example.test"},
            {"presenceDomains": ["x"] * 2000},
        ],
    )
    def test_a_malformed_registration_is_rejected_and_can_be_repeated(
        self, members: dict[str, object]
    ) -> None:
        play = Play()
        (reject,) = play.says(register(**members))
        assert reject.problem == problem(InvokeProblem.MISTYPED_ARGUMENT)
        (wanted,) = play.says(register())
        assert isinstance(wanted, Registering)

    def test_lenient_members_are_taken(self) -> None:
        (wanted,) = Play().says(
            register(iVersion="70", u8sServerID=77, presenceDomains=None, u8sHardwareID="H")
        )
        assert wanted.registration.version == 70
        assert wanted.registration.ucsid == "77"
        assert wanted.registration.hardware_id == "H"

    def test_a_registration_that_is_no_object_or_not_there_is_rejected(self) -> None:
        for argument in (None, JsonValue("[]")):
            (reject,) = Play().says(Invoke(2, 0, "asnRegisterServerV2", argument))
            assert reject.problem == problem(InvokeProblem.MISTYPED_ARGUMENT)

    @pytest.mark.parametrize("first", [False, True])
    def test_an_unnamed_first_call_of_the_right_shape_is_a_registration(self, first: bool) -> None:
        """A-38: the private id is not published."""
        (wanted,) = Play(guess_first_generation=first).says(register(None))
        assert wanted.registration.second_generation is not first

    def test_an_unnamed_call_of_another_shape_is_none(self) -> None:
        for argument in (JsonValue.of({"a": 1}), None):
            (reject,) = Play().says(Invoke(2, 4711, None, argument))
            assert reject.problem == problem(InvokeProblem.AUTHENTICATION_INCOMPLETE)

    def test_guessing_can_be_switched_off(self) -> None:
        (reject,) = Play(guess_registration=False).says(register(None))
        assert reject.problem == problem(InvokeProblem.AUTHENTICATION_INCOMPLETE)

    def test_nothing_else_is_answered_before_the_registration(self) -> None:
        play = Play()
        (reject,) = play.says(Invoke(3, 0, "asnWebGetIceServersV2"))
        assert reject.problem == problem(InvokeProblem.AUTHENTICATION_INCOMPLETE)
        assert play.says(Invoke(EVENT_ID, 0, "asnUserSessionDestroyed")) == []
        assert play.says(Invoke(EVENT_ID, 0, "asnRegisterServerV2")) == []

    def test_one_registration_at_a_time(self) -> None:
        play = Play()
        play.says(register())
        (reject,) = play.says(register())
        assert reject.problem == problem(InvokeProblem.AUTHENTICATION_INCOMPLETE)

    def test_decisions_without_a_registration_do_nothing(self) -> None:
        play = Play()
        assert not play.link.accept((), 0.0)
        play.link.redirect(())
        play.link.refuse(Refusal.GENERAL, "", "")
        assert play.wants() == []

    def test_a_server_that_left_meanwhile_is_not_let_in(self) -> None:
        play = Play()
        play.says(register())
        play.link.close("peer-closed")
        assert not play.link.accept((), 0.0)

    def test_a_server_that_does_not_register_is_closed(self) -> None:
        play = Play(registration_timeout=20.0)
        assert play.link.wake_at() == 20.0
        assert play.later(19.0) == []
        assert play.later(1.0) == [CloseLink("registration-timeout")]
        assert play.link.wake_at() is None
        assert play.later(100.0) == []


class TestStartTls:
    """Wire 4.8."""

    def test_where_it_is_demanded_nothing_else_is_heard(self) -> None:
        """A-23."""
        play = Play(starttls=StartTls.DEMANDED)
        (reject,) = play.says(register())
        assert reject == Reject(2, problem(InvokeProblem.RESOURCE_LIMITATION), "StartTLSRequired")
        assert play.says(KEEP_ALIVE) == []

    def test_the_result_comes_before_tls_and_plain_octets_behind_it_are_dropped(self) -> None:
        play = Play(starttls=StartTls.DEMANDED)
        wanted = play.says(STARTTLS, register())
        assert wanted == [Result(1, JsonValue('{"_type":"AsnStartTLSResult"}')), BeginTls()]
        assert play.raw(b"J2{}") == []

    def test_after_tls_everything_starts_afresh_even_the_form(self) -> None:
        play = Play(starttls=StartTls.ALLOWED)
        play.says(STARTTLS)
        play.link.secured(1.0)
        play.form = Form.JSON_BARE
        (wanted,) = play.says(register())
        assert isinstance(wanted, Registering)
        play.link.secured(2.0)
        assert play.link.form is Form.JSON_BARE

    def test_it_is_not_offered_twice(self) -> None:
        (reject,) = Play(starttls=StartTls.OVER_TLS).says(STARTTLS)
        assert reject.problem == problem(InvokeProblem.RESOURCE_LIMITATION)

    def test_it_is_no_event_and_nothing_for_later(self) -> None:
        play = Play(starttls=StartTls.ALLOWED)
        assert play.says(Invoke(EVENT_ID, 1103)) == []
        play.registered()
        assert play.says(STARTTLS) == []

    def test_in_ber_it_is_the_first_worked_example(self) -> None:
        """E1."""
        play = Play(Form.BER, StartTls.DEMANDED)
        play.link.hears(bytes.fromhex("a10e0201010202044f30051f80801500"), 0.0)
        assert play.wants() == [Result(1, BerValue(b"\x30\x00")), BeginTls()]


def test_a_server_is_the_same_by_its_installation_and_hardware() -> None:
    """A-27."""
    one = Registration(ucsid="a", password="", system_id="S", hardware_id="H")
    assert one.is_same_server_as(
        Registration(ucsid="a", password="", system_id="S", hardware_id="H")
    )
    assert not one.is_same_server_as(Registration(ucsid="a", password="", system_id="S"))
    assert not Registration(ucsid="a", password="").is_same_server_as(
        Registration(ucsid="a", password="")
    )

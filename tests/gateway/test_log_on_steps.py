"""Wire 2.4, point 3: log-ons of several requests."""

from procall_mobility.gateway.customers import Customer, Switches
from procall_mobility.gateway.reasons import Reason
from tests.gateway.fakes import FakeLinkWire, House

CREATED = {"u8sSessionID": "SESSION1", "negotiateresult": {"optionalParams": {"Auth_Basic": ""}}}


NTLM = {"headers": (("x-ucsid", "acme"), ("authorization", "NTLM AAAA"), ("x-epid", "h1"))}


class TestSeveralSteps:
    """Wire 2.4, point 3: NTLM and Negotiate, behind a switch."""

    def house(self) -> tuple[House, FakeLinkWire]:
        house = House(Customer(ucsid="acme", switches=Switches(multi_step=True)))
        return house, house.registers()

    def step(self, house: House, wire: FakeLinkWire, **members: object) -> int:
        answers = house.asks("POST", "/ws/client/createsession", **{**NTLM, **members})
        wire.answers_with(house.now, CREATED)
        blob = {"iErrorDetail": 105, "sAuthCredetials": "QUJD", "u8sErrorString": "next"}
        wire.errs_with(house.now, blob)
        return answers[0].status

    def test_the_next_request_goes_on_in_the_same_session(self) -> None:
        house, wire = self.house()
        assert self.step(house, wire) == 401
        answers = house.asks("POST", "/ws/client/createsession", **NTLM)
        assert wire.asked("asnLogon").session_id == "SESSION1"
        wire.answers_with(
            house.now, {"u8sLoggedInUser": "alice", "iValidContact": 1, "ownContact": {}}
        )
        assert answers[0].status == 200

    def test_a_handshake_is_given_up_after_thirty_seconds(self) -> None:
        """A-12."""
        house, wire = self.house()
        self.step(house, wire)
        house.later(30.0)
        wire.asked("asnDestroyUserSession")
        wire.answers_with(house.now, {})
        house.asks("POST", "/ws/client/createsession", **NTLM)
        wire.asked("asnCreateUserSession")

    def test_a_newer_handshake_of_the_same_id_outlives_the_older_ones_alarm(self) -> None:
        house, wire = self.house()
        self.step(house, wire)
        house.later(10.0)
        answers = house.asks("POST", "/ws/client/createsession", **NTLM)
        wire.errs_with(house.now, {"iErrorDetail": 105, "sAuthCredetials": "QUJD"})
        assert answers[0].status == 401
        house.later(25.0)
        assert house.asks("POST", "/ws/client/createsession", **NTLM) == []
        assert wire.asked("asnLogon").session_id == "SESSION1"

    def test_without_an_id_there_is_no_second_step(self) -> None:
        house, wire = self.house()
        headers = tuple(header for header in NTLM["headers"] if header[0] != "x-epid")
        self.step(house, wire, headers=headers)
        wire.asked("asnDestroyUserSession")

    def test_a_step_for_a_link_that_is_lost_begins_anew(self) -> None:
        """Its session went with the link; a newer one knows nothing of it."""
        house, wire = self.house()
        self.step(house, wire)
        house.gateway.link_lost(wire, Reason.PEER_CLOSED, house.now)
        wire.deaf = True
        again = house.registers()
        assert house.asks("POST", "/ws/client/createsession", **NTLM) == []
        again.asked("asnCreateUserSession")
        assert wire.calls == []

    def test_two_log_ons_under_one_id_leave_one(self) -> None:
        """A-10: two published clients send the UCSID, which may be the same twice."""
        house, wire = self.house()
        blob = {"iErrorDetail": 105, "sAuthCredetials": "QUJD"}
        asked = [house.asks("POST", "/ws/client/createsession", **NTLM) for _ in range(2)]
        for number in (1, 2):
            created = {**CREATED, "u8sSessionID": f"SESSION{number}"}
            wire.answers_with(house.now, created, at=0)
        wire.calls.reverse()
        wire.errs_with(house.now, blob)
        wire.errs_with(house.now, blob)
        assert [answers[0].status for answers in asked] == [401, 401]
        destroyed = wire.asked("asnDestroyUserSession").argument
        assert destroyed.value()["u8sSessionID"] == "SESSION1"
        house.later(31.0)
        assert len(wire.calls) == 2

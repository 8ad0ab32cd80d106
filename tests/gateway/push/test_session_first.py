"""Pushes to devices whose sessions are connected: given there, and to nobody else."""

import pytest

from procall_mobility.gateway.push.ports import State
from procall_mobility.gateway.push.receipts import Receipt
from procall_mobility.gateway.push.routes import Nobody
from procall_mobility.protocols.push.outcomes import Delivered
from tests.gateway.push.fakes import call, push
from tests.gateway.push.house import PushHouse
from tests.gateway.push.receipts_told import refused


class TestPresence:
    """Presence first: a device whose session is connected gets it there."""

    def house(self, **members: object) -> PushHouse:
        house = PushHouse(**members)  # type: ignore[arg-type]
        house.sessions.connected.add("t")
        return house.opens()

    def test_the_provider_is_skipped(self) -> None:
        house = self.house()
        receipts = house.accepts(push(1, token="t"), push(2, token="u"), wait=2.0)
        ((offered, taken),) = house.sessions.offered
        assert offered.id == push(1).id
        assert house.ids() == [push(2).id]
        taken(True)
        house.says(Delivered(), *house.sent)
        assert house.ended() == {push(1).id: State.SENT}
        assert house.lane().counts.in_session == 1
        house.later(10.0)
        assert house.taken() == []
        assert [each.state for each in receipts] == [State.SENT, State.QUEUED]

    def test_a_session_that_goes_leaves_it_to_the_provider(self) -> None:
        house = self.house()
        house.accepts(push(1, token="t"))
        house.sessions.offered[0][1](False)
        assert house.ids() == [push(1).id]
        house.sessions.offered[0][1](False)
        assert house.ids() == []

    @pytest.mark.parametrize(("made", "patience"), [(call, 1.0), (push, 5.0)])
    def test_a_session_that_says_nothing_too(self, made, patience: float) -> None:
        house = self.house()
        house.accepts(made(1, token="t"))
        house.later(patience - 0.1)
        assert house.taken() == []
        house.later(0.1)
        assert house.ids() == [push(1).id]

    def test_where_there_are_no_sessions_all_go_to_providers(self) -> None:
        house = PushHouse(sessions=Nobody()).opens()  # type: ignore[arg-type]
        house.accepts(push(1))
        assert house.ids() == [push(1).id]

    def test_one_that_confirms_late_spares_what_has_not_flown(self) -> None:
        house = self.house().opens(0)
        house.accepts(push(1, token="t"))
        house.later(6.0)
        house.sessions.offered[0][1](True)
        assert house.ended() == {push(1).id: State.SENT}
        assert house.opens().taken() == []

    def test_what_flies_has_its_own_end(self) -> None:
        house = self.house()
        house.accepts(push(1, token="t"))
        house.later(6.0)
        house.sessions.offered[0][1](True)
        assert house.endings() == []
        house.delivers()
        house.sessions.offered[0][1](True)
        assert house.endings() == [(State.SENT, None)]

    def test_a_call_that_could_not_be_stored_may_be_taken_by_the_session(self) -> None:
        house = self.house(commits=False)
        house.store.broken = True
        receipts = house.accepts(call(1, token="t"))
        house.store.commit()
        assert receipts == []
        house.sessions.offered[0][1](True)
        assert receipts == [Receipt(id=call(1).id, state=State.SENT)]

    def test_and_if_not_is_refused(self) -> None:
        house = self.house(commits=False)
        house.store.broken = True
        receipts = house.accepts(call(1, token="t"))
        house.store.commit()
        house.later(1.0)
        assert receipts == [refused(1, "not-stored", retry_after=5.0)]
        assert house.taken() == []

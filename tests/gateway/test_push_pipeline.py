"""The pipeline: accepted means kept, and whoever hands pushes in learns what became of them."""

import pytest

from procall_mobility.gateway import push_environments
from procall_mobility.gateway.push_outputs import (
    RefreshCredential,
    Trouble,
    TroubleOver,
    TroubleRaised,
)
from procall_mobility.gateway.push_ports import Answered, QueuedPush, State
from procall_mobility.gateway.push_quota import PushShare
from procall_mobility.gateway.push_receipts import Receipt
from procall_mobility.gateway.push_routes import Nobody
from procall_mobility.gateway.push_suspicion import FEWEST
from procall_mobility.protocols.push.notification import Urgency
from procall_mobility.protocols.push.outcomes import (
    CredentialStale,
    Delivered,
    LaneRefused,
    Later,
    Refused,
    TokenDead,
    WrongEnvironment,
)
from tests.gateway.push_fakes import UNIX, Apps, PushHouse, call, numbers, push


def queued(number: int) -> Receipt:
    return Receipt(id=push(number).id, state=State.QUEUED)


def refused(number: int, reason: str, **members: object) -> Receipt:
    return Receipt(
        id=push(number).id,
        reason=reason,
        is_accepted=False,
        **{"state": State.REJECTED, **members},  # type: ignore[arg-type]
    )


class TestAccepting:
    def test_a_push_is_acknowledged_and_sent_when_it_is_durable(self) -> None:
        house = PushHouse(commits=False).opens()
        receipts = house.accepts(push(1), push(2))
        assert (receipts, house.taken()) == ([], [])
        house.store.commit()
        assert receipts == [queued(1), queued(2)]
        assert house.ids() == [push(1).id, push(2).id]

    def test_a_call_is_sent_while_it_is_written(self) -> None:
        house = PushHouse(commits=False).opens()
        receipts = house.accepts(call(1), push(2))
        assert house.ids() == [call(1).id]
        assert receipts == []
        house.store.commit()
        assert receipts == [queued(1), queued(2)]

    def test_a_call_the_provider_has_taken_is_acknowledged_before_it_is_durable(self) -> None:
        house = PushHouse(commits=False).opens()
        receipts = house.accepts(call(1))
        house.delivers()
        assert receipts == [Receipt(id=call(1).id, state=State.SENT)]
        house.store.commit()
        assert house.store.disk.queued == {}
        assert house.ended() == {call(1).id: State.SENT}

    def test_nothing_handed_in_is_answered_too(self) -> None:
        heard: list[list[Receipt]] = []
        PushHouse().pipeline.accept([], heard.append, 0.0)
        assert heard == [[]]

    def test_the_answer_to_the_request_is_stored_in_one_piece_with_its_pushes(self) -> None:
        house = PushHouse()
        answered = Answered(customer="acme", key="k", digest=b"d", answer=b"a", at=UNIX)
        house.pipeline.accept([push(1)], lambda _: None, 0.0, answered=answered)
        house.run()
        assert house.store.said("acme", "k") == (b"d", b"a")

    def test_it_is_for_nobody_longer_than_a_call_lives_or_a_provider_keeps_it(self) -> None:
        house = PushHouse().opens()
        house.accepts(call(1, ttl=3600.0), push(2, ttl=365 * 86_400.0))
        lives = [each.push.notification.expires - UNIX for each in house.taken()]
        assert lives == [60.0, 28 * 86_400.0]


class TestRefusing:
    """Each a clear answer with a reason, and none is stored."""

    def test_what_has_expired(self) -> None:
        house = PushHouse().opens()
        assert house.accepts(push(1, ttl=0.0)) == [refused(1, "expired")]
        assert house.store.disk.queued == {}

    def test_an_unknown_application(self) -> None:
        assert PushHouse().accepts(push(1, app="?")) == [refused(1, "unknown-app")]

    def test_an_id_that_is_in_use(self) -> None:
        house = PushHouse()
        first, again = house.accepts(push(1), push(1))
        assert (first, again) == (queued(1), refused(1, "id-in-use"))
        assert house.accepts(push(1)) == [refused(1, "id-in-use")]
        assert house.pipeline.open == 1

    def test_a_customer_over_its_quota(self) -> None:
        house = PushHouse(shares={"acme": PushShare(burst=1.0, rate=0.1)})
        assert house.accepts(push(1), push(2)) == [
            queued(1),
            refused(2, "too-fast", retry_after=10),
        ]
        house.shares["acme"] = PushShare()
        house.pipeline.share_changed("acme")
        assert house.accepts(push(3)) == [queued(3)]

    def test_a_store_that_cannot_write(self) -> None:
        house = PushHouse(commits=False).opens()
        house.store.broken = True
        receipts = house.accepts(push(1), push(2))
        house.store.commit()
        assert receipts == [
            refused(1, "not-stored", retry_after=5.0),
            refused(2, "not-stored", retry_after=5.0),
        ]
        assert house.taken() == []
        assert house.store.ended == []
        assert house.pipeline.open == 0


class TestCallsThatCouldNotBeStored:
    def broken(self, streams: int = 100) -> PushHouse:
        house = PushHouse(commits=False)
        house.opens(streams)
        house.store.broken = True
        return house

    def test_one_that_waits_is_refused(self) -> None:
        house = self.broken(streams=0)
        receipts = house.accepts(call(1))
        house.store.commit()
        assert receipts == [refused(1, "not-stored", retry_after=5.0)]
        assert house.opens().taken() == []

    def test_one_in_flight_may_still_ring(self) -> None:
        house = self.broken()
        receipts = house.accepts(call(1))
        house.store.commit()
        assert receipts == []
        house.delivers()
        assert receipts == [Receipt(id=call(1).id, state=State.SENT)]

    def test_one_in_flight_is_not_tried_again(self) -> None:
        house = self.broken()
        receipts = house.accepts(call(1))
        house.store.commit()
        house.says(Later(reason="x"))
        assert receipts == [refused(1, "not-stored", retry_after=5.0)]
        assert house.taken() == []
        assert house.store.ended == []

    def test_nor_where_nothing_was_processed(self) -> None:
        house = self.broken()
        receipts = house.accepts(call(1))
        house.store.commit()
        house.says_nothing(was_processed=False)
        assert receipts == [refused(1, "not-stored", retry_after=5.0)]

    def test_one_that_has_ended_before_has_ended(self) -> None:
        house = self.broken()
        receipts = house.accepts(call(1))
        house.says(Refused(reason="x"))
        house.store.commit()
        assert receipts == [Receipt(id=call(1).id, state=State.REJECTED, reason="x")]
        assert house.pipeline.open == 0


class TestWaiting:
    """push.md section 1: feedback in the answer where the API is synchronous, for up to 2 s."""

    def test_the_answer_waits_until_all_have_ended(self) -> None:
        house = PushHouse().opens()
        receipts = house.accepts(push(1), push(2), push(3, app="?"), wait=2.0)
        first, second = house.taken()
        house.delivers(first)
        assert receipts == []
        house.says(TokenDead(reason="Unregistered"), second)
        assert receipts == [
            Receipt(id=push(1).id, state=State.SENT),
            Receipt(id=push(2).id, state=State.TOKEN_GONE, reason="Unregistered"),
            refused(3, "unknown-app"),
        ]

    def test_but_not_for_longer_than_asked_for(self) -> None:
        house = PushHouse().opens()
        receipts = house.accepts(push(1), push(2), wait=1.0)
        house.delivers(house.taken()[0])
        house.later(0.9)
        assert receipts == []
        house.later(0.1)
        assert receipts == [Receipt(id=push(1).id, state=State.SENT), queued(2)]
        house.pipeline.answered("apns", push(2).id, Delivered(), house.now)
        assert len(receipts) == 2

    def test_nor_for_longer_than_two_seconds(self) -> None:
        house = PushHouse()
        receipts = house.accepts(push(1), wait=60.0)
        house.later(2.0)
        assert receipts == [queued(1)]

    def test_none_is_called_accepted_before_it_is(self) -> None:
        house = PushHouse(commits=False)
        receipts = house.accepts(push(1), wait=1.0)
        house.later(5.0)
        assert receipts == []
        house.store.commit()
        assert receipts == [queued(1)]

    def test_whoever_fails_to_listen_takes_no_push_with_it(self) -> None:
        """A fault of a way in is raised, logged and counted; every push still ends."""
        house = PushHouse()

        def fails(_: list[Receipt]) -> None:
            raise ZeroDivisionError

        house.pipeline.accept([push(1, ttl=5.0)], fails, house.now, wait=2.0)
        house.accepts(*(push(number, ttl=1.0) for number in range(2, 5)))
        house.pipeline.accept([push(5, ttl=1.0)], fails, house.now, wait=2.0)
        house.accepts(*(push(number, ttl=1.0) for number in range(6, 9)))
        house.store.commit()
        with pytest.raises(ZeroDivisionError):
            house.later(1.0)
        house.opens()
        assert house.ended() == {push(number).id: State.EXPIRED for number in range(2, 9)}
        assert house.pipeline.open == 1


class TestWhatBecame:
    def test_of_one_that_waits_has_ended_or_is_somebody_elses(self) -> None:
        house = PushHouse().opens(1)
        house.accepts(push(1), push(2))
        house.delivers()
        assert house.pipeline.became("acme", push(1).id) == Receipt(
            id=push(1).id, state=State.SENT
        )
        assert house.pipeline.became("acme", push(2).id) == queued(2)
        assert house.pipeline.became("other", push(1).id) is None
        assert house.pipeline.became("other", push(2).id) is None
        assert house.pipeline.became("acme", push(3).id) is None

    def test_of_one_that_is_still_on_disk_alone(self) -> None:
        house = PushHouse()
        house.store.add([push(1)], lambda _: None)
        assert house.pipeline.became("acme", push(1).id) == queued(1)

    def test_of_a_call_that_is_not_stored_yet(self) -> None:
        house = PushHouse(commits=False)
        house.accepts(call(1))
        assert house.pipeline.became("acme", call(1).id) == queued(1)


class TestDeadTokens:
    def test_a_dead_token_is_buried_and_told(self) -> None:
        house = PushHouse().opens()
        house.accepts(push(1, token="t"))
        house.says(TokenDead(reason="Unregistered", since=UNIX - 60))
        (dead,) = house.store.feedback("acme", 0, 10)
        assert (dead.token, dead.reason, dead.at) == ("t", "Unregistered", UNIX - 60)
        assert house.ended() == {push(1).id: State.TOKEN_GONE}

    def test_a_provider_from_the_future_is_not_believed_about_time(self) -> None:
        house = PushHouse().opens()
        house.accepts(push(1, token="t"))
        house.says(TokenDead(reason="Unregistered", since=UNIX + 1e9))
        assert house.store.feedback("acme", 0, 10)[0].at == UNIX

    def test_a_push_to_a_buried_token_is_answered_without_a_request(self) -> None:
        house = PushHouse().opens()
        house.accepts(push(1, token="t"))
        house.says(TokenDead(reason="Unregistered"))
        assert house.accepts(push(2, token="t")) == [
            refused(2, "token-dead", state=State.TOKEN_GONE)
        ]
        assert house.taken() == []

    def test_after_a_day_its_provider_is_asked_once_more(self) -> None:
        """So that no mistake, ours or the provider's, lasts for ever."""
        house = PushHouse().opens()
        house.accepts(push(1, token="t"))
        house.says(TokenDead(reason="Unregistered"))
        house.now += 86_401.0
        house.accepts(push(2, token="t", unix=house.unix()))
        house.delivers()
        assert house.ended()[push(2).id] is State.SENT
        assert house.store.buried("acme", "phone", "t") is None

    def test_suspiciously_many_are_not_buried(self) -> None:
        house = PushHouse().opens()
        dead = TokenDead(reason="DeviceTokenNotForTopic", is_suspicious=True)
        for number in range(FEWEST + 3):
            house.accepts(push(number))
            house.says(dead)
        assert len(house.store.feedback("acme", 0, 100)) == FEWEST - 1
        assert house.told(TroubleRaised) == [
            TroubleRaised(lane="apns", trouble=Trouble.SUSPICIOUS, reason="dead-tokens")
        ]
        assert list(house.ended().values()).count(State.REJECTED) == 4


class TestEnvironments:
    """push.md 3.1: try once in the other environment, and remember it for the token."""

    WRONG = WrongEnvironment(reason="BadDeviceToken")

    def house(self) -> PushHouse:
        apps = Apps(lanes={"phone": "apns"}, others={"phone": "sandbox"})
        return PushHouse(apps=apps).opens(10, "apns", "sandbox")

    def test_a_push_is_tried_in_the_other_environment(self) -> None:
        house = self.house()
        house.accepts(push(1, token="t"))
        house.says(self.WRONG, connection=4)
        (sent,) = house.taken()
        assert (sent.lane, sent.push.sandbox, sent.has_moved) == ("sandbox", True, True)
        assert (sent.avoid, sent.push.attempts) == (None, 0)
        assert house.store.disk.queued[push(1).id].sandbox is True
        house.delivers(sent)
        assert house.ended() == {push(1).id: State.SENT}
        assert (house.lane().counts.moved, house.lane("sandbox").counts.sent) == (1, 1)
        assert house.pipeline._quotas._queued == {}

    def test_and_where_it_was_found_the_next_goes_at_once(self) -> None:
        house = self.house()
        house.accepts(push(1, token="t"))
        house.says(self.WRONG)
        house.delivers()
        house.accepts(push(2, token="t"), push(3, token="u"))
        assert {(each.lane, each.push.id) for each in house.taken()} == {
            ("sandbox", push(2).id),
            ("apns", push(3).id),
        }

    def test_a_device_that_moves_back_is_found_again(self) -> None:
        house = self.house()
        house.accepts(push(1, token="t"))
        house.says(self.WRONG)
        house.delivers()
        house.accepts(push(2, token="t"))
        house.says(self.WRONG)
        (sent,) = house.taken()
        assert (sent.lane, sent.push.sandbox) == ("apns", False)
        house.delivers(sent)
        house.accepts(push(3, token="t"))
        assert house.taken()[0].lane == "apns"

    def test_a_token_that_is_wrong_in_both_is_dead(self) -> None:
        house = self.house()
        house.accepts(push(1, token="t"))
        house.says(self.WRONG)
        house.says(self.WRONG)
        assert house.ended() == {push(1).id: State.TOKEN_GONE}
        assert house.taken() == []

    @pytest.mark.parametrize("others", [{}, {"phone": "apns"}])
    def test_where_there_is_no_other_the_token_is_dead(self, others: dict[str, str]) -> None:
        house = PushHouse(apps=Apps(others=others)).opens()
        house.accepts(push(1))
        house.says(self.WRONG)
        assert house.ended() == {push(1).id: State.TOKEN_GONE}

    def test_tokens_of_an_application_in_development_are_tried_in_production(self) -> None:
        """Whatever environment comes first, the other one is the other."""

        class Development(Apps):
            def lane(self, push: QueuedPush) -> str | None:
                return "apns" if push.sandbox is False else "sandbox"

        apps = Development(others={"phone": "sandbox"})
        house = PushHouse(apps=apps).opens(10, "apns", "sandbox")
        house.accepts(push(1, token="t"))
        house.says(self.WRONG)
        assert [(each.lane, each.push.sandbox) for each in house.sent] == [("apns", False)]
        house.delivers()
        house.accepts(push(2, token="t"))
        assert house.taken()[0].lane == "apns"

    def test_many_of_these_are_suspicious(self) -> None:
        """An application in the wrong environment must not lose all of its devices."""
        house = PushHouse().opens()
        for number in range(FEWEST + 5):
            house.accepts(push(number))
            house.says(self.WRONG)
        assert len(house.store.feedback("acme", 0, 100)) == FEWEST - 1

    def test_an_environment_that_is_no_more_is_not_gone_to(self) -> None:
        house = self.house()
        house.accepts(push(1, token="t"))
        house.says(self.WRONG)
        house.delivers()
        house.apps.others = {}
        house.accepts(push(2, token="t"))
        assert house.taken()[0].lane == "apns"

    def test_the_first_is_forgotten_when_there_are_too_many(self, monkeypatch) -> None:
        monkeypatch.setattr(push_environments, "MOST_DEVICES", 2)
        house = self.house()
        for number in range(3):
            house.accepts(push(number, token=f"t{number}"))
            house.says(self.WRONG)
            house.delivers()
        house.accepts(push(10, token="t0"), push(11, token="t1"))
        assert {each.lane for each in house.taken()} == {"apns", "sandbox"}
        assert len(house.pipeline._entrance.environments) == 2


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


class TestLanes:
    def test_what_a_lane_asks_for_is_passed_on(self) -> None:
        house = PushHouse().opens()
        house.accepts(push(1), push(2))
        first, second = house.taken()
        house.says(CredentialStale(reason="x"), first)
        assert house.told(RefreshCredential) == [RefreshCredential(lane="apns", reason="x")]
        house.pipeline.credential_failed("down", "too-young", house.now)
        house.renews()
        assert house.ids() == [push(1).id]
        house.says(LaneRefused(reason="x"), second)
        assert house.told(TroubleRaised)[-1].trouble is Trouble.SUSPENDED

    def test_a_push_that_comes_back_is_noted_in_the_store(self) -> None:
        house = PushHouse().opens()
        house.accepts(push(1))
        house.says(Later(reason="x", after=60.0))
        kept = house.store.disk.queued[push(1).id]
        assert (kept.attempts, kept.not_before) == (1, UNIX + 60.5)
        house.later(61.0)
        assert house.ids() == [push(1).id]

    def test_a_provider_that_was_never_reached_is_told_of(self) -> None:
        house = PushHouse()
        house.accepts(push(1))
        house.later(29.0)
        assert house.told(TroubleRaised) == []
        house.later(2.0)
        (raised,) = house.told(TroubleRaised)
        assert raised.trouble is Trouble.UNREACHABLE

    def test_each_end_is_counted_in_its_lane(self) -> None:
        house = PushHouse().opens()
        house.accepts(*(push(number) for number in range(3)), push(9, ttl=1.0))
        one, two, three, four = house.taken()
        house.says(Delivered(), one)
        house.says(Refused(reason="x"), two)
        house.says(TokenDead(reason="x"), three)
        house.says(Later(reason="x", after=5.0), four)
        counts = house.lane().counts
        assert (counts.accepted, counts.sent, counts.rejected) == (4, 1, 1)
        assert (counts.token_gone, counts.expired, counts.requests) == (1, 1, 4)

    def test_a_newer_push_replaces_an_unsent_older_one_and_both_end(self) -> None:
        house = PushHouse()
        house.accepts(push(1, token="t", collapse="k"))
        house.accepts(push(2, token="t", collapse="k"))
        assert house.ended() == {push(1).id: State.REPLACED}
        house.opens().delivers()
        assert house.ended()[push(2).id] is State.SENT

    def test_an_expired_push_is_told_never_silence(self) -> None:
        house = PushHouse()
        receipts = house.accepts(push(1, ttl=1.5), wait=2.0)
        house.later(2.0)
        assert receipts == [Receipt(id=push(1).id, state=State.EXPIRED)]
        assert house.ended() == {push(1).id: State.EXPIRED}

    def test_a_clock_that_is_set_disturbs_nothing(self) -> None:
        house = PushHouse()
        house.accepts(push(1, ttl=100.0), push(2, not_before=UNIX + 50, ttl=100.0))
        house.wall = 1e6
        house.later(10.0)
        assert house.endings() == []
        house.wall = -1e6
        house.later(45.0)
        house.opens()
        assert house.ids() == [push(1).id, push(2).id]


class TestAnotherCredential:
    """Credentials change while pushes wait: they go by the lane their application has now."""

    def house(self, streams: int = 0) -> PushHouse:
        house = PushHouse(apps=Apps({"phone": "old", "pad": "fcm"}))
        return house.opens(streams, "old").opens(10, "fcm")

    def rotates(self, house: PushHouse, **lanes: str) -> None:
        house.apps.lanes = {"pad": "fcm", **lanes}
        house.pipeline.routes_changed(house.now)
        house.run()

    def test_what_waits_goes_by_the_new_lane(self) -> None:
        house = self.house()
        house.accepts(push(1), push(2, not_before=UNIX + 50), push(3, app="pad"))
        house.delivers()
        self.rotates(house, phone="new")
        house.opens(10, "new")
        assert [(each.lane, each.push.id) for each in house.taken()] == [("new", push(1).id)]
        house.later(51.0)
        assert [(each.lane, each.push.id) for each in house.taken()] == [("new", push(2).id)]
        quota = house.pipeline._quotas._queued
        assert [place[1] for place in quota] == ["new"]

    def test_what_flies_is_answered_and_what_comes_back_goes_by_the_new_lane(self) -> None:
        house = self.house(10)
        house.accepts(push(1), push(2))
        first, second = house.taken()
        self.rotates(house, phone="new")
        house.delivers(first)
        house.says(Later(reason="x", after=5.0), second)
        house.opens(10, "new")
        house.later(10.0)
        assert [(each.lane, each.push.id) for each in house.taken()] == [("new", push(2).id)]
        assert house.ended() == {push(1).id: State.SENT}

    def test_a_long_queue_moves_in_turns_and_reads_what_it_has_to(self) -> None:
        house = self.house()
        house.accepts(*(push(number, content="x" * 5000) for number in range(1000)))
        self.rotates(house, phone="new")
        assert house.lane("old").waiting > 0
        house.later(1.0)
        assert "old" not in house.pipeline.lanes, "it has nothing to do any more"
        assert house.lane("new").waiting == 1000
        house.opens(2000, "new")
        house.later(1.0)
        assert len(house.taken()) == 1000

    def test_an_application_that_is_no_more_ends_what_waits_for_it(self) -> None:
        house = self.house()
        house.accepts(push(1))
        self.rotates(house)
        assert house.endings() == [(State.REJECTED, "unknown-app")]

    def test_a_lane_that_is_there_again_is_one_again(self) -> None:
        house = self.house()
        self.rotates(house, phone="new")
        self.rotates(house, phone="old")
        self.rotates(house, phone="old")
        house.accepts(push(1))
        assert [each.lane for each in house.opens(10, "old").taken()] == ["old"]

    def test_also_when_routes_know_it_first(self) -> None:
        house = self.house()
        self.rotates(house, phone="new")
        house.apps.lanes["phone"] = "old"
        house.accepts(push(1))
        assert [each.lane for each in house.opens(10, "old").taken()] == ["old"]

    def test_a_lane_that_is_no_more_is_missed_by_nobody(self) -> None:
        house = self.house()
        house.accepts(push(1, not_before=UNIX + 100.0))
        self.rotates(house, phone="new")
        house.opens(0, "old")
        house.later(99.0)
        assert house.told(TroubleRaised) == []

    def test_troubles_of_a_lane_that_is_no_more_are_over(self) -> None:
        house = self.house()
        house.accepts(push(1))
        house.later(31.0)
        (raised,) = house.told(TroubleRaised)
        assert raised.lane == "old"
        self.rotates(house, phone="new")
        self.rotates(house, phone="new")
        assert house.told(TroubleOver) == [TroubleOver(lane="old", trouble=raised.trouble)]


class TestOrder:
    def test_a_customer_with_a_flood_delays_no_other(self) -> None:
        house = PushHouse()
        house.accepts(*(push(number) for number in range(1000)))
        house.accepts(push(2000, customer="other"))
        house.opens(4)
        assert push(2000).id in house.ids()

    def test_a_weight_of_a_customer_is_its_share(self) -> None:
        house = PushHouse(shares={"acme": PushShare(weight=3.0)})
        house.accepts(*(push(number) for number in range(100)))
        house.accepts(*(push(number, customer="other") for number in range(100, 200)))
        house.opens(40)
        customers = [each.push.customer for each in house.taken()]
        assert abs(customers.count("acme") - 30) <= 2

    def test_calls_overtake_everything(self) -> None:
        house = PushHouse()
        house.accepts(*(push(number) for number in range(100)))
        house.accepts(call(500))
        house.opens(1)
        assert numbers([each.push for each in house.taken()]) == [500]

    def test_background_is_last(self) -> None:
        house = PushHouse()
        house.accepts(push(1, Urgency.BACKGROUND), push(2))
        house.opens(1)
        assert numbers([each.push for each in house.taken()]) == [2]

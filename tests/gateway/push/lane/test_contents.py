"""What a lane holds in memory of the pushes that wait, and what it reads when it sends them."""

from procall_mobility.gateway.push.lane.outbox import OutboxRules
from procall_mobility.gateway.push.lane.outputs import PushEnded, PushPostponed, SendPush
from procall_mobility.gateway.push.ports import State
from procall_mobility.gateway.push.waiting import waiting
from procall_mobility.protocols.push.notification import Urgency
from procall_mobility.protocols.push.outcomes import Delivered, Later
from tests.gateway.push.fakes import UNIX, call, push
from tests.gateway.push.lane.play import Play, ended, kinds


class TestContents:
    RULES = {"outbox": OutboxRules(held=1000)}

    def test_what_waits_beyond_some_room_is_left_to_the_store(self) -> None:
        play = Play(streams=0, **self.RULES)
        pushes = [play.waits(content="x" * 300) for _ in range(10)]
        assert [each.push is not None for each in pushes] == [True] + [False] * 9
        play.lane.offers(100, 0.0)
        sent = play.sent()
        assert [each.push.id for each in sent] == [each.id for each in pushes]
        assert all(each.push.notification.content for each in sent)
        assert play.lane.counts.fetched == 9

    def test_free_streams_are_gathered_while_contents_are_fetched(self) -> None:
        """One look into the store for many, instead of one for each; but calls do not wait."""
        play = Play(streams=0, **self.RULES)
        for _ in range(10):
            play.waits(content="x" * 1000)
        play.lane.offers(3, 0.0)
        first, second, third = (each.push.id for each in play.sent())
        for name in (first, second):
            play.lane.answered(name, Delivered(), 0.0)
        assert SendPush not in kinds(play.lane.take())
        assert kinds(play.later(0.0)) == [SendPush] * 2
        play.lane.answered(third, Delivered(), 0.0)
        play.lane.take()
        play.sends(Urgency.CALL)
        play.waits(Urgency.CALL)
        (*_, fourth) = play.lane._outbox.flights
        play.lane.answered(fourth, Delivered(), 0.0)
        assert kinds(play.lane.take()) == [PushEnded, SendPush]

    def test_one_that_comes_back_is_left_to_it_too(self) -> None:
        play = Play(**self.RULES)
        entered = play.sends(content="x" * 2000)
        (postponed,) = play.says(Later(reason="x"), entered)
        assert isinstance(postponed, PushPostponed)
        play.stored[entered.id] = postponed.push
        assert entered.push is None
        (sent,) = play.later(5.0)
        assert isinstance(sent, SendPush)
        assert sent.push.attempts == 1

    def test_what_is_not_stored_yet_is_held(self) -> None:
        play = Play(streams=0, **self.RULES)
        made = waiting(call(99, content="x" * 2000), 99, 0.0, UNIX)
        play.lane.add(made, 0.0)
        assert made.push is not None

    def test_a_store_that_cannot_be_read_is_asked_again(self) -> None:
        play = Play(streams=0, **self.RULES)
        pushes = [play.waits(content="x" * 600) for _ in range(3)]
        stored, play.stored = play.stored, None
        play.lane.offers(100, 0.0)
        assert play.sent() == []
        assert play.lane.waiting == 3
        play.waits()
        assert play.sent() == []
        play.stored = stored
        sent = play.later(1.0)
        assert [each.push.id for each in sent if isinstance(each, SendPush)][:3] == [
            each.id for each in pushes
        ]

    def test_a_store_that_cannot_be_read_uses_up_no_probe(self) -> None:
        play = Play(**self.RULES)
        for _ in range(10):
            play.says(Later(reason="x", after=900.0), play.sends())
        stored, play.stored = play.stored, None
        waits = play.waits(content="x" * 2000)
        assert waits.push is None
        assert play.later(1.0) == []
        play.stored = stored
        play.stored[waits.id] = push(play.number, unix=UNIX)
        assert SendPush in kinds(play.later(2.0))

    def test_a_content_that_is_lost_ends_its_push(self) -> None:
        """A row that cannot be unsealed: said, rather than waited for until it expires."""
        play = Play(streams=0, **self.RULES)
        lost, kept = play.waits(content="x" * 2000), play.waits(content="x" * 2000)
        assert (lost.push, kept.push) == (None, None)
        del play.stored[lost.id]
        play.lane.offers(1, 0.0)
        assert play.lane.take() == [ended(lost, State.REJECTED, "content-lost")]
        (sent,) = play.later(0.0)
        assert isinstance(sent, SendPush)
        assert sent.push.id == kept.id

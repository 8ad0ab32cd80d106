"""A silent connection is asked for a sign of life, and given up without one."""

from procall_mobility.transports.http2.keep_alive import KeepAlive, KeepAliveRules, Pulse

RULES = KeepAliveRules(ping_after=60.0, pong_within=10.0)


def test_silence_is_asked_about() -> None:
    keep_alive = KeepAlive(RULES, 100.0)
    assert keep_alive.wake_at() == 160.0
    assert keep_alive.wake(159.0) is Pulse.FINE
    assert keep_alive.wake(160.0) is Pulse.PING
    assert keep_alive.wake_at() == 170.0
    assert keep_alive.wake(165.0) is Pulse.FINE


def test_no_answer_is_death() -> None:
    keep_alive = KeepAlive(RULES, 0.0)
    keep_alive.wake(60.0)
    assert keep_alive.wake(70.0) is Pulse.DEAD


def test_whoever_owes_an_answer_and_says_nothing_is_asked_at_once() -> None:
    keep_alive = KeepAlive(RULES, 0.0)
    keep_alive.doubted(4.0)
    assert keep_alive.wake_at() == 4.0
    assert keep_alive.wake(4.0) is Pulse.PING
    keep_alive.doubted(5.0)
    assert keep_alive.wake_at() == 14.0
    assert keep_alive.wake(14.0) is Pulse.DEAD


def test_whoever_answers_others_is_not_doubted() -> None:
    """Or a provider would be pinged for each request it leaves without an answer."""
    keep_alive = KeepAlive(RULES, 0.0)
    keep_alive.heard(2.0)
    keep_alive.doubted(4.0)
    assert keep_alive.wake_at() == 62.0


def test_a_doubt_that_is_cleared_is_none() -> None:
    keep_alive = KeepAlive(RULES, 0.0)
    keep_alive.doubted(4.0)
    keep_alive.heard(4.0)
    assert keep_alive.wake_at() == 64.0


def test_anything_heard_is_a_sign_of_life() -> None:
    keep_alive = KeepAlive(RULES, 0.0)
    keep_alive.wake(60.0)
    keep_alive.heard(69.0)
    assert keep_alive.wake(70.0) is Pulse.FINE
    assert keep_alive.wake_at() == 129.0

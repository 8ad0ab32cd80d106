"""When a rule of the script counts, and in which words it is told."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples.push_simulators.devices import Device, Devices
from examples.push_simulators.exchange import Reply, Verdict
from examples.push_simulators.script import (
    MOST_RULES,
    Deaf,
    Drop,
    GoAway,
    Reset,
    Rule,
    Say,
    SayRow,
    Script,
    Silence,
)
from examples.push_simulators.words import device_of, rule_of

LAWFUL = Reply(200)
ROWS = ("200", "410 Unregistered")


def push(*tokens: str, **changed: Any) -> Verdict:
    return Verdict(reply=LAWFUL, tokens=tokens, **changed)


def acts(script: Script, *pushes: Verdict) -> list[Any]:
    return [script.act(each)[0] for each in pushes]


def test_without_rules_everything_is_as_the_provider_has_it() -> None:
    assert Script().act(push("a")) == (Say(LAWFUL), 0.0)


def test_a_rule_counts_once_and_for_the_next_push() -> None:
    script = Script([Rule(Silence())])
    assert acts(script, push("a"), push("a")) == [Silence(), Say(LAWFUL)]
    assert script.rules == []


def test_a_rule_may_skip_pushes_and_count_for_several() -> None:
    script = Script([Rule(Silence(), skip=1, times=2)])
    expected = [Say(LAWFUL), Silence(), Silence(), Say(LAWFUL)]
    assert acts(script, *[push("a")] * 4) == expected


def test_a_rule_for_a_device_lets_others_alone() -> None:
    script = Script([Rule(Drop(), token="b", times=None)])
    expected = [Say(LAWFUL), Drop(), Drop()]
    assert acts(script, push("a"), push("b"), push("a", "b")) == expected


def test_the_oldest_rule_that_fits_decides() -> None:
    script = Script([Rule(Drop()), Rule(Deaf())])
    assert acts(script, push("a"), push("a")) == [Drop(), Deaf()]


def test_wrong_requests_and_those_for_credentials_use_no_rule_up() -> None:
    script = Script([Rule(Silence())])
    wrong, other = push("a", refusal="BadTopic"), push(is_push=False)
    assert acts(script, wrong, other, push("a")) == [Say(LAWFUL), Say(LAWFUL), Silence()]


def test_a_rule_may_be_about_requests_for_access_tokens_instead() -> None:
    script = Script([rule_of({"silence": True, "about": "credentials"}, ROWS)])
    assert acts(script, push("a"), push(is_push=False)) == [Say(LAWFUL), Silence()]


def test_there_may_not_be_rules_without_end() -> None:
    script = Script([Rule(Silence()) for _ in range(MOST_RULES)])
    with pytest.raises(ValueError, match="already"):
        script.add(Rule(Silence()))
    script.clear()
    script.add(Rule(Silence()))


@pytest.mark.parametrize(
    ("said", "act"),
    [
        ({"answer": "410 Unregistered", "since": 5}, SayRow(row="410 Unregistered", since=5)),
        (
            {"answer": "200", "headers": {"Retry-After": 9}},
            SayRow(row="200", headers=(("retry-after", "9"),)),
        ),
        (
            {"answer": {"status": 502, "headers": {"X": "y"}, "body": "<html>"}},
            Say(Reply(502, (("x", "y"),), b"<html>")),
        ),
        ({"silence": True}, Silence()),
        ({"deaf": True}, Deaf()),
        ({"drop": True}, Drop()),
        ({"reset": "REFUSED_STREAM"}, Reset(7)),
        ({"reset": 4_000_000_000}, Reset(4_000_000_000)),
        ({"goaway": {}}, GoAway()),
        (
            {"goaway": {"reason": "Shutdown", "below": 2, "code": "NO_ERROR", "closes": False}},
            GoAway(reason="Shutdown", below=2, closes=False),
        ),
    ],
)
def test_each_act_has_its_words(said: dict[str, Any], act: Any) -> None:
    assert rule_of(said, ROWS).act == act


def test_a_rule_for_a_device_goes_on_and_others_count_once() -> None:
    assert rule_of({"silence": True}, ROWS).times == 1
    assert rule_of({"silence": True, "token": "a"}, ROWS).times is None
    assert rule_of({"silence": True, "token": "a", "times": 2}, ROWS).times == 2
    assert rule_of({"silence": True, "times": None}, ROWS).times is None
    rule = rule_of({"silence": True, "skip": 3, "latency": 0.5}, ROWS)
    assert (rule.skip, rule.latency) == (3, 0.5)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({}, "expected one of"),
        ({"silence": True, "drop": True}, "expected one of"),
        ({"answer": "418"}, "410 Unregistered"),
        ({"answer": {"status": "ok"}}, "status"),
        ({"answer": {"status": 200, "text": ""}}, "text: unknown"),
        ({"answer": "200", "headers": []}, "headers"),
        ({"reset": "WRONG"}, "REFUSED_STREAM"),
        ({"reset": True}, "code"),
        ({"goaway": 1}, "goaway"),
        ({"goaway": {"last": 1}}, "last: unknown"),
        ({"silence": True, "times": -1}, "times"),
        ({"silence": True, "times": True}, "times"),
        ({"silence": True, "token": 5}, "token"),
        ({"silence": True, "latency": "1"}, "latency"),
        ({"silence": True, "every": 2}, "every: unknown"),
        ({"silence": True, "about": "all"}, "about"),
    ],
)
def test_what_is_not_understood_is_told(said: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        rule_of(said, ROWS)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=4,
)
NAMES = st.sampled_from(["answer", "silence", "reset", "goaway", "token", "times", "skip", "gone"])


@given(st.dictionaries(NAMES, JSON, max_size=4))
def test_any_words_are_a_rule_or_a_value_error(said: dict[str, Any]) -> None:
    for read in (lambda: rule_of(said, ROWS), lambda: device_of(said, 0.0)):
        try:
            read()
        except ValueError:
            continue


def test_a_device_is_gone_since_a_time_or_now() -> None:
    assert device_of({"token": "a", "gone": True}, 7.0).gone == 7.0
    assert device_of({"token": "a", "gone": 3}, 7.0).gone == 3
    assert device_of({"token": "a", "gone": False}, 7.0).gone is None
    for wrong in ({"token": ""}, {"token": "a", "gone": "yes"}, {}):
        with pytest.raises(ValueError, match="expected"):
            device_of(wrong, 7.0)


def test_devices_nobody_has_registered_are_alive_unless_that_is_wanted_otherwise() -> None:
    devices = Devices()
    found = devices.find("a")
    assert found is not None
    assert found.gone is None
    devices.takes_unknown = False
    assert devices.find("a") is None
    devices.register(Device(token="a"))
    assert devices.find("a") is not None

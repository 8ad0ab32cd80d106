"""Whatever a daemon of another version answers can be shown; what is understood is shown well."""

import pytest

from procall_mobility.operations.admin_answer import Answer
from procall_mobility.operations.rendering import lasted


def test_what_is_there_is_shown() -> None:
    told = Answer({"a": {"b": [{"c": 3}, {"c": "x"}]}, "names": ["one", "two"], "none": []})
    assert [str(each["c"]) for each in told["a"]["b"]] == ["3", "x"]
    assert (len(told["a"]["b"]), str(told["names"]), str(told["none"])) == (2, "one, two", "-")
    assert Answer({"b": 1, "a": None}).counts() == [("a", "-"), ("b", "1")]
    assert Answer(75.2).shown(lasted) == "1 min"
    assert Answer("as it is\n").text == "as it is\n"


@pytest.mark.parametrize("said", [None, 3, "text", [], {}, True, ["x"]])
def test_what_is_not_there_is_a_dash(said: object) -> None:
    missing = Answer(said)["no"]["such"]["member"]
    assert (str(missing), bool(missing), len(missing), list(missing)) == ("-", False, 0, [])
    assert (missing.text, missing.number, missing.counts()) == ("", None, [])
    assert missing.shown(lasted) == "-"


@pytest.mark.parametrize("said", [True, "3", None, float("nan"), float("inf"), [3], {}])
def test_only_what_is_a_number_is_one(said: object) -> None:
    assert Answer(said).number is None
    assert Answer(said).shown(lasted) == "-"


def test_a_number_that_cannot_be_shown_is_a_dash_too() -> None:
    def fail(_: float) -> str:
        raise OverflowError

    assert Answer(1e300).shown(fail) == "-"


def test_texts_do_not_steer_a_terminal() -> None:
    assert str(Answer("\x1b[2J")) == "\\x1b[2J"
    assert Answer({"\x1b": "\n"}).counts() == [("\\x1b", "\\n")]

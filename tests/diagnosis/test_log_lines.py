"""Log lines in a bundle whose form is at its limits."""

import datetime
import json
import os
from pathlib import Path

import pytest

from procall_mobility.diagnosis.bundle.log_files import NotReadable, read_book
from procall_mobility.diagnosis.bundle.log_privacy import LONGEST_LINE, LogPrivacy

SINCE = datetime.datetime(2026, 11, 22, tzinfo=datetime.UTC)
STAMP = "2026-11-22T10:14:03+00:00"


def test_a_pipe_in_the_place_of_a_book_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "access.log")
    with pytest.raises(NotReadable, match="is not there, or no file"):
        list(read_book(str(tmp_path / "access.log"), "x", 0))


def test_a_long_line_in_json_is_cut_and_not_taken_for_another_programs() -> None:
    privacy = LogPrivacy(since=SINCE, is_access=False)
    told = privacy.shown(json.dumps({"time": STAMP, "error": "x" * 3000, "secret": "y"}))
    assert told is not None
    assert told.startswith(f'{{"time": "{STAMP}", "error": "xxx')
    assert len(told) == LONGEST_LINE
    assert privacy.strange == 0


def test_a_value_that_looks_like_a_field_does_not_say_whose_a_line_is() -> None:
    privacy = LogPrivacy(since=SINCE, is_access=False, customer="acme")
    assert privacy.shown(f'{STAMP} info x app="a customer=acme" customer=globex') is None
    assert privacy.shown(f'{STAMP} info x app="a customer=globex" customer="acme"') is not None
    assert privacy.others == 1

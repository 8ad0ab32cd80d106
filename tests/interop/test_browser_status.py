"""The status page in Debian's Chromium, of a demo with people, calls and pushes in it.

axe-core looks for what keeps people out: WCAG 2.2 AA and its own good practice.
"""

import os
import signal
from pathlib import Path

import pytest

from tests.interop.browser.stage import perform, running_demo

pytestmark = pytest.mark.interop


def test_operators_see_how_it_goes(tmp_path: Path) -> None:
    with running_demo(tmp_path) as demo:

        def act(wanted: str) -> None:
            assert wanted == "lose the server"
            os.kill(demo.pid_of("demo-server"), signal.SIGKILL)

        steps = perform(
            f"http://localhost:{demo.environment['HTTP_PORT']}/demo/",
            "status.mjs",
            act,
            URL_STATUS=f"http://127.0.0.1:{demo.environment['ADMIN_PORT']}/",
            TOKEN=(demo.data / "admin.token").read_text().strip(),
        )
    assert steps == [
        "a wrong token is refused in words, the right one is asked for once",
        "sessions appear by themselves",
        "so do allocations, and what is relayed",
        "and pushes",
        "plots are told in words, and as a table",
        "a day can be looked at",
        "light and dark, on a desk and on a phone, nothing serious is in anybody's way",
        "bad news stands out, and what others call themselves is nothing but text",
        "keys, forced colours, paper and screen readers find their way",
        "lost contact is said, and that it is back",
        "a link that is lost is an incident",
        "whoever signs out is out",
        "nothing was loaded from elsewhere",
        "done",
    ]

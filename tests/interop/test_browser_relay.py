"""Debian's Chromium by way of the demo's own relay: over UDP, TCP and TLS, and the page on it.

No certificate error is ignored here: TURN over TLS is verified like every other TLS.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.interop.browser.stage import Running, perform, running_demo, trusting_home

pytestmark = pytest.mark.interop


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def demo(folder: Path) -> Iterator[Running]:
    """One demo for all plays; each logs off what it has logged in."""
    with running_demo(folder) as running:
        yield running


@pytest.fixture(scope="module")
def home(folder: Path, demo: Running) -> str:
    return str(trusting_home(folder / "home", demo.data / "ca.pem"))


def address_of(demo: Running) -> str:
    return f"https://127.0.0.1:{demo.environment['PORT']}/demo/"


@pytest.mark.parametrize("relay", ["udp", "tcp", "tls"])
def test_alice_and_bob_see_each_other_through_a_relay(
    demo: Running, home: str, relay: str
) -> None:
    """RFC 8656, and RFC 7443 for TLS on the one port; both sides have nothing but the relay."""
    steps = perform(address_of(demo), "relay.mjs", HOME_TRUSTING=home, RELAY=relay)
    assert steps == [
        "they are connected",
        *[f"frames arrive, by relay over {relay}"] * 2,
        "the call says so",
        "nothing was loaded from elsewhere",
        "done",
    ]


def test_a_page_tells_which_ways_calls_can_take(demo: Running, home: str) -> None:
    """Host, STUN and the three relays, each gathered alone; relays prove it by a loop."""
    udp = f"turn:127.0.0.1:{demo.environment['TURN_PORT']}?transport=udp"
    steps = perform(address_of(demo), "ways.mjs", HOME_TRUSTING=home, TURN_UDP=udp)
    assert steps == [
        "without a slash it is the same page, and asks whoever is not logged in",
        "all five ways work, 3 of them by a loop through the relay",
        "the client's panel says the same",
        "whoever is logged in in another tab need not log in again",
        "what fails is explained, with what to do about it",
        "nothing was loaded from elsewhere",
        "done",
    ]

"""A bundle is collected from a daemon that says more than may be shown."""

import datetime
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from procall_mobility.diagnosis import Wishes
from procall_mobility.diagnosis.bundle.collecting import Collecting
from procall_mobility.diagnosis.bundle.sections import Section
from tests.diagnosis.answering import pages
from tests.diagnosis.certificates import Authority
from tests.diagnosis.conftest import Make
from tests.operations.admin_daemon import listening

SINCE = datetime.datetime(2026, 11, 22, tzinfo=datetime.UTC)
LINKS = [
    {"customer": "acme", "name": "node1", "server": "UCServer 8.3", "peer": "203.0.113.57",
     "seconds": 9.0, "form": "ber", "sessions": 2, "sent": 3, "received": 4, "password": "hidden"},
    {"customer": "globex", "name": "node1", "server": "UCServer 8.3", "peer": "203.0.113.58"},
]  # fmt: skip
STATUS = {
    "version": "1", "node": "node1", "uptime": 3.0, "connections": 5, "links": LINKS,
    "listening": ["tls 0.0.0.0:443"], "certificates": [], "counters": {"session opened": 7},
    "relay": {"allocations": 1}, "datapath": "python", "sessions": 2,
}  # fmt: skip
REFUSALS = [
    {"customer": "globex", "client": "203.0.113.58", "reason": "version", "seconds": 9.0},
    {"customer": None, "client": "2001:db8:1:2ff::9", "reason": "tls-failed", "seconds": 9.0},
]
LANES = [
    {"lane": "fcm:acme", "waiting": 1, "in_flight": 0, "sent": 5, "trouble": None},
    {"lane": "fcm:globex", "waiting": 1, "in_flight": 0, "sent": 5, "trouble": "401"},
]
QUEUE = [
    {"lane": "fcm:acme", "class": "call", "customer": "acme", "waiting": 1, "token": "hidden"},
    {"lane": "fcm:globex", "class": "call", "customer": "globex", "waiting": 1},
]
DATAPATH = {
    "path": "python", "setting": "auto", "why": "no libbpf", "details": "hidden",
    "kernel-packets": 0, "passed_up": {"options": 3},
}  # fmt: skip
PAGES = {
    "/healthz": (200, "{}"),
    "/readyz": (200, "{}"),
    "/metrics": (200, 'procall_customer_links{customer="globex"} 1\nprocall_links 2\n'),
}


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[None]:
    Authority().issue(tmp_path)
    (tmp_path / "admin.token").write_text("a-token-of-many-letters")
    verbs: dict[str, Any] = {
        "status": lambda _: STATUS,
        "refusals": lambda _: REFUSALS,
        "push-lanes": lambda _: LANES,
        "push-queue": lambda _: {"restored": True, "queue": QUEUE},
        "turn-datapath": lambda _: DATAPATH,
    }
    with listening(tmp_path / "admin.sock", verbs):
        yield


def collected(make: Make, customer: str | None = None) -> dict[str, Section]:
    with pages(PAGES, "a-token-of-many-letters") as port:
        collecting = Collecting(
            settings=make(admin=f'http = ["127.0.0.1:{port}"]'),
            wishes=Wishes(calls_providers=False, customer=customer),
            since=SINCE,
            now=time.time,
        )
        return {each.title: each for each in collecting.sections()}


@pytest.mark.usefixtures("daemon")
def test_what_may_be_shown_is_and_nothing_else(make: Make) -> None:
    found = collected(make)
    whole = "\n".join(line for each in found.values() for line in each.lines)
    for wanted in (
        'customer=acme  name=node1  server="UCServer 8.3"  peer=203.0.113.0/24',
        "customer=globex  client=203.0.113.0/24  reason=version",
        "client=2001:db8:1:200::/56  reason=tls-failed",
        "  session opened = 7",
        "lane=fcm:globex  waiting=1  in_flight=0  sent=5  trouble=401",
        "lane=fcm:acme  class=call  customer=acme  waiting=1",
        'path=python  setting=auto  why="no libbpf"  kernel-packets=0',
        "passed_up: options = 3",
        "/readyz: 200 {}",
        "procall_links 2",
        "names: localhost",
    ):
        assert wanted in whole
    for secret in ("hidden", "203.0.113.5", "2001:db8:1:2ff", "a-token-of"):
        assert secret not in whole


@pytest.mark.usefixtures("daemon")
def test_of_one_customer_no_other_is_told(make: Make) -> None:
    found = collected(make, "acme")
    whole = "\n".join(line for each in found.values() for line in each.lines)
    assert "lane=fcm:acme" in whole
    assert "tls-failed" in whole  # Of a stranger, who may be this one.
    assert "globex" not in whole


def test_what_cannot_be_had_is_said(make: Make) -> None:
    settings = make(
        '[listen]\ntls = []\nhttp = ["127.0.0.1:1"]\n[turn]\nudp = []\ntcp = []\ntls = []\n'
    )
    wishes = Wishes(calls_providers=False)
    collecting = Collecting(settings=settings, wishes=wishes, since=SINCE, now=time.time)
    found = {each.title: each for each in collecting.sections()}
    assert found["Certificate"].lines == ("none is needed",)
    for title in ("Health", "Daemon", "Pushes", "Datapath", "Metrics", "Access book"):
        assert found[title].lines == ()
        assert found[title].left_out


@pytest.mark.parametrize("text", ["of the system's", "two\nlines"])
def test_a_link_in_the_place_of_the_daemons_token_is_not_followed(
    make: Make, tmp_path: Path, text: str
) -> None:
    """Root would hand whatever it leads to over to whoever has that port."""
    token = tmp_path / "admin.token"
    token.unlink(missing_ok=True)
    (tmp_path / "shadow").write_text(text)
    token.symlink_to("shadow") if text == "of the system's" else token.write_text(text)
    (left_out,) = collected(make)["Metrics"].left_out
    assert left_out == f"all of it: the token in {token} cannot be read"


def test_what_is_wrong_has_room_before_all_else(make: Make) -> None:
    """A section that is full loses its last lines."""
    lines = collected(make)["What the doctor says"].lines
    states = [line.split()[0] for line in lines if not line.startswith(" ")]
    assert states == sorted(states, key=["wrong", "warning", "unknown", "ok"].index)
    assert {"wrong", "ok"} <= set(states)

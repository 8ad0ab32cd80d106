"""The status page of a whole daemon, composed as always: its paths, its documents, its doors."""

import json
from pathlib import Path
from typing import Any

import pytest
from twisted.internet.testing import StringTransport

from procall_mobility.gateway.access import AccessEntry, Event
from procall_mobility.gateway.reasons import Reason
from procall_mobility.lifecycle.daemon import Daemon
from procall_mobility.operations.admin_site import WRONG_AFTER
from tests.admin.test_monitoring import Reactor, running


def asks(
    daemon: Daemon, reactor: Reactor, line: str, shown: str = "", *, wait: float = 0.0
) -> tuple[int, Any]:
    """Ask by HTTP; a body of JSON comes as what it says."""
    (door,) = daemon.admin_doors
    protocol = door._factory.buildProtocol(None)
    transport = StringTransport()
    protocol.makeConnection(transport)
    header = f"Authorization: Bearer {shown}\r\n" if shown else ""
    protocol.dataReceived(f"{line} HTTP/1.1\r\nHost: x\r\n{header}\r\n".encode())
    reactor.advance(wait)
    for _ in range(100):
        reactor.advance(0)
    head, _, body = transport.value().decode().partition("\r\n\r\n")
    status = int(head.split()[1])
    return status, json.loads(body) if "application/json" in head else body


def token_in(folder: Path) -> str:
    return (folder / "admin.token").read_text().strip()


def test_a_browser_finds_the_page_and_everybody_may_have_it(tmp_path: Path) -> None:
    with running(tmp_path) as (daemon, reactor):
        status, page = asks(daemon, reactor, "GET /")
        assert status == 200
        assert "<title>Status" in page
        assert asks(daemon, reactor, "GET /uplot/uPlot.esm.js")[0] == 200


@pytest.mark.parametrize("path", ["/status.json", "/history/5min.json", "/history/24h.json"])
def test_what_it_shows_is_for_whoever_shows_the_token_or_a_pass(tmp_path: Path, path: str) -> None:
    with running(tmp_path) as (daemon, reactor):
        assert asks(daemon, reactor, f"GET {path}")[0] == 401
        assert asks(daemon, reactor, f"GET {path}", "wrong" * 4, wait=WRONG_AFTER)[0] == 401
        assert asks(daemon, reactor, f"GET {path}", token_in(tmp_path))[0] == 200
        status, made = asks(daemon, reactor, "POST /session", token_in(tmp_path))
        assert status == 201
        assert asks(daemon, reactor, f"GET {path}", made["pass"])[0] == 200
        assert asks(daemon, reactor, "DELETE /session", made["pass"])[0] == 200
        assert asks(daemon, reactor, f"GET {path}", made["pass"], wait=WRONG_AFTER)[0] == 401


def test_a_wrong_token_gets_no_pass(tmp_path: Path) -> None:
    with running(tmp_path) as (daemon, reactor):
        assert asks(daemon, reactor, "POST /session", "wrong" * 4, wait=WRONG_AFTER)[0] == 401
        assert asks(daemon, reactor, "POST /session")[0] == 401


def test_another_token_ends_what_was_let_in_with_the_one_before(tmp_path: Path) -> None:
    with running(tmp_path) as (daemon, reactor):
        _, made = asks(daemon, reactor, "POST /session", token_in(tmp_path))
        daemon.reload()
        assert asks(daemon, reactor, "GET /status.json", made["pass"])[0] == 200
        (tmp_path / "admin.token").write_text("another-token-of-our-own")
        daemon.reload()
        status, _ = asks(daemon, reactor, "GET /status.json", made["pass"], wait=WRONG_AFTER)
        assert status == 401


@pytest.mark.parametrize("pushes", [False, True])
def test_the_document_has_a_member_for_each_part_of_the_page(tmp_path: Path, pushes: bool) -> None:
    """What is switched off is null."""
    with running(tmp_path, pushes=pushes) as (daemon, reactor):
        reactor.advance(1.0)
        _, told = asks(daemon, reactor, "GET /status.json", token_in(tmp_path))
    assert told.keys() == {
        "now", "readiness", "links", "sessions", "relay", "push", "expiries", "incidents",
        "samples",
    }  # fmt: skip
    assert told["now"]["versions"].keys() >= {"procall-mobility", "Python", "Twisted", "OpenSSL"}
    assert told["now"]["listening"]
    assert told["readiness"] == {"ready": True, "reasons": []}
    assert told["relay"] is None
    assert (told["push"] is not None) is pushes
    assert len(told["samples"]["times"]) == 1
    assert ("accepted" in told["samples"]["series"]) is pushes


def test_the_past_is_there_when_the_page_is_opened_later(tmp_path: Path) -> None:
    with running(tmp_path) as (daemon, reactor):
        for _ in range(30):
            reactor.advance(1.0)
        _, fine = asks(daemon, reactor, "GET /history/5min.json", token_in(tmp_path))
        _, coarse = asks(daemon, reactor, "GET /history/1h.json", token_in(tmp_path))
    assert (fine["span"], fine["period"]) == ("5min", 1)
    assert len(fine["times"]) == 30
    assert fine["series"]["sessions"] == {
        "unit": "sessions", "text": "Sessions of clients", "values": [0] * 30,
    }  # fmt: skip
    assert coarse["period"] == 10


def test_both_books_are_listened_to(tmp_path: Path) -> None:
    with running(tmp_path) as (daemon, reactor):
        entry = AccessEntry(event=Event.LINK_LOST, customer="acme", reason=Reason.PING_TIMEOUT)
        daemon.access.write(entry)
        _, told = asks(daemon, reactor, "GET /status.json", token_in(tmp_path))
    assert told["incidents"][0]["customer"] == "acme"


def test_a_daemon_that_ends_says_so(tmp_path: Path) -> None:
    with running(tmp_path) as (daemon, reactor):
        place = daemon.connections.admit()
        daemon.stopService()
        _, told = asks(daemon, reactor, "GET /status.json", token_in(tmp_path))
        assert "stopping" in {each["check"] for each in told["readiness"]["reasons"]}
        assert place is not None
        place.leave()
        reactor.advance(1.0)

"""Metrics and health of a real daemon, over HTTP."""

import json
import os
import signal
import stat
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families

from procall_mobility.operations.metrics.catalogue import ALL
from tests.daemon import PATIENCE
from tests.ports import free_port
from tests.smoke.daemons import Daemons
from tests.smoke.strict_client import StrictClient


class Watched(Daemons):
    """A daemon with an admin listener."""

    port: int = 0

    def asks(self, path: str, token: str | None = None) -> tuple[int, str]:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        asked = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)
        try:
            with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def token(self) -> str:
        return (self.folder / "admin.token").read_text().strip()

    def metrics(self) -> dict[str, float]:
        """Scrape, as Prometheus reads it: name to the sum over its labels."""
        status, text = self.asks("/metrics", self.token())
        assert status == 200
        found: dict[str, float] = {}
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                found[sample.name] = found.get(sample.name, 0.0) + sample.value
        return found


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    running = Watched(tmp_path_factory.mktemp("daemon"))
    running.port = free_port()
    running.prepare()
    admin = f'[admin]\nhttp = ["127.0.0.1:{running.port}"]\n'
    running.write_settings(**{"[admin]\n": admin})
    with running.linked():
        yield running


def test_it_is_alive_and_ready(daemon: Watched) -> None:
    status, body = daemon.asks("/healthz")
    assert (status, json.loads(body)["status"]) == (200, "alive")
    # A disk that has not answered for three seconds is a reason, and may do so.
    daemon.until(lambda: daemon.asks("/readyz") == (200, '{"ready": true, "reasons": []}\n'))


def test_metrics_want_the_token_that_was_made(daemon: Watched) -> None:
    assert stat.S_IMODE((daemon.folder / "admin.token").stat().st_mode) == 0o600
    assert daemon.asks("/metrics")[0] == 401
    assert daemon.asks("/metrics", "wrong-wrong-wrong")[0] == 401
    assert daemon.token() not in daemon.log("service") + daemon.log("access")


def test_a_client_is_seen_while_it_is_there_and_counted_when_it_has_gone(daemon: Watched) -> None:
    before = daemon.metrics()
    alice = StrictClient(daemon.http)
    assert alice.log_on("alice", "alice", "acme.example") == 200
    alice.upgrade()
    alice.call("asnGetAndSubscribePresenceV2", {"seqContactIDs": []})
    during = daemon.metrics()
    assert during["procall_links"] == 1
    assert during["procall_sessions"] == during["procall_sessions_attached"] == 1
    messages = "procall_session_messages_total"
    assert during[messages] >= before[messages] + 2
    alice.send({"invoke": {"invokeID": 99999, "operationID": 1001, "argument": {}}})
    assert alice.close_code() == 1000
    after = daemon.metrics()
    assert after["procall_sessions"] == 0
    assert after[messages] >= during[messages]


def test_every_metric_that_is_declared_is_told_and_no_other(daemon: Watched) -> None:
    """Of those of each customer there are none: nobody has asked for them."""
    _, text = daemon.asks("/metrics", daemon.token())
    names = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE procall_")}
    assert names == {declared.name for declared in ALL if not declared.per_customer}
    assert "acme" not in text


def test_nothing_was_the_daemons_fault(daemon: Watched) -> None:
    assert daemon.metrics()["procall_bugs_total"] == 0


def test_another_token_is_taken_over_by_a_reload(daemon: Watched) -> None:
    old, new = daemon.token(), "another-token-4711-abc"
    (daemon.folder / "admin.token").write_text(new)
    os.kill(daemon.processes[0].pid, signal.SIGHUP)
    daemon.until(lambda: daemon.asks("/metrics", new)[0] == 200)
    assert daemon.asks("/metrics", old)[0] == 401


def test_a_store_that_is_gone_is_told(daemon: Watched) -> None:
    file = daemon.folder / "customers.sqlite"
    file.rename(daemon.folder / "elsewhere")
    try:
        text = "customers.sqlite: unable to open database file"
        told = {"ready": False, "reasons": [{"check": "store", "text": text}]}
        daemon.until(lambda: json.loads(daemon.asks("/readyz")[1]) == told)
        assert daemon.asks("/readyz")[0] == 503
        assert daemon.asks("/healthz")[0] == 200
    finally:
        (daemon.folder / "elsewhere").rename(file)
    daemon.until(lambda: daemon.asks("/readyz")[0] == 200)

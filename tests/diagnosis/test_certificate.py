"""Certificates: what clients take, and what is said when they do not."""

import datetime
from typing import Any

import pytest
from attrs import evolve

from procall_mobility.diagnosis.findings import State
from procall_mobility.diagnosis.judgements.certificate import (
    CertificateFacts,
    Distrust,
    Shown,
    judge_certificate,
)
from procall_mobility.diagnosis.judgements.files import FileFacts
from tests.diagnosis.findings import is_told, only

NOW = datetime.datetime(2026, 11, 27, 12, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)
GOOD = Shown(
    subject="CN=mobility.example.net",
    begins=NOW - 30 * DAY,
    ends=NOW + 60 * DAY,
    dns_names=("mobility.example.net",),
    addresses=(),
    rsa_bits=None,
    last_issuer="CN=R11",
    length=2,
    distrust=None,
)


def facts(**changed: Any) -> CertificateFacts:
    about = {key: changed.pop(key) for key in list(changed) if hasattr(GOOD, key)}
    whole = CertificateFacts(
        files=(), host="mobility.example.net", now=NOW, shown=evolve(GOOD, **about)
    )
    return evolve(whole, **changed)


def test_a_good_one_is_well() -> None:
    found = only(judge_certificate(facts()))
    assert found.state is State.OK
    assert found.what == "The certificate for mobility.example.net is good until 2027-01-26."


@pytest.mark.parametrize(
    ("changed", "reason", "what", "cure"),
    [
        ({"ends": NOW}, "certificate-expired", "has expired on 2026-11-27 12:00", "renewed"),
        ({"begins": NOW + DAY}, "certificate-not-yet-valid", "good from 2026-11-28", "clock"),
        (
            {"begins": NOW - 77 * DAY, "ends": NOW + 13 * DAY},
            "certificate-ends-soon",
            "expires on 2026-12-10",
            "Renew",
        ),
        (
            {"dns_names": ("a.example", "b.example"), "addresses": ("192.0.2.7",)},
            "certificate-other-name",
            "mobility.example.net, and the certificate is for a.example, b.example, 192.0.2.7",
            "service.origin",
        ),
        ({"dns_names": ()}, "certificate-other-name", "is for nobody", "names mobility"),
        ({"rsa_bits": 1024}, "certificate-weak", "1024 bits", "P-256"),
        (
            {"distrust": Distrust(code=20, depth=0, text="no issuer")},
            "chain-incomplete",
            "The chain of 2 in the certificate's file ends at CN=R11",
            "fullchain.pem",
        ),
        (
            {"distrust": Distrust(code=19, depth=1, text="self-signed")},
            "chain-untrusted",
            "an authority this machine does not know",
            "--ca FILE",
        ),
        (
            {"distrust": Distrust(code=10, depth=1, text="certificate has expired")},
            "chain-expired",
            "above the server's own is out of its time",
            "chain anew",
        ),
        (
            {"problem": "key.pem: the key has a password; remove it", "shown": None},
            "certificate-unusable",
            "key.pem: the key has a password.",
            "Remove it.",
        ),
        (
            {"problem": "key.pem: of another; install both", "is_key_of_another": True},
            "key-of-another",
            "key.pem: of another.",
            "Install both.",
        ),
        (
            {"daemon_shows_until": NOW + DAY},
            "certificate-not-loaded",
            "shows another certificate, which ends on 2026-11-28",
            "systemctl reload",
        ),
    ],
    ids=[
        "expired", "not yet", "soon", "other name", "no name", "weak", "incomplete",
        "self-signed", "expired above", "unusable", "key of another", "not loaded",
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_cure(
    changed: dict[str, Any], reason: str, what: str, cure: str
) -> None:
    assert is_told(only(judge_certificate(facts(**changed))), reason, what, cure)


def test_an_expired_chain_is_no_second_finding_of_an_expired_certificate() -> None:
    told = facts(ends=NOW - DAY, distrust=Distrust(code=10, depth=0, text="expired"))
    assert only(judge_certificate(told)).reason == "certificate-expired"


def test_one_that_lives_for_days_is_not_called_old_at_once() -> None:
    """Authorities issue certificates of six days: a fifth of its life is soon enough."""
    life = {"begins": NOW - 2 * DAY, "ends": NOW + 4 * DAY}
    assert only(judge_certificate(facts(**life))).state is State.OK
    life = {"begins": NOW - 5 * DAY, "ends": NOW + DAY}
    assert only(judge_certificate(facts(**life))).reason == "certificate-ends-soon"


def test_a_daemon_that_shows_the_same_is_well() -> None:
    assert only(judge_certificate(facts(daemon_shows_until=GOOD.ends))).state is State.OK


def test_without_a_host_to_tell_clients_no_name_is_missed() -> None:
    found = only(judge_certificate(facts(host="", dns_names=())))
    assert (found.state, found.what) == (State.OK, "The certificate is good until 2027-01-26.")


KEY = FileFacts(
    setting="tls.key", path="/k/key.pem", account="mobility", group="others", is_there=True,
    is_readable=False, owner="root:root", mode="-rw-------",
)  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "reason", "what", "cure"),
    [
        (
            {},
            "file-unreadable",
            "belongs to root:root, with mode -rw-------",
            "chown root:others ",
        ),
        ({"is_there": False}, "file-missing", "/k/key.pem, which is not there", "Install"),
        ({"closed_folder": "/k"}, "folder-closed", "may not look into the folder /k", "setfacl"),
    ],
    ids=["unreadable", "missing", "closed"],
)
def test_files_that_cannot_be_read_say_whose_they_are(
    changed: dict[str, Any], reason: str, what: str, cure: str
) -> None:
    told = facts(files=(evolve(KEY, **changed), evolve(KEY, is_readable=True)))
    assert is_told(only(judge_certificate(told)), reason, what, cure)

"""What is far away: providers, the relay as clients see it, customers' servers."""

from typing import Any

import pytest
from attrs import evolve

from procall_mobility.diagnosis.findings import State
from procall_mobility.diagnosis.judgements.credentials import CredentialFacts, judge_credentials
from procall_mobility.diagnosis.judgements.links import (
    CURES,
    OF_STRANGERS,
    CustomerFacts,
    Trouble,
    judge_links,
    troubles,
)
from procall_mobility.diagnosis.judgements.providers import (
    CURES as PROVIDER_CURES,
)
from procall_mobility.diagnosis.judgements.providers import (
    WHATS,
    Obstacle,
    ProviderFacts,
    judge_providers,
)
from procall_mobility.diagnosis.judgements.reachability import judge_reports
from procall_mobility.gateway.reasons import Reason
from procall_mobility.operations.admin_answer import Answer
from procall_mobility.operations.turn_reports import Failure, Fault, Report, Step
from procall_mobility.protocols.stun.uris import parse_uri
from tests.diagnosis.findings import is_told, only, reasons

PROVIDER = ProviderFacts(place="push.example.net:443", uses=("apns", "fcm"), milliseconds=38.2)


def test_a_provider_that_is_reached_says_how_fast() -> None:
    found = only(judge_providers([PROVIDER]))
    assert found.what == "push.example.net:443 (apns, fcm) is reached within 38 ms."


@pytest.mark.parametrize("obstacle", Obstacle)
def test_every_obstacle_has_a_sentence_and_a_cure(obstacle: Obstacle) -> None:
    found = only(judge_providers([evolve(PROVIDER, obstacle=obstacle, detail="as it says")]))
    assert found.state is State.WRONG
    assert f"{WHATS[obstacle]} (as it says)." in found.what
    assert found.cure == PROVIDER_CURES[obstacle]


def test_without_applications_nobody_is_called() -> None:
    assert only(judge_providers([])).state is State.OK
    assert list(judge_credentials([])) == []


def test_a_credential_that_cannot_be_used_names_the_application() -> None:
    good = CredentialFacts(
        channel="ios.app", customer=None, provider="apns", file="/k.p8", problem=None
    )
    found = only(judge_credentials([good]))
    assert (found.state, found.what) == (State.OK, "The credential is good.")
    assert only(judge_credentials([good, good])).what == (
        "The credentials of all 2 applications are good."
    )
    bad = evolve(good, customer="acme", problem="it is no key")
    assert is_told(
        only(judge_credentials([good, bad])),
        "push-credential",
        "The credential of ios.app, /k.p8, cannot be used: it is no key.",
        "push app rotate ios.app --customer acme",
    )


# The relay --------------------------------------------------------------------------------


def report(url: str, fault: Fault | None, step: Step = Step.STUN) -> Report:
    failure = None if fault is None else Failure(step, fault, detail="so it is")
    return Report(url, parse_uri(url), "203.0.113.7", failure=failure)


def test_a_relay_that_answers_here_may_be_blocked_further_out() -> None:
    answers, beyond = judge_reports(
        [report("stun:relay.example", None), report("turn:relay.example", None)],
        from_outside=False,
    )
    assert answers.what.endswith("answers on this machine: 203.0.113.7:3478 (UDP).")
    assert "--from-outside relay.example" in beyond.what
    assert {answers.state, beyond.state} == {State.OK}


def test_from_outside_an_answer_is_all() -> None:
    found = only(judge_reports([report("stun:relay.example", None)], from_outside=True))
    assert "answers from here" in found.what


@pytest.mark.parametrize("from_outside", [False, True])
def test_silence_over_udp_is_a_firewall(from_outside: bool) -> None:
    told = report("stun:relay.example", Fault.SILENCE)
    found = only(judge_reports([told], from_outside=from_outside))
    assert is_told(found, "udp-blocked", "203.0.113.7:3478 (UDP) does not answer", "3478 for UDP")
    assert ("nft list ruleset" in found.cure) is not from_outside


@pytest.mark.parametrize(
    ("url", "fault", "from_outside", "state"),
    [
        ("stun:relay.example", Fault.NOBODY, False, State.WRONG),
        ("stun:relay.example", Fault.UNREACHABLE, False, State.UNKNOWN),
        ("stun:relay.example", Fault.UNREACHABLE, True, State.WRONG),
        ("stuns:relay.example", Fault.UNTRUSTED, True, State.WRONG),
        ("stuns:relay.example", Fault.UNTRUSTED, False, State.WARNING),
        ("stuns:relay.example", Fault.SILENCE, True, State.WRONG),
    ],
)
def test_other_faults_are_explained_as_by_turn_check(
    url: str, fault: Fault, from_outside: bool, state: State
) -> None:
    found = only(judge_reports([report(url, fault)], from_outside=from_outside))
    assert found.state is state
    assert found.reason.startswith("relay-")
    assert found.cure


@pytest.mark.parametrize("fault", [Fault.UNTRIED, Fault.UNKNOWN_HOST])
def test_what_is_told_elsewhere_is_not_told_twice(fault: Fault) -> None:
    assert list(judge_reports([report("stun:relay.example", fault)], from_outside=False)) == []


def test_from_outside_a_name_that_leads_nowhere_is_told_once() -> None:
    told = [report("stun:relay.example", Fault.UNKNOWN_HOST, Step.RESOLVE)] * 2
    found = only(judge_reports(told, from_outside=True))
    assert is_told(found, "relay-unknown-host", "relay.example leads nowhere", "AAAA")


def test_from_outside_it_is_the_argument_that_cannot_be_called() -> None:
    """The settings, which may be another machine's, have nothing to do with it."""
    told = evolve(report("stun:x", Fault.MALFORMED, Step.RESOLVE), uri=None)
    found = only(judge_reports([told], from_outside=True))
    assert is_told(found, "relay-malformed", "--from-outside names", "Name a host or an address")


# Links ------------------------------------------------------------------------------------

ACME = CustomerFacts(ucsid="acme", enabled=True, links=1, trouble=None)
REFUSED = Trouble(reason=Reason.WRONG_PASSWORD, seconds=90.0, client="192.0.2.7")


@pytest.mark.parametrize(
    ("links", "said"), [(1, "acme holds a link."), (2, "acme holds 2 links.")]
)
def test_a_customer_that_is_linked_is_well(links: int, said: str) -> None:
    assert only(judge_links([evolve(ACME, links=links)], [REFUSED])).what == said


def test_one_that_was_refused_says_why_and_what_helps() -> None:
    found = only(judge_links([evolve(ACME, links=0, trouble=REFUSED)], []))
    assert is_told(
        found,
        "link-wrong-password",
        "acme holds no link; its last one from 192.0.2.7 failed 90 s ago: the password",
        "`procall-mobility customer rotate-password acme`",
    )
    assert found.state is State.WRONG


def test_a_server_that_fails_before_it_says_who_it_is_is_known_by_its_address() -> None:
    """A firewall that begins to open TLS at a customer's: the link is lost, and none comes."""
    lost = Trouble(reason=Reason.CONNECTION_LOST, seconds=600.0, client="192.0.2.7")
    strangers = [
        Trouble(reason=Reason.TLS_FAILED, seconds=20.0, client="192.0.2.7"),
        Trouble(reason=Reason.FRAMING, seconds=700.0, client="192.0.2.7"),
        Trouble(reason=Reason.FRAMING, seconds=10.0, client="192.0.2.8"),
    ]
    found, *_ = judge_links([evolve(ACME, links=0, trouble=lost)], strangers)
    assert is_told(
        found,
        "link-tls-failed",
        "From there somebody was refused 20 s ago who did not come so far",
        "TLS inspection",
    )


def test_one_that_never_tried_is_warned_of() -> None:
    assert reasons(judge_links([evolve(ACME, links=0)], [])) == [("warning", "link-down")]


def test_customers_that_are_switched_off_are_left_out() -> None:
    found = only(judge_links([evolve(ACME, enabled=False, links=0)], []))
    assert "There is no customer yet" in found.what


def test_strangers_are_told_of_where_a_customer_is_missing() -> None:
    """TLS inspection shows before a server can say whose it is."""
    strangers = [
        Trouble(reason=Reason.TLS_FAILED, seconds=7300.0, client=None),
        Trouble(reason=Reason.SILENT, seconds=1.0, client="192.0.2.9"),
    ]
    _, stranger = judge_links([evolve(ACME, links=0)], strangers)
    assert is_told(
        stranger, "stranger-tls-failed", "an unknown address was refused 2 h ago", "TLS inspection"
    )


@pytest.mark.parametrize("reason", sorted(OF_STRANGERS))
def test_every_refusal_of_strangers_has_a_cure(reason: Reason) -> None:
    assert CURES[reason]


def test_what_a_newer_daemon_says_is_left_out() -> None:
    told: list[dict[str, Any]] = [
        {"customer": "acme", "client": None, "reason": "duplicate", "seconds": 600.0},
        {"customer": None, "client": "192.0.2.7", "reason": "no such word", "seconds": 1.0},
        {"customer": None, "client": "192.0.2.7", "reason": "duplicate", "seconds": "soon"},
        {},
    ]
    assert list(troubles(Answer(told))) == [
        ("acme", Trouble(reason=Reason.DUPLICATE, seconds=600.0, client=None))
    ]
    found = only(judge_links([evolve(ACME, links=0, trouble=Trouble(
        reason=Reason.DUPLICATE, seconds=600.0, client=None))], []))  # fmt: skip
    assert "failed 10 min ago" in found.what

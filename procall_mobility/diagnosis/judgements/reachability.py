"""Whether clients get through to the relay by UDP, as far as that shows on this machine."""

from collections.abc import Iterable, Iterator
from ipaddress import ip_address
from typing import Final

from procall_mobility.diagnosis.findings import Finding, ok, unknown, warning, wrong
from procall_mobility.operations.turn_cures import explain
from procall_mobility.operations.turn_reports import Fault, Report
from procall_mobility.protocols.stun.uris import Carrier

UDP: Final = "relay"

PASSED_OVER: Final = frozenset({Fault.UNTRIED})
TOLD_ELSEWHERE: Final = PASSED_OVER | {Fault.UNKNOWN_HOST}
"""Where names lead is a check of its own."""

NOT_TO_CALL: Final = "What --from-outside names cannot be called."
HOW_TO_NAME: Final = "Name a host or an address, or `stun:` and `stuns:` URLs with commas between."

FROM_OUTSIDE: Final = (
    "Firewalls in front of this machine are not seen from here: run `procall-mobility doctor"
    " --from-outside {host}` on another one"
)


def judge_reports(reports: Iterable[Report], *, from_outside: bool) -> Iterator[Finding]:
    """Judge what STUN binding requests have come to.

    Args:
        reports: one for each way to the relay and each address of its name.
        from_outside: whether they were sent on another machine than the relay's.
    """
    failed, answered = [], []
    for each in reports:
        if each.failure is None:
            answered.append(each)
        elif each.failure.fault not in (PASSED_OVER if from_outside else TOLD_ELSEWHERE):
            failed.append(_explained(each, from_outside=from_outside))
    yield from dict.fromkeys(failed)  # One name may lead nowhere in several ways.
    if answered:
        where = "from here" if from_outside else "on this machine"
        yield ok(
            UDP, f"The relay answers {where}: {', '.join(dict.fromkeys(map(_place, answered)))}."
        )
    if answered and not from_outside:
        host = next(each.uri.host for each in answered if each.uri is not None)
        yield ok(UDP, f"{FROM_OUTSIDE.format(host=host)}.")


def _explained(report: Report, *, from_outside: bool) -> Finding:
    failure, uri = report.failure, report.uri
    assert failure is not None
    is_udp = uri is not None and uri.carrier is Carrier.UDP
    if failure.fault is Fault.SILENCE and is_udp and uri is not None:
        place = _place(report)
        if from_outside:
            return wrong(
                UDP,
                "udp-blocked",
                f"{place} does not answer over UDP.",
                f"A firewall drops it: open port {uri.port} for UDP on that machine and with its"
                " provider, and the relays' ports (turn.ports).",
            )
        return wrong(
            UDP,
            "udp-blocked",
            f"{place} does not answer over UDP, not even to this machine itself.",
            f"A firewall here drops it: `sudo nft list ruleset` or `sudo iptables -S` shows which"
            f" rule, `tc filter show` others; open port {uri.port} for UDP, and the relays' ports"
            " (turn.ports).",
        )
    if from_outside and uri is None:
        return wrong(UDP, f"relay-{failure.fault.value}", NOT_TO_CALL, HOW_TO_NAME)
    explanation = explain(report, failure)
    if not from_outside and failure.fault is Fault.UNREACHABLE:
        return unknown(UDP, "relay-unreachable", explanation.why, explanation.cure)
    judge = warning if failure.fault is Fault.UNTRUSTED and not from_outside else wrong
    return judge(UDP, f"relay-{failure.fault.value}", explanation.why, explanation.cure)


def _place(report: Report) -> str:
    assert report.uri is not None
    host = report.address or report.uri.host
    shown = f"[{host}]" if ip_address(host.partition("%")[0]).version == 6 else host
    return f"{shown}:{report.uri.port} ({report.uri.carrier.value.upper()})"

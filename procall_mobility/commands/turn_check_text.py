"""Shows what `turn check` has found."""

from typing import Any

from procall_mobility.operations.rendering import escaped
from procall_mobility.operations.turn_cures import explain
from procall_mobility.operations.turn_reports import Fault, Report, Step

WORDS = {
    Step.RESOLVE: "name",
    Step.CONNECT: "connection",
    Step.STUN: "STUN",
    Step.ALLOCATE: "relay lent",
    Step.RELAY: "round trip through two relays",
}


def facts_of(report: Report) -> dict[str, Any]:
    """Return a report as JSON has it; `ms` has the steps that went well."""
    facts: dict[str, Any] = {
        "url": report.url,
        "address": report.address,
        "state": state_of(report),
        "ms": {step.value: round(took, 2) for step, took in report.took.items()},
        "seen_as": report.seen_as,
        "relayed": report.relayed,
    }
    failure = report.failure
    if failure is not None:
        explanation = explain(report, failure)
        facts["failure"] = {
            "step": failure.step.value,
            "reason": failure.fault.value,
            "code": failure.code,
            "detail": failure.detail,
            "why": explanation.why,
            "cure": explanation.cure,
        }
    return facts


def state_of(report: Report) -> str:
    """Return `ok`, `failed`, or `skipped` for what this check cannot try."""
    if report.failure is None:
        return "ok"
    return "skipped" if report.failure.fault is Fault.UNTRIED else "failed"


def text_of(facts: dict[str, Any]) -> str:
    """Return what was found for people; the shape is that of the JSON."""
    lines = [f"as {escaped(facts['username'])}"]
    for way in facts["ways"]:
        where = f" at {way['address']}" if way["address"] else ""
        lines += ["", f"{way['state']:<8}{escaped(way['url'])}{where}"]
        lines += [f"        {line}" for line in _details(way)]
    return "\n".join(lines)


def _details(way: dict[str, Any]) -> list[str]:
    took = way["ms"]
    lines = []
    if took:
        times = (f"{WORDS[step]} {took[step]:.1f} ms" for step in Step if step in took)
        lines.append(", ".join(times))
    if way["seen_as"]:
        lent = f", lends {way['relayed']}" if way["relayed"] else ""
        lines.append(f"sees us as {way['seen_as']}{lent}")
    if "failure" in way:
        lines += [escaped(way["failure"]["why"]), f"-> {escaped(way['failure']['cure'])}"]
    return lines

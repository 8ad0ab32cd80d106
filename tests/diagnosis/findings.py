"""What findings say, in short."""

from collections.abc import Iterable

from procall_mobility.diagnosis.findings import Finding, State


def only(findings: Iterable[Finding]) -> Finding:
    """Return the one finding that there is."""
    (found,) = findings
    return found


def reasons(findings: Iterable[Finding]) -> list[tuple[str, str]]:
    """Return how they are and why, of those that are not well."""
    return [(each.state.value, each.reason) for each in findings if each.state is not State.OK]


def is_told(finding: Finding, reason: str, what: str, cure: str) -> bool:
    """Tell whether a finding is this one, and says both."""
    assert finding.reason == reason
    assert what in finding.what
    assert cure in finding.cure
    return True

"""Checks the last run's coverage: all branches of the pure rooms, nine tenths of the others.

Usage: python -m tools.coverage_floor   (after pytest --cov)
"""

import io
import sys

import coverage

FLOORS = {
    "procall_mobility/protocols/*": 100.0,
    "procall_mobility/gateway/*": 100.0,
}
OTHERS = 90.0


def covered(measured: coverage.Coverage, report: io.StringIO, **only: list[str]) -> float:
    """Return the percentage of lines and branches that ran, and write which did not."""
    return measured.report(file=report, **only)


def main() -> int:
    """Print a line for each floor; 1 when one is missed."""
    measured = coverage.Coverage()
    measured.load()
    failed = False
    checks = [({"include": [room]}, floor, room) for room, floor in FLOORS.items()]
    checks.append(({"omit": list(FLOORS)}, OTHERS, "everything else"))
    for only, floor, name in checks:
        report = io.StringIO()
        percent = covered(measured, report, **only)
        missed = percent < floor
        failed |= missed
        print(f"{name}: {percent:.2f} % of {floor:.0f} % {'MISSED' if missed else 'ok'}")
        if missed:
            print(report.getvalue())
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())

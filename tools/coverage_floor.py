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


def main() -> int:
    """Print a line for each floor; 1 when one is missed."""
    measured = coverage.Coverage()
    measured.load()
    failed = False
    checks: list[tuple[str, list[str] | None, list[str] | None, float]]
    checks = [(room, [room], None, floor) for room, floor in FLOORS.items()]
    checks.append(("everything else", None, list(FLOORS), OTHERS))
    for name, include, omit, floor in checks:
        report = io.StringIO()
        percent = measured.report(file=report, include=include, omit=omit)
        missed = percent < floor
        failed |= missed
        print(f"{name}: {percent:.2f} % of {floor:.0f} % {'MISSED' if missed else 'ok'}")
        if missed:
            print(report.getvalue())
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())

"""What a benchmark says: cases with rounds, their ratios, as JSON and as a table."""

import json
import os
import platform
import statistics
from importlib import metadata
from pathlib import Path
from typing import Any

from attrs import define, field

from bench.interpreter import description

RESULTS = Path("bench/results")
PACKAGES = ("twisted", "autobahn", "pyopenssl", "cryptography")


@define
class Case:
    """One thing measured of us, and of a peer in the same rounds."""

    name: str
    unit: str
    peer: str | None = None
    ours: list[float] = field(factory=list)
    theirs: list[float] = field(factory=list)

    def facts(self) -> dict[str, Any]:
        """Return the case as JSON can say it."""
        facts: dict[str, Any] = {
            "name": self.name,
            "unit": self.unit,
            "rounds": len(self.ours),
            "ours": spread(self.ours),
        }
        if self.theirs:
            facts["peer"] = {"name": self.peer, **spread(self.theirs)}
            if min(self.theirs) > 0:  # A difference may be nothing, or less.
                pairs = zip(self.ours, self.theirs, strict=True)
                facts["ratio"] = spread([ours / theirs for ours, theirs in pairs])
        return facts


def spread(values: list[float]) -> dict[str, float]:
    """Return minimum, median and maximum."""
    return {
        "min": round(min(values), 4),
        "median": round(statistics.median(values), 4),
        "max": round(max(values), 4),
    }


def cpu_seconds(pid: int) -> float:
    """Return user and system time of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_kib(pid: int) -> int:
    """Return the resident memory of a process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


def report(bench: str, cases: list[Case]) -> None:
    """Print a table and write `bench/results/<bench>.json`."""
    facts: dict[str, Any] = {
        "bench": bench,
        "machine": {"cpus": os.cpu_count(), "kernel": platform.release()},
        "versions": {
            "python": description(),
            **{name: metadata.version(name) for name in PACKAGES},
        },
        "cases": [case.facts() for case in cases],
    }
    print(f"the daemon on Python {facts['versions']['python']}")
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / f"{bench}.json").write_text(json.dumps(facts, indent=2) + "\n")
    print(f"{'case':44} {'unit':26} {'ours min/median/max':30} {'peer':30} ratio")
    for case in facts["cases"]:
        peer, ratio = case.get("peer"), case.get("ratio")
        print(
            f"{case['name']:44} {case['unit']:26} {_three(case['ours']):30} "
            f"{_three(peer) if peer else '-':30} {_three(ratio) if ratio else '-'}"
        )


def _three(values: dict[str, float]) -> str:
    return f"{values['min']:.4g} / {values['median']:.4g} / {values['max']:.4g}"

"""Checks what a run of run_tool.sh printed against its database and its files.

    python .ci/check_run.py EXPERIMENT LOG

Exit status 1 with one line a fault.
"""

from __future__ import annotations

import math
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from spearmint import config  # noqa: E402
from spearmint.database import connect  # noqa: E402


def faults(experiment: Path, log: str) -> list[str]:
    """What the log says that the database does not, and what is missing from either."""
    settings = config.load(experiment / "spearmint")
    database = connect(settings.address, settings.database)
    jobs = database.jobs(settings.experiment)
    database.close()
    found = []

    unfinished = [job["id"] for job in jobs if job["status"] != "complete"]
    if unfinished:
        found.append(f"jobs {unfinished} are not complete")
    constraints = [task.name for task in settings.tasks if not task.objective]
    feasible = [
        job
        for job in jobs
        if math.isfinite(job["values"]["error"])
        and all(job["values"][name] >= 0 for name in constraints)
    ]
    rejected = [job for job in jobs if "rejected before training" in (job.get("reason") or "")]

    best = re.search(r"^Best network under the budget: job (\d+)$", log, re.MULTILINE)
    if best is None:
        return [*found, "no best network under the budget was printed"]
    least = min(job["values"]["error"] for job in feasible)
    said = next(job for job in feasible if job["id"] == int(best[1]))
    if said["values"]["error"] != least:
        found.append(f"job {best[1]} was printed as best, the least error is {least}")

    counts = re.search(
        r"^(\d+) networks: .*?(?:(\d+) rejected before training)?$", log, re.MULTILINE
    )
    if counts is None or int(counts[1]) != len(jobs) or int(counts[2] or 0) != len(rejected):
        found.append(f"{len(jobs)} jobs and {len(rejected)} rejected, but printed: {counts}")

    script = re.search(r"^\s*script\s+(.*)$", log, re.MULTILINE)
    if script is None or not Path(script[1]).is_file():
        found.append(f"the best network's script is not there: {script}")
    elif subprocess.run([sys.executable, script[1]], capture_output=True, check=False).returncode:
        found.append(f"{script[1]} does not run by itself")
    if not said.get("measurements"):
        found.append(f"job {best[1]} keeps no measurements")
    return found


def main(arguments: list[str]) -> int:
    """Prints the faults; 0 when there are none."""
    experiment, log = arguments
    found = faults(Path(experiment), Path(log).read_text(encoding="utf-8"))
    for fault in found:
        print(f"check_run.py: {fault}", file=sys.stderr)
    if not found:
        print("check_run.py: what was printed is what the database holds")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

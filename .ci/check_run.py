"""Checks what a run of run_tool.sh printed against its database and its files.

    python .ci/check_run.py EXPERIMENT LOG

Exit status 1 with one line per fault.
"""

from __future__ import annotations

import math
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from hwsearch.measurements import Measurements, Outcome  # noqa: E402
from spearmint import config  # noqa: E402
from spearmint.database import connect  # noqa: E402


def faults(experiment: Path, log: str) -> list[str]:
    """Differences between the log and the database, and what is missing from either."""
    settings = config.load(experiment / "spearmint")
    with connect(settings.address, settings.database) as database:
        jobs = database.jobs(settings.experiment)
    constraints = [task.name for task in settings.tasks if not task.objective]
    unfinished = [job["id"] for job in jobs if job["status"] != "complete"]
    if unfinished:
        return [f"jobs {unfinished} are not complete"]
    return [*wrong_counts(jobs, log), *wrong_best(jobs, constraints, log), *wrong_script(log)]


def wrong_counts(jobs: list[dict[str, Any]], log: str) -> list[str]:
    """Compares the line that counts the networks."""
    outcomes = [Measurements.of_job(job).outcome for job in jobs]
    rejected = outcomes.count(Outcome.REJECTED)
    line = re.search(r"^(\d+) networks: .*$", log, re.MULTILINE)
    printed = re.search(r"(\d+) rejected before training", line[0]) if line else None
    if line and int(line[1]) == len(jobs) and int(printed[1] if printed else 0) == rejected:
        return []
    return [f"{len(jobs)} jobs, {rejected} of them rejected, but printed: {line and line[0]}"]


def wrong_best(jobs: list[dict[str, Any]], constraints: list[str], log: str) -> list[str]:
    """Compares the network that was printed as the best with the least error under the budget."""
    printed = re.search(r"^Best network under the budget: job (\d+)$", log, re.MULTILINE)
    if printed is None:
        return ["no best network under the budget was printed"]
    feasible = {
        job["id"]: job
        for job in jobs
        if math.isfinite(job["values"]["error"])
        and all(job["values"][name] >= 0 for name in constraints)
    }
    best = feasible.get(int(printed[1]))
    if best is None:
        return [f"job {printed[1]} was printed as best, but is not under the budget"]
    wrong = []
    least = min(job["values"]["error"] for job in feasible.values())
    if best["values"]["error"] != least:
        wrong.append(f"job {printed[1]} was printed as best; the least error is {least}")
    if not Measurements.of_job(best).metrics:
        wrong.append(f"job {printed[1]} keeps no measurements")
    return wrong


def wrong_script(log: str) -> list[str]:
    """Checks that the best network's script is there and runs by itself."""
    script = re.search(r"^\s*script\s+(.*)$", log, re.MULTILINE)
    if script is None or not Path(script[1]).is_file():
        return [f"the best network's script is not there: {script}"]
    if subprocess.run([sys.executable, script[1]], capture_output=True, check=False).returncode:
        return [f"{script[1]} does not run by itself"]
    return []


def main(arguments: list[str]) -> int:
    """Prints the faults; 0 if there are none."""
    experiment, log = arguments
    wrong = faults(Path(experiment), Path(log).read_text(encoding="utf-8"))
    for fault in wrong:
        print(f"check_run.py: {fault}", file=sys.stderr)
    if not wrong:
        print("check_run.py: the log agrees with the database")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

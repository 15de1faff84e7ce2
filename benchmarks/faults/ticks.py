"""One turn of the controller's loop with thousands of jobs in the database: time and memory."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.faults.experiment import DATABASE, ROOT, Experiment
from benchmarks.faults.filling import fill

#: Jobs that are run beside those that are there: fewer if there are very many.
NEW_JOBS, FEW_JOBS, MANY = 20, 2, 10_000
LIMIT_S = 540.0


def measure(home: Path, address: str, database: str, count: int) -> dict[str, Any]:
    """Stores `count` finished jobs, then runs a few more and measures every turn."""
    new = FEW_JOBS if count > MANY else NEW_JOBS
    experiment = Experiment(
        home,
        address,
        "brief",
        jobs=count + new,
        more={"max-concurrent": 1},
    )
    fill(address, DATABASE, experiment.name, count)
    file = home / "turns.json"
    code = f"from benchmarks.faults.watched_controller import main; main({str(file)!r})"
    with experiment.printed.open("ab") as out:
        done = subprocess.run(
            [sys.executable, "-c", code, str(experiment.folder)],
            stdout=out,
            stderr=out,
            cwd=ROOT,
            env=experiment.environ(),
            timeout=LIMIT_S,
            check=False,
        )
    if done.returncode != 0:
        raise RuntimeError(experiment.printed.read_text(errors="replace")[-2000:])
    found = json.loads(file.read_text())
    turns, memory = found["cpu_s"], found["rss_mib"]
    return {
        "database": database,
        "jobs": count,
        "turns": len(turns),
        "first turn, cpu s": round(turns[0], 3),
        "median turn, cpu s": round(statistics.median(turns[1:]), 4),
        "longest later turn, cpu s": round(max(turns[1:]), 3),
        "memory after 1 turn, MiB": round(memory[1]),
        "memory at the end, MiB": round(memory[-1]),
        "faults": [],
    }

"""What the optimiser and the hand-over between processes add to each job: python run.py [--jobs N].

A real search on a copy of experiments/digits (Keras, measured and trained) is run by
spearmint/main.py. Its objective is wrapped to write down when main() was entered, when the first
training step began and when main() returned; the optimiser's own times are those of --debug and
of the job documents. The last line is the mean over all jobs but the first.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from spearmint.database import connect  # noqa: E402

TIMED = """
import json
import sys
import time

ROOT = {root!r}
if ROOT not in sys.path:
    sys.path.append(ROOT)

import hyperpower
from hwsearch.network.fitting import training

loaded = time.time()
step = training.EpochReport.on_train_batch_begin
marks = {{}}


def on_train_batch_begin(self, *args, **kwargs):
    marks.setdefault("first_step", time.time())
    return step(self, *args, **kwargs)


training.EpochReport.on_train_batch_begin = on_train_batch_begin


def main(job_id, params):
    marks["entered"] = time.time()
    found = hyperpower.main(job_id, params)
    marks["returned"] = time.time()
    marks["objective"] = found["measurements"]["seconds"]
    with open(f"marks-{{job_id}}.json", "w") as file:
        json.dump(marks, file)
    return found
"""


def prepare(folder: Path, epochs: int) -> Path:
    """A digits experiment whose budget every network keeps; its spearmint folder."""
    shutil.copytree(ROOT / "experiments" / "digits" / "keras_model", folder / "keras_model")
    command = [sys.executable, ROOT / "gener_experiment.py", "--experiment", folder]
    flags = "--optimize error --constraint runtime --constraint_val 1 --max_finished_jobs 1"
    subprocess.run(
        [*map(str, command), *flags.split(), "--epochs", str(epochs)],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    inner = folder / "spearmint"
    config = json.loads((inner / "config.json").read_text(encoding="utf-8"))
    config["experiment-name"] = "overhead"
    (inner / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (inner / "mainrun.py").write_text(TIMED.format(root=str(ROOT)), encoding="utf-8")
    return inner


def search(inner: Path, jobs: int) -> tuple[float, str]:
    """Runs it; when it was started (seconds since the epoch), and what it printed."""
    command = [sys.executable, ROOT / "spearmint" / "main.py", "--debug", inner]
    began = time.time()
    done = subprocess.run(
        [*map(str, command), "--max-finished-jobs", str(jobs)],
        check=True,
        capture_output=True,
        text=True,
    )
    return began, done.stdout


def seconds_of(call: Callable[[], Any], repeats: int = 5) -> float:
    """Median of the time that a call takes."""
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def imports(modules: str, repeats: int = 3) -> float:
    """What a Python process takes that imports modules and ends."""
    command = [sys.executable, "-c", f"import {modules}"]
    return seconds_of(
        lambda: subprocess.run(command, check=True, cwd=ROOT, capture_output=True), repeats
    )


def database(address: str) -> float:
    """What a job's calls of the database take: looks, one job stored, claimed, completed."""
    params = {"x": {"type": "float", "values": [1.0]}}
    with connect(address) as store:

        def one_job() -> None:
            job_id = store.add_job("scratch", {"params": params})
            for _ in range(6):
                store.jobs("overhead")
            job = store.claim("scratch", job_id, "me", 60.0)
            assert job is not None
            for changes in ({"proc_id": 1}, {"status": "complete", "values": {"error": 1.0}}):
                assert store.update("scratch", job_id, status="pending", attempt=1, changes=changes)

        one_job()
        return seconds_of(one_job)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=20, help="networks (20)")
    parser.add_argument("--epochs", type=int, default=2, help="training epochs a network (2)")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, "digits")
        inner = prepare(folder, args.epochs)
        began, text = search(inner, args.jobs)
        address = f"sqlite:{folder}/mongodb/spearmint.sqlite"
        with connect(address) as store:
            jobs = store.jobs("overhead")
        marks = [json.loads((inner / f"marks-{j['id']}.json").read_text()) for j in jobs]
        database_s = database(address)
    suggested = {
        int(number): float(seconds)
        for number, seconds in re.findall(r"suggested job (\d+) in ([\d.]+) s", text)
    }
    report(began, jobs, marks, suggested, database_s)
    return 0


def report(
    began: float,
    jobs: list[dict[str, Any]],
    marks: list[dict[str, Any]],
    suggested: dict[int, float],
    database_s: float,
) -> None:
    """Prints the tables, the sums and the last line."""
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"load average at the end: {load}")
    optimiser, keras = imports("spearmint.control.controller, scipy.linalg"), imports("keras")
    print(f"\nimports alone: the optimiser {optimiser:.2f} s, Keras {keras:.2f} s")
    first, seconds = marks[0], marks[0]["objective"]
    print(
        "main() called to the first training step: "
        f"{first['first_step'] - began:.2f} s, of which job 1 entered after "
        f"{first['entered'] - began:.2f} s, build {seconds['build']:.2f} s, "
        f"measuring {seconds['measure']:.2f} s"
    )
    print("\nfrom a result to the next job's first training step, in seconds:")
    print(" job  all of it  hand-over  suggestion  build+measure  rest to first step")
    added, strict, rest = [], [], []
    for before, job, mark in zip(jobs, jobs[1:], marks[1:], strict=False):
        own = mark["objective"]
        inside = own["build"] + own["measure"]
        whole = mark["first_step"] - before["end time"]
        over = mark["entered"] - before["end time"]
        added.append(over)
        strict.append(whole - own["measure"])
        rest.append(over - suggested[job["id"]])
        print(
            f"{job['id']:4} {whole:10.3f} {over:10.3f} {suggested[job['id']]:11.3f} "
            f"{inside:14.3f} {whole - over - inside:19.3f}"
        )
    parts = statistics.mean(suggested[job["id"]] for job in jobs[1:])
    print(
        f"\nparts of the hand-over: suggestion {parts:.3f} s, calls of the database "
        f"{database_s:.3f} s, the rest (fork, main-file, noticing the end) "
        f"{max(statistics.mean(rest) - database_s, 0.0):.3f} s"
    )
    print(
        "a result to the next first training step, without measuring (includes building the "
        f"network): {statistics.mean(strict):.3f} s"
    )
    print(f"overhead per job: {statistics.mean(added):.3f} s")


if __name__ == "__main__":
    sys.exit(main())

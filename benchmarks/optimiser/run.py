"""Runs every optimiser on every problem and appends one JSON line a run to results/.

    python benchmarks/optimiser/run.py [--problems P ...] [--peers X ...] [--seeds N] [...]

A run that is in the results already is skipped, so the command continues where it was stopped. The
peers live in an environment of their own (`--environment`), made on the first call. Every run is
a process of its own with one BLAS thread. `report.py` turns the results into tables.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import subprocess
import sys
import threading
import time
import venv
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.optimiser.peers import ALL, PEERS  # noqa: E402
from benchmarks.optimiser.problems import names  # noqa: E402

RESULTS = HERE / "results"
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class Run(NamedTuple):
    """What tells one run from another."""

    problem: str
    peer: str
    seed: int
    evaluations: int
    parallel: int


def peers_python(environment: Path) -> Path:
    """The interpreter of the peers' environment, which is made if it is not there."""
    python = environment / "bin" / "python"
    if not python.exists():
        print(f"installing the peers in {environment} (about 5 GB) ...", flush=True)
        venv.create(environment, with_pip=True)
        wanted = str(HERE / "peers.txt")
        subprocess.run([python, "-m", "pip", "install", "-q", "-r", wanted], check=True)
    return python


def read(folder: Path = RESULTS) -> Iterator[dict]:
    """All results, one dictionary a run."""
    for path in sorted(folder.glob("*.jsonl")):
        with path.open() as lines:
            yield from map(json.loads, lines)


def key(result: dict) -> Run:
    """The run that a result is of."""
    return Run(*(result[name] for name in Run._fields))


class Runner:
    """Starts workers and appends what they print."""

    def __init__(self, python: Path, folder: Path, time_limit: float):
        self.python = python
        self.folder = folder
        self.time_limit = time_limit
        self.lock = threading.Lock()
        self.failed = 0

    def __call__(self, run: Run) -> None:
        """One run to its end; a failure is printed and leaves no result."""
        python = self.python if ALL[run.peer][2] else sys.executable
        command = [python, HERE / "worker.py", run.problem, run.peer, str(run.seed)]
        command += [str(run.evaluations), "--parallel", str(run.parallel)]
        environment = os.environ | dict.fromkeys(THREADS, "1")
        start = time.monotonic()
        try:
            done = subprocess.run(
                [str(part) for part in command],
                env=environment,
                capture_output=True,
                text=True,
                timeout=self.time_limit,
                check=True,
            )
            line = done.stdout.strip().splitlines()[-1]
            result = json.loads(line)
        except subprocess.TimeoutExpired:
            self._fail(run, f"over {self.time_limit:g} s")
            return
        except subprocess.CalledProcessError as error:
            self._fail(run, (error.stderr.strip().splitlines() or ["no message"])[-1])
            return
        except (IndexError, ValueError):
            self._fail(run, "printed no result")
            return
        suffix = f"_parallel{run.parallel}" if run.parallel > 1 else ""
        with self.lock, (self.folder / f"{run.peer}{suffix}.jsonl").open("a") as results:
            results.write(line + "\n")
        seconds = time.monotonic() - start
        regret = result["regret"][-1]
        print(f"{run.problem:18s} {run.peer:11s} seed {run.seed:<3d}", end=" ")
        print(f"regret {regret:<10.4g} {seconds:6.1f} s", flush=True)

    def _fail(self, run: Run, reason: str) -> None:
        with self.lock:
            self.failed += 1
        print(f"{run.problem} {run.peer} seed {run.seed}: failed: {reason}", file=sys.stderr)


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="Compare optimisers on constrained problems.")
    parser.add_argument("--problems", nargs="+", choices=names(), default=names(), metavar="P")
    parser.add_argument("--peers", nargs="+", choices=list(ALL), default=list(PEERS))
    parser.add_argument("--seeds", type=int, default=10, help="seeds 1 to N (default: 10)")
    parser.add_argument("--evaluations", type=int, default=50)
    parser.add_argument("--parallel", type=int, default=1, help="evaluations at once (default: 1)")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--time-limit", type=float, default=3600, help="seconds a run")
    parser.add_argument("--environment", type=Path, default=HERE / ".venv")
    parser.add_argument("--results", type=Path, default=RESULTS)
    return parser.parse_args(arguments)


def main() -> int:
    """Runs what is missing; 1 when something failed."""
    args = parse()
    python = Path(sys.executable)
    if any(ALL[peer][2] for peer in args.peers):
        python = peers_python(args.environment)
    args.results.mkdir(parents=True, exist_ok=True)
    known = {key(result) for result in read(args.results)}
    # Seeds outermost: stopped early, all problems and peers have about as many.
    wanted = (
        Run(problem, peer, seed, args.evaluations, args.parallel)
        for seed, problem, peer in itertools.product(
            range(1, args.seeds + 1), args.problems, args.peers
        )
    )
    runs = [run for run in wanted if run not in known]
    runner = Runner(python, args.results, args.time_limit)
    with ThreadPoolExecutor(args.processes) as pool:
        list(pool.map(runner, runs))
    print(f"{len(runs) - runner.failed} runs, {runner.failed} failed")
    return 1 if runner.failed else 0


if __name__ == "__main__":
    sys.exit(main())

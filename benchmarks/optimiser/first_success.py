"""Jobs until the first success when nothing but failures is known; prints a table.

    python benchmarks/optimiser/first_success.py [--dimensions 2 5 8] [--seeds 16] [--jobs 50]

A job succeeds in one box, a cube of 10 % of the volume at a place that depends on the seed. It
fails everywhere else: its objective is NaN, or a constraint with STEP or BINOMIAL outcomes is 0.
The default chooser is compared with a Sobol sequence of the same seed and with random search.
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import dataclass
from math import nan
from pathlib import Path
from typing import Any

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import numpy as np  # noqa: E402

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from spearmint import choosers  # noqa: E402
from spearmint.optimiser.candidates import design  # noqa: E402

#: Share of the volume in which jobs succeed.
SHARE = 0.1
KINDS = ("NaN", "STEP", "BINOMIAL")
CHOOSERS = ("ours", "sobol", "random")


@dataclass(frozen=True)
class Box:
    """The place where jobs succeed.

    Attributes:
        low: Its lower corner, shape (D,).
        side: The length of its sides.
    """

    low: np.ndarray
    side: float

    @classmethod
    def drawn(cls, dimension: int, seed: int) -> Box:
        """The box of a seed."""
        rng = np.random.default_rng([dimension, seed])
        side = SHARE ** (1.0 / dimension)
        return cls(rng.random(dimension) * (1.0 - side), side)

    def values(self, kind: str, point: np.ndarray) -> tuple[bool, dict[str, float]]:
        """Whether a job succeeds at a point, shape (D,), and the values that it returns."""
        good = bool(np.all((point >= self.low) & (point <= self.low + self.side)))
        objective = float(np.sum(point))
        if kind == "NaN":
            return good, {"f": objective if good else nan}
        return good, {"f": objective, "c": float(good)}


def config(kind: str, dimension: int) -> dict[str, Any]:
    """The dictionary of a config.json."""
    tasks: dict[str, Any] = {"f": {"type": "OBJECTIVE", "likelihood": "NOISELESS"}}
    if kind != "NaN":
        tasks["c"] = {"type": "CONSTRAINT", "likelihood": kind}
    variables = {"x": {"type": "FLOAT", "size": dimension, "min": 0, "max": 1}}
    return {"variables": variables, "tasks": tasks}


def first_success(chooser: str, kind: str, dimension: int, seed: int, most: int) -> int | None:
    """The number of the first job that succeeds; None if there is none among `most` jobs."""
    box = Box.drawn(dimension, seed)
    document = config(kind, dimension)
    if chooser == "random":
        document["chooser"] = "random_search"
    peer = choosers.create(document, seed)
    sobol = design(peer.space, most, seed)
    jobs: list[dict[str, Any]] = []
    for number in range(1, most + 1):
        following = sobol[number - 1]
        params = peer.space.decode(following) if chooser == "sobol" else peer.suggest(jobs)
        good, values = box.values(kind, np.array(params["x"]["values"]))
        if good:
            return number
        jobs.append({"id": number, "params": params, "status": "complete", "values": values})
    return None


def cell(chooser: str, kind: str, dimension: int, seeds: int, most: int) -> str:
    """The mean number of jobs, `most` for a run without a success, and how many such runs."""
    found = [first_success(chooser, kind, dimension, seed, most) for seed in range(1, seeds + 1)]
    never = found.count(None)
    mean = np.mean([most if number is None else number for number in found])
    return f"{mean:.1f}" + (f" ({never} never)" if never else "")


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description="Jobs until the first success.")
    parser.add_argument("--dimensions", type=int, nargs="+", default=[2, 5, 8])
    parser.add_argument("--seeds", type=int, default=16)
    parser.add_argument("--jobs", type=int, default=50)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    args = parser.parse_args()
    print("| dimensions | failure | " + " | ".join(CHOOSERS) + " |")
    print("| --- " * (2 + len(CHOOSERS)) + "|")
    for dimension in args.dimensions:
        for kind in args.kinds:
            cells = [cell(c, kind, dimension, args.seeds, args.jobs) for c in CHOOSERS]
            print(f"| {dimension} | {kind} | " + " | ".join(cells) + " |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Searches with each script of `templates/`, and checks the result independently.

    python benchmarks/scripts/run.py [--only NAME ...] [--networks 2] [--out results.json]

For each script: does it run as it is; does the reported value equal that of the saved network on
the same validation data (`verify.py`); do the MACs equal those of TensorFlow's graph? Exit status 1
if one answer is no.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kinds import KINDS, TEMPLATES, Kind

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SEED = 3


@dataclass(slots=True)
class Outcome:
    """What was found for one script.

    Attributes:
        runs: Whether the search ended with a best network.
        reported, verified: The value by HyperPower and by `verify.py`.
        macs, graph_macs: The same for MACs.
        source: What the network was loaded from: `model` or `weights`.
        seconds: Duration of the search.
        message: Why something failed.
    """

    script: str
    runs: bool = False
    reported: float = math.nan
    verified: float = math.nan
    macs: int = -1
    graph_macs: int = -2
    source: str = ""
    seconds: float = 0.0
    message: str = ""

    @property
    def same_value(self) -> bool:
        """Equal within the kind's tolerance."""
        tolerance = KINDS[self.script].tolerance
        return math.isclose(self.reported, self.verified, rel_tol=tolerance, abs_tol=1e-6)

    @property
    def same_macs(self) -> bool:
        """Exactly equal."""
        return self.macs == self.graph_macs

    @property
    def good(self) -> bool:
        """All three questions are answered by yes."""
        return self.runs and self.same_value and self.same_macs


def search(name: str, kind: Kind, folder: Path, networks: int) -> Outcome:
    """Searches with a script in a new experiment, and verifies the best network."""
    experiment = folder / name
    (experiment / "keras_model").mkdir(parents=True)
    shutil.copy(TEMPLATES / f"{name}.py", experiment / "keras_model" / "network_def.py")
    command = [sys.executable, str(ROOT / "gener_experiment.py"), "--experiment", str(experiment)]
    command += [*kind.flags, "--constraint", "macs", "--constraint_val", "1e12"]
    command += ["--max_finished_jobs", str(networks), "--seed", str(SEED)]
    began = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    outcome = Outcome(name, seconds=time.monotonic() - began)
    best = experiment / "tmp" / "best.json"
    if done.returncode or not best.is_file():
        outcome.message = last_lines(done.stdout + done.stderr)
        return outcome
    outcome.runs = True
    document = json.loads(best.read_text(encoding="utf-8"))
    outcome.reported = float(document["metrics"][document["optimize"]]["value"])
    outcome.macs = int(document["metrics"]["macs"]["value"])
    verify(outcome, kind, experiment, document)
    return outcome


def verify(outcome: Outcome, kind: Kind, experiment: Path, document: dict[str, Any]) -> None:
    """Adds what `verify.py` finds."""
    files = (experiment / "tmp" / f"best_model{ending}" for ending in (".keras", ".weights.h5"))
    script = experiment / document["script"]
    command = [sys.executable, str(HERE / "verify.py"), str(script), *map(str, files), kind.value]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"RUN_SEED": str(SEED)},
    )
    if done.returncode:
        outcome.message = last_lines(done.stderr)
        return
    found = json.loads(done.stdout.splitlines()[-1])
    outcome.verified, outcome.graph_macs = found["value"], found["macs"]
    outcome.source = found["source"]


def last_lines(text: str) -> str:
    """The end of an output, on one line."""
    return " | ".join(text.strip().splitlines()[-3:])[:600]


def row(outcome: Outcome) -> str:
    """One line of the table."""
    answers = (outcome.runs, outcome.same_value, outcome.same_macs)
    marks = "  ".join(f"{'yes' if answer else 'NO':<5}" for answer in answers)
    text = f"{outcome.script:<26}  {marks}  {outcome.source:<7}  {outcome.seconds:5.0f} s"
    if not outcome.good:
        text += (
            f"  value {outcome.reported:.6g} and {outcome.verified:.6g}, "
            f"MACs {outcome.macs} and {outcome.graph_macs}  {outcome.message}"
        )
    return text


def main(arguments: list[str] | None = None) -> int:
    """Runs all scripts; 0 if every answer is yes."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--only", nargs="+", choices=sorted(KINDS), default=sorted(KINDS))
    parser.add_argument("--networks", type=int, default=2)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--keep", type=Path, help="keep the experiments in this folder")
    options = parser.parse_args(arguments)
    outcomes = []
    with tempfile.TemporaryDirectory() as scratch:
        print(f"{'script':<26}  runs   value  MACs   loaded   time")
        for name in options.only:
            outcomes.append(
                search(name, KINDS[name], options.keep or Path(scratch), options.networks)
            )
            print(row(outcomes[-1]), flush=True)
    good = sum(outcome.good for outcome in outcomes)
    print(f"{good} of {len(outcomes)}")
    if options.out:
        options.out.write_text(
            json.dumps([asdict(outcome) for outcome in outcomes], indent=1) + "\n"
        )
    return 0 if good == len(outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())

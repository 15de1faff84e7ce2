"""The way of a newcomer to a first answer and a first plot: HyperPower, Optuna, KerasTuner.

    .venv/bin/python benchmarks/newcomer/run.py [--only NAME ...] [--out FOLDER]

All begin with `scripts/start.py` and search the same space for the same number of networks under
the same bound on the inference time. What a user types is run; `scripts/` holds what is written.
Optuna, KerasTuner and Plotly are installed in .venv-newcomer, which uses the TensorFlow of .venv.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SCRIPTS = HERE / "scripts"
VENV = ROOT / ".venv-newcomer"
PACKAGES = ("optuna==5.0.0", "plotly==7.1.0", "keras-tuner==1.4.8")
#: Seconds between two looks for the plot.
LOOK_S = 0.5
#: Of all, the whole search with its plot.
LIMIT_S = 3600.0


@dataclass(frozen=True, slots=True)
class Way:
    """What a newcomer does with one tool.

    Attributes:
        name: The tool.
        script: The file that the user writes, in `scripts/`.
        place: Where it is saved.
        commands: What the user types, in order, in the same shell.
        here: What runs instead of `commands`, as the environment is there: words.
        answer: Matches the line about the first network under the budget.
        plot: The file of the plot of error against time.
        point: Matches its text once there is a point in it.
        over: Matches the line about a network that is over the budget.
    """

    name: str
    script: str
    place: str
    commands: tuple[str, ...]
    here: tuple[tuple[str, ...], ...]
    answer: str
    plot: str
    point: str
    over: str = "over the budget, not trained"


_SEARCH = (
    "./run_tool.sh --experiment experiments/mine --optimize error "
    "--constraint runtime --constraint_val 14us --max_finished_jobs 10"
)
_INSTALL = "pip install tensorflow-cpu scikit-learn plotly"
_PYTHON = str(VENV / "bin" / "python")
WAYS = (
    Way(
        "HyperPower",
        "network_def.py",
        "hyperpower/experiments/mine/keras_model/network_def.py",
        ("git clone URL hyperpower", "cd hyperpower", _SEARCH),
        (
            ("git", "-c", "advice.detachedHead=false", "clone", "-q", str(ROOT), "hyperpower"),
            ("ln", "-s", str((ROOT / ".venv").resolve()), "hyperpower/.venv"),
            ("bash", "-c", f"cd hyperpower && {_SEARCH}"),
        ),
        r"^job \d+: error .*: best so far$",
        "hyperpower/experiments/mine/tmp/report.html",
        r'"values":\{"error":\d',
    ),
    Way(
        "Optuna",
        "optuna_search.py",
        "optuna_search.py",
        ("python3 -m venv venv", f"venv/bin/{_INSTALL} optuna", "venv/bin/python optuna_search.py"),
        ((_PYTHON, "-u", "optuna_search.py"),),
        r"^trial \d+: error ",
        "error_against_time.html",
        r'"mode":"markers"',
    ),
    Way(
        "KerasTuner",
        "keras_tuner_search.py",
        "keras_tuner_search.py",
        (
            "python3 -m venv venv",
            f"venv/bin/{_INSTALL} keras-tuner",
            "venv/bin/python keras_tuner_search.py",
        ),
        ((_PYTHON, "-u", "keras_tuner_search.py"),),
        r"^trial \d+: error ",
        "error_against_time.html",
        r'"mode":"markers"',
    ),
)


@dataclass(slots=True)
class Walk:
    """How one way went; seconds since its first command, installation not included.

    Attributes:
        lines: Lines that the user writes or changes.
        commands: Commands that the user types.
        answer_s: When the first network under the budget was known; None = never.
        plot_s: When its first plot was there.
        end_s: When all networks were done.
        over: How many networks were over the budget.
        status: Exit status.
        loads: Load average of the machine before and after.
    """

    name: str
    lines: int
    commands: int
    answer_s: float | None = None
    plot_s: float | None = None
    end_s: float = 0.0
    over: int = 0
    status: int = 0
    loads: tuple[float, float] = (0.0, 0.0)
    output: list[str] = field(default_factory=list)


def written(start: str, script: str) -> int:
    """Lines of a script that its start does not have; indentation, comments, blank lines aside."""

    def code(text: str) -> Counter[str]:
        lines = (line.strip() for line in text.splitlines())
        return Counter(line for line in lines if line and not line.startswith("#"))

    return (code(script) - code(start)).total()


def install() -> None:
    """Makes .venv-newcomer if it is not there."""
    stamp, wanted = VENV / ".installed", " ".join(PACKAGES)
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    shutil.rmtree(VENV, ignore_errors=True)
    print(f"installing {wanted} into {VENV.name}", flush=True)
    subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
    [packages] = VENV.glob("lib/python*/site-packages")
    [of_tool] = (ROOT / ".venv").resolve().glob("lib/python*/site-packages")
    (packages / "tensorflow_of_hyperpower.pth").write_text(f"{of_tool}\n")
    pip = [str(VENV / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *PACKAGES], check=True)
    stamp.write_text(wanted)


def walk(way: Way, folder: Path) -> Walk:
    """Goes one way in an empty folder."""
    start, script = ((SCRIPTS / name).read_text() for name in ("start.py", way.script))
    found = Walk(way.name, written(start, script), len(way.commands))
    load = os.getloadavg()[0]
    began = time.monotonic()
    watch = threading.Thread(
        target=_watch, args=(folder / way.plot, way.point, began, found), daemon=True
    )
    watch.start()
    *before, last = way.here
    for command in before:
        subprocess.run(command, cwd=folder, check=True)
    place = folder / way.place
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(script)
    with subprocess.Popen(
        last, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as child:
        assert child.stdout is not None
        _follow(child.stdout, way, began, found)
    found.status = child.returncode
    found.end_s = time.monotonic() - began
    found.loads = (load, os.getloadavg()[0])
    watch.join(2 * LOOK_S)
    return found


def _follow(output: IO[str], way: Way, began: float, found: Walk) -> None:
    for line in output:
        text = line.rstrip("\n")
        found.output.append(text)
        if found.answer_s is None and re.search(way.answer, text):
            found.answer_s = time.monotonic() - began
        found.over += way.over in text


def _watch(plot: Path, point: str, began: float, found: Walk) -> None:
    while time.monotonic() < began + LIMIT_S:
        if plot.is_file() and re.search(point, plot.read_text()):
            found.plot_s = time.monotonic() - began
            return
        time.sleep(LOOK_S)


def table(walks: list[Walk]) -> str:
    """The results as Markdown."""

    def minutes(seconds: float | None) -> str:
        return "none" if seconds is None else f"{seconds / 60:.1f}"

    rows = [
        ("commands typed", [str(walk.commands) for walk in walks]),
        ("lines written or changed", [str(walk.lines) for walk in walks]),
        ("minutes to a first network under the budget", [minutes(w.answer_s) for w in walks]),
        ("minutes to a first plot of error against time", [minutes(w.plot_s) for w in walks]),
        ("minutes to the best of 10 networks", [minutes(w.end_s) for w in walks]),
        ("networks over the budget, not trained", [str(walk.over) for walk in walks]),
        ("load average before and after", ["{:.0f}, {:.0f}".format(*w.loads) for w in walks]),
    ]
    head = ["", *(walk.name for walk in walks)]
    lines = [head, ["---"] * len(head), *([name, *cells] for name, cells in rows)]
    return "\n".join(f"| {' | '.join(line)} |".replace("|  |", "| |") for line in lines)


def main() -> int:
    parser = argparse.ArgumentParser(description="Goes a newcomer's way with three tools.")
    parser.add_argument("--only", nargs="+", choices=[way.name for way in WAYS])
    parser.add_argument("--out", type=Path, help="folder for results.json and what was printed")
    given = parser.parse_args()
    install()
    print(f"{platform.machine()}, {os.cpu_count()} cores", flush=True)
    walks = []
    for way in WAYS:
        if given.only and way.name not in given.only:
            continue
        with tempfile.TemporaryDirectory() as scratch:
            found = walk(way, Path(scratch))
        print(f"{way.name}: status {found.status}, {found.end_s:.0f} s", flush=True)
        walks.append(found)
        if given.out is not None:
            given.out.mkdir(parents=True, exist_ok=True)
            (given.out / f"{way.name}.txt").write_text("\n".join(found.output) + "\n")
    print(table(walks))
    if given.out is not None:
        document = [{k: v for k, v in asdict(walk).items() if k != "output"} for walk in walks]
        (given.out / "results.json").write_text(json.dumps(document, indent=1) + "\n")
    return 0 if all(walk.status == 0 and walk.answer_s for walk in walks) else 1


if __name__ == "__main__":
    sys.exit(main())

"""HyperPower beside Optuna on networks that are really trained, each for the same time.

    python benchmarks/paper/live.py --seconds 900 [--share 15] [--seeds 3] [--environment DIR]

Searches experiments/digits under a budget on its runtime: the one that `--share` percent of random
networks meet on this machine, found anew for each seed, because a shared machine can be several
times slower on another day (`--bound` sets it, in seconds per image). HyperPower is started as a
user starts it; a peer gets each network evaluated by the same code, in a process that is forked
from one with the same modules, with the gate and without. Appends a line per search to
results/live.jsonl, skips those that are there, and prints the tables; `--seeds 0` only prints.

With `--methods hw_ieci hw_cwei random_search random_walk`, it runs the paper's comparison: each of
its methods as HyperPower and unaware of the budget (`gener_experiment.py --method M [--unaware]`).
"""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.optimiser import run as optimiser  # noqa: E402
from benchmarks.optimiser.peers import ALL  # noqa: E402
from benchmarks.paper import live_report, live_trial  # noqa: E402
from benchmarks.paper.live_peer import space  # noqa: E402
from hwsearch.experiment import Experiment  # noqa: E402
from hwsearch.template import Template  # noqa: E402
from spearmint.database import connect  # noqa: E402

RESULTS = HERE / "results" / "live.jsonl"
TEMPLATE = ROOT / "experiments" / "digits" / "keras_model"
#: HyperPower's methods with their flags of gener_experiment.py.
OURS = {"hyperpower": [], "hyperpower_freeze_thaw": ["--stop", "freeze-thaw"]}
#: The paper's methods; each also runs unaware of the budget.
PAPER = {method: ["--method", method] for method in live_report.PAPER}
#: What is compared if nothing else is asked for.
METHODS = (*OURS, "optuna_tpe", "optuna_gp")
#: Method, level and seed.
Key = tuple[str, str, int]
#: An error in % that counts for a training that gave none, until there is a worse one.
GUESS = 90.0


def folder_of(place: Path) -> Path:
    """A new experiment with the template."""
    shutil.copytree(TEMPLATE, place / "keras_model", ignore=shutil.ignore_patterns("__pycache__"))
    return place


def calibrated(share: float, place: Path) -> float:
    """The runtime, in seconds per image, that this percentage of random networks meets."""
    command = [sys.executable, str(ROOT / "hyperpower.py"), "--calibrate", str(folder_of(place))]
    command += ["--metrics", "runtime", "--share", str(share), "--plain"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return float(json.loads(done.stdout)["runtime"]["bound"])


def hyperpower(
    place: Path, flags: Sequence[str], seed: int, bound: float, args: argparse.Namespace
) -> list[dict[str, Any]]:
    """The networks of a search by gener_experiment.py that ended in time."""
    command = [sys.executable, str(ROOT / "gener_experiment.py"), "--plain"]
    command += ["--experiment", str(folder_of(place)), "--optimize", "error", "--seed", str(seed)]
    command += ["--constraint", "runtime", "--constraint_val", repr(bound)]
    command += ["--database", f"sqlite:{place / 'live.sqlite'}"]
    command += ["--max_time", f"{args.seconds:g}", *flags]
    command += ["--epochs", str(args.epochs)] if args.epochs else []
    command += ["--max_finished_jobs", str(args.networks)] if args.networks else []
    start = time.time()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    settings = Experiment(place).load_settings()
    found = []
    with connect(settings.database, "") as database:
        for job in database.jobs(settings.experiment_name):
            end_s = float(job.get("end time") or math.inf) - start
            if job["status"] == "complete" and end_s <= args.seconds:
                found.append(trial(end_s, job["values"], bound))
    return sorted(found, key=lambda one: one["end_s"])


def trial(end_s: float, values: Mapping[str, float | None], bound: float) -> dict[str, Any]:
    """What is kept of one network; `error` is None if it was not trained or has diverged."""
    left = values["runtime"]
    error = values["error"]
    known = error is not None and math.isfinite(error)
    runtime_s = None if left is None or math.isnan(left) else bound - left
    return {
        "end_s": round(end_s, 2),
        "error": round(error, 4) if known else None,
        "runtime_s": runtime_s,
        "within": runtime_s is not None and runtime_s <= bound,
    }


@contextmanager
def asking(method: str, seed: int, place: Path, python: Path) -> Iterator[subprocess.Popen[str]]:
    """The process of an optimiser, which answers over its pipes."""
    variables = Template.from_file(TEMPLATE / "network_def.py").variables()
    file = place / "space.json"
    file.write_text(json.dumps(variables), encoding="utf-8")
    command = [python, "-W", "ignore", HERE / "live_peer.py", method, str(seed), file]
    environment = {**os.environ, **dict.fromkeys(optimiser.THREADS, "1")}
    with subprocess.Popen(
        [str(part) for part in command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


def peer(
    place: Path,
    key: Key,
    python: Path,
    bound: float,
    args: argparse.Namespace,
) -> list[dict[str, Any]]:
    """The networks of a search by another optimiser that ended in time."""
    start = time.monotonic()
    method, level, seed = key
    live_trial.prepare(folder_of(place), bound, seed, args.epochs, gated=level == "gate")
    variables = Template.from_file(TEMPLATE / "network_def.py").variables()
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(live_trial.PRELOADED)
    found: list[dict[str, Any]] = []
    with asking(method, seed, place, python) as process:
        assert process.stdin
        assert process.stdout
        while len(found) != args.networks:
            print(json.dumps(["ask"]), file=process.stdin, flush=True)
            params = space(variables).params(json.loads(process.stdout.readline()))
            left_s = args.seconds - (time.monotonic() - start)
            values = _evaluated(context, place, len(found) + 1, params, left_s)
            if values is None:
                break
            found.append(trial(time.monotonic() - start, values, bound))
            results = {"objective": found[-1]["error"], "runtime": values["runtime"]}
            if results["objective"] is None:  # as in peer_search.py
                known = [one["error"] for one in found if one["error"] is not None]
                results["objective"] = max(known, default=GUESS)
            print(json.dumps(["tell", results]), file=process.stdin, flush=True)
    return found


def _evaluated(
    context: Any, place: Path, number: int, params: Mapping[str, Any], left_s: float
) -> dict[str, Any] | None:
    """The values of one network; None if the time is up before its end."""
    if left_s <= 0:
        return None
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=live_trial.evaluate, args=(place, number, params, sender))
    process.start()
    sender.close()
    values = None
    if receiver.poll(left_s):
        values = receiver.recv()
        if isinstance(values, str):
            raise RuntimeError(f"network {number}: {values}")
    else:
        process.terminate()
    process.join()
    return values


def search(key: Key, python: Path, bound: float, args: argparse.Namespace) -> dict[str, Any]:
    """One search under a bound."""
    method, level, seed = key
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="live-") as scratch:
        place = Path(scratch, "digits")
        if method in OURS | PAPER:
            flags = ["--unaware"] if level == live_report.UNAWARE else []
            trials = hyperpower(place, [*(OURS | PAPER)[method], *flags], seed, bound, args)
        else:
            trials = peer(place, key, python, bound, args)
    limits = {"bound": bound, "seconds": args.seconds, "epochs": args.epochs}
    return {"method": method, "level": level, "seed": seed, **limits, "load": load} | {
        "trials": trials
    }


def wanted(methods: Sequence[str], seeds: int) -> list[Key]:
    """The searches; seeds outermost: stopped early, all methods have about as many."""
    levels = dict.fromkeys(ALL, ("gate", "all")) | dict.fromkeys(OURS, ("gate",))
    levels |= dict.fromkeys(PAPER, ("gate", live_report.UNAWARE))
    return [
        (method, level, seed)
        for seed in range(1, seeds + 1)
        for method in methods
        for level in levels[method]
    ]


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="HyperPower beside Optuna, live.")
    known = [*OURS, *PAPER, *ALL]
    parser.add_argument("--seconds", type=float, default=900, help="of each search (default: 900)")
    parser.add_argument("--share", type=float, default=15, help="%% of networks within the budget")
    parser.add_argument("--bound", type=float, help="the budget itself, in seconds per image")
    parser.add_argument("--epochs", type=int, help="per training (default: the template's 15)")
    parser.add_argument("--methods", nargs="+", choices=known, default=METHODS, metavar="M")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--networks", type=int, help="end each search after so many, for a trial")
    parser.add_argument("--environment", type=Path, default=optimiser.HERE / ".venv")
    parser.add_argument("--results", type=Path, default=RESULTS)
    args = parser.parse_args(arguments)
    for run in live_report.read(args.results).values():
        for name in ("bound", "seconds", "epochs"):
            is_open = name == "bound" and args.bound is None
            if not is_open and getattr(args, name) != run[name]:
                got, expected = getattr(args, name), run[name]
                parser.error(f"--{name}: got {got}; expected {expected}, as in {args.results}")
    return args


def bound_of(key: Key, runs: live_report.Runs, args: argparse.Namespace) -> float:
    """The bound of a search: that of the searches it is compared with, or a new one.

    Those are the ones with its seed, of the paper's methods or of all others.
    """
    for (method, _, seed), run in runs.items():
        if seed == key[2] and (method in PAPER) == (key[0] in PAPER):
            return float(run["bound"])
    if args.bound is not None:
        return float(args.bound)
    with tempfile.TemporaryDirectory(prefix="live-") as scratch:
        return calibrated(args.share, Path(scratch, "digits"))


def main(arguments: list[str] | None = None) -> int:
    """Runs what is missing and prints the tables."""
    args = parse(arguments)
    args.results.parent.mkdir(parents=True, exist_ok=True)
    runs = live_report.read(args.results)
    for key in wanted(args.methods, args.seeds):
        if key in runs:
            continue
        bound = bound_of(key, runs, args)
        python = Path(sys.executable)
        if key[0] in ALL and ALL[key[0]][2]:
            python = optimiser.peers_python(args.environment)
        runs[key] = run = search(key, python, bound, args)
        with args.results.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(run) + "\n")
        print(*key, f"{len(run['trials'])} networks", file=sys.stderr, flush=True)
    print("\n".join(live_report.tables(live_report.read(args.results))))
    return 0


if __name__ == "__main__":
    sys.exit(main())

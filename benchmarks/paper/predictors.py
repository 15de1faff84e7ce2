"""How well hardware models predict networks that they have not seen, by the number of profiles.

    .venv/bin/python benchmarks/paper/predictors.py --networks 120 --folder /tmp/predictors
    .venv/bin/python benchmarks/paper/predictors.py --table nb101_gpu_energy.npz

    .venv/bin/python benchmarks/paper/predictors.py --folder DIR --others DIR
    .venv/bin/python benchmarks/paper/predictors.py --folder DIR --designs

The first command profiles networks of the digits template on this machine (it continues where it
was stopped), the second one takes a table of NAS-Bench-101 networks. The third one predicts the
networks of one experiment with the help of those of another template. With --designs, the networks
to profile are chosen by their features, as `--profile` chooses them, beside random ones. Prints
tables in Markdown.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.paper import nasbench101  # noqa: E402
from hwsearch.experiment import Experiment  # noqa: E402
from hwsearch.predicting import LEAST  # noqa: E402
from hwsearch.predicting.arrays import known_errors  # noqa: E402
from hwsearch.predicting.design import most_informative  # noqa: E402
from hwsearch.predicting.features import (  # noqa: E402
    Structure,
    features_for,
    memory_features,
    power_features,
)
from hwsearch.predicting.predictor import Predictor  # noqa: E402
from hwsearch.predicting.records import repeatability, samples_of  # noqa: E402
from hwsearch.predicting.selection import MODELS, rmspe  # noqa: E402
from hwsearch.predicting.store import Store  # noqa: E402
from hwsearch.predicting.transfer import Others  # noqa: E402

COUNTS = (10, 20, 50, 100)
FEW = (0, 1, 2, 3, 5, 10)
#: Numbers of networks to choose, and candidates for each; at most this part of all networks.
CHOSEN, CANDIDATES, MOST_CANDIDATES = (10, 14, 20), 4, 0.65
#: At least so many networks are predicted, and at most so many.
LEAST_TESTED, MOST_TESTED = 20, 1000
LEVEL = 0.9


class Profiles(NamedTuple):
    """Features, shape (n, F), costs and their relative standard errors of n networks."""

    features: np.ndarray
    costs: np.ndarray
    errors: np.ndarray


class Outcome(NamedTuple):
    """How well a model predicts other networks.

    Attributes:
        error: RMSPE in %.
        inside: Percentage of costs in the interval.
        half: Half of the interval's width in %, the mean.
        model: The model.
    """

    error: float
    inside: float
    half: float
    model: Predictor


def outcome(
    profiles: Profiles, known: np.ndarray, new: np.ndarray, others: Others | None = None
) -> Outcome:
    """Predicts networks, the rows `new`, by a model of the rows `known`."""
    features, costs, errors = (column[known] for column in profiles)
    model = Predictor.fit(features, costs, errors, others)
    features, costs = profiles.features[new], profiles.costs[new]
    low, high = model.interval(features, LEVEL)
    return Outcome(
        rmspe(model.predict(features)[0], costs),
        100 * float(np.mean((low <= costs) & (costs <= high))),
        100 * float(np.mean(np.sqrt(high / low) - 1)),
        model,
    )


def compare(
    metric: str, structures: Sequence[Structure], costs: np.ndarray, errors: np.ndarray, tries: int
) -> list[str]:
    """Rows of a table: RMSPE by number of profiles, means of several random choices."""
    features = features_for(metric, structures)
    profiles = Profiles(features, costs, errors)
    rows = []
    for count in COUNTS:
        if len(costs) < count + LEAST_TESTED:
            break
        found: dict[str, list[float]] = {name: [] for name in (*MODELS, "chosen", "cover")}
        for seed in range(tries):
            order = np.random.default_rng(seed).permutation(len(costs))
            known, new = order[:count], order[count : count + MOST_TESTED]
            given, _ = known_errors(errors[known])
            with threadpool_limits(1, "blas"):
                for name, fit in MODELS.items():
                    model = fit(features[known], costs[known], given)
                    found[name].append(rmspe(model.predict(features[new]), costs[new]))
            chosen = outcome(profiles, known, new)
            found["chosen"].append(chosen.error)
            found["cover"].append(chosen.inside)
        cells = [f"{np.mean(values):.1f}" for values in found.values()]
        rows.append(f"| {metric} | {count} | {' | '.join(cells)} |")
    return rows


def compare_designs(
    metric: str, structures: Sequence[Structure], costs: np.ndarray, errors: np.ndarray, tries: int
) -> list[str]:
    """Rows of a table: random networks, and those chosen by their features, predict others."""
    features = features_for(metric, structures)
    profiles = Profiles(features, costs, errors)
    tables = power_features(structures), memory_features(structures)
    rows = []
    for count in CHOSEN:
        candidates = min(CANDIDATES * count, int(MOST_CANDIDATES * len(costs)))
        if candidates < 1.5 * count:
            break
        found: dict[str, list[tuple[float, ...]]] = {"random": [], "chosen": []}
        for seed in range(tries):
            order = np.random.default_rng(seed).permutation(len(costs))
            pool, new = order[:candidates], order[candidates : candidates + MOST_TESTED]
            best = most_informative([table[pool] for table in tables], count)
            for name, known in (("random", pool[:count]), ("chosen", pool[best])):
                error, inside, half, model = outcome(profiles, known, new)
                expected = model.expected_error(features[pool])
                found[name].append((error, model.error, expected, inside, half))
        for name, values in found.items():
            worst = np.quantile([one[0] for one in values], 0.9)
            error, *rest = np.mean(values, axis=0)
            cells = [f"{value:.1f}" for value in (error, worst, *rest)]
            rows.append(f"| {metric} | {count} | {name} | {' | '.join(cells)} |")
    return rows


def designs_heading() -> list[str]:
    names = ["RMSPE", "nine tenths below", "in cross-validation", "expected"]
    names += [f"in the {LEVEL:.0%} interval", "half of its width, %"]
    return [
        f"| metric | profiles | networks | {' | '.join(names)} |",
        f"| --- | --- | --- | {' | '.join('---' for _ in names)} |",
    ]


def heading() -> list[str]:
    names = [*MODELS, "chosen", f"in the {LEVEL:.0%} interval"]
    return [
        f"| metric | profiles | {' | '.join(names)} |",
        f"| --- | --- | {' | '.join('---' for _ in names)} |",
    ]


def of_folder(folder: Path, networks: int, tries: int, *, designs: bool) -> list[str]:
    """Profiles networks of the digits template, and compares models or choices of networks."""
    experiment = Experiment(folder)
    if not experiment.template.exists():
        experiment.template.parent.mkdir(parents=True)
        shutil.copy(ROOT / "experiments/digits/keras_model/network_def.py", experiment.template)
    command = [sys.executable, str(ROOT / "gener_experiment.py"), "--experiment", str(folder)]
    if networks:
        subprocess.run([*command, "--profile", str(networks)], check=True)
    records = Store(experiment.hardware).records()
    platforms = {record.platform for record in records}
    if len(platforms) != 1:
        sys.exit(f"{folder}: got profiles of {len(platforms)} platforms; expected one")
    lines = [f"{len(records)} profiles on {platforms.pop()}", ""]
    lines += designs_heading() if designs else heading()
    rows = compare_designs if designs else compare
    repeated = []
    for metric in sorted({name for one in records for name in one.quantities}):
        samples = samples_of(records, metric)
        costs, errors = np.array(samples.costs), np.array(samples.errors)
        lines += rows(metric, samples.structures, costs, errors, tries)
        repeated.append(f"{metric} {repeatability(records, metric):.1f} %")
    return [*lines, "", f"Two profiles of one network differ by: {', '.join(repeated)}"]


def of_templates(folder: Path, others: Path, tries: int) -> list[str]:
    """Predicts networks from a few of their template and all of another one."""
    lines = [
        "| metric | own profiles | own networks alone | with the others | in the interval |",
        "| --- | --- | --- | --- | --- |",
    ]
    own, other = (Store(Experiment(place).hardware).records() for place in (folder, others))
    for metric in sorted({name for one in own for name in one.quantities}):
        mine, theirs = samples_of(own, metric), samples_of(other, metric)
        features, costs = features_for(metric, mine.structures), np.array(mine.costs)
        profiles = Profiles(features, costs, np.array(mine.errors))
        theirs_errors = known_errors(np.array(theirs.errors))[0]
        prior = Others(
            features_for(metric, theirs.structures), np.array(theirs.costs), theirs_errors
        )
        for count in FEW:
            alone, both, cover = [], [], []
            for seed in range(tries):
                order = np.random.default_rng(seed).permutation(len(costs))
                known, new = order[:count], order[count:]
                if count >= LEAST:
                    alone.append(outcome(profiles, known, new).error)
                helped = outcome(profiles, known, new, prior)
                both.append(helped.error)
                cover.append(helped.inside)
            first = f"{np.mean(alone):.1f}" if alone else "-"
            lines.append(
                f"| {metric} | {count} | {first} | {np.mean(both):.1f} | {np.mean(cover):.1f} |"
            )
    return lines


def of_table(path: Path, tries: int, *, designs: bool) -> list[str]:
    """The same on the energy of NAS-Bench-101 networks."""
    structures, costs = nasbench101.table(path)
    rows, first = (compare_designs, designs_heading) if designs else (compare, heading)
    lines = rows("energy", structures, costs, np.full(len(costs), np.nan), tries)
    return [f"{path.name}: {len(costs)} networks", "", *first(), *lines]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--folder", type=Path, help="of the profiles on this machine")
    parser.add_argument("--networks", type=int, default=0, help="to profile before (0: none)")
    parser.add_argument("--others", type=Path, help="an experiment with another template")
    parser.add_argument("--table", type=Path, help="nb101_gpu_energy.npz of EC-NAS")
    parser.add_argument("--designs", action="store_true", help="compare choices of the networks")
    parser.add_argument("--tries", type=int, default=10, help="random choices of the profiles")
    flags = parser.parse_args()
    if flags.folder is None and flags.table is None:
        parser.error("expected --folder or --table")
    if flags.others is not None:
        print("\n".join(of_templates(flags.folder, flags.others, flags.tries)), flush=True)
    elif flags.folder is not None:
        lines = of_folder(flags.folder, flags.networks, flags.tries, designs=flags.designs)
        print("\n".join(lines), flush=True)
    if flags.table is not None:
        lines = of_table(flags.table, flags.tries, designs=flags.designs)
        print("\n".join(lines), flush=True)


if __name__ == "__main__":
    main()

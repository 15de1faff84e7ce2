"""Conditional variables: `when` beside the same space without it, Optuna's TPE and random search.

    benchmarks/optimiser/.venv/bin/python benchmarks/optimiser/conditional.py [--seeds 10]

The function imitates a dense network of one to three layers under a budget of parameters: units,
dropout and activation of layer 2 matter only if there are two layers or more, those of layer 3 if
there are three, and momentum only with SGD. It has no noise. The optimum is found by
enumeration: the error is a sum in which only the units share the budget. Prints a table.
"""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from collections.abc import Callable, Mapping
from functools import cache
from itertools import pairwise
from math import inf, log2, log10
from pathlib import Path
from typing import Any

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import numpy as np  # noqa: E402

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from spearmint import choosers  # noqa: E402

MOST_LAYERS = 3
INPUTS, CLASSES = 64, 10
#: Budget in parameters.
BUDGET = 14_000
LEAST_UNITS, MOST_UNITS = 8, 256
#: Per layer: the best units and dropout, and the error with fewer layers.
WIDTHS, DROPOUTS = (128, 64, 40), (0.2, 0.35, 0.1)
SHALLOW = (1.6, 0.4, 0.0)
#: The decimal logarithm of the best rate of each optimizer, and its error there.
OPTIMIZERS = {"sgd": (-1.8, 0.6), "adam": (-3.0, 0.3)}
#: Regrets below this count as this in geometric means.
SOLVED = 1e-3
AFTER = (20, 30, 50)

Values = Mapping[str, Any]


def variables(*, conditions: bool) -> dict[str, dict[str, Any]]:
    """The variables of config.json, with or without `when`."""
    found: dict[str, dict[str, Any]] = {
        "layers": {"type": "INT", "min": 1, "max": MOST_LAYERS},
        "rate": {"type": "FLOAT", "min": 1e-5, "max": 0.1, "log": True},
        "optimizer": {"type": "ENUM", "options": list(OPTIMIZERS)},
        "momentum": {"type": "FLOAT", "min": 0, "max": 0.99, "when": {"optimizer": "sgd"}},
    }
    for layer in range(1, MOST_LAYERS + 1):
        units = {"type": "INT", "min": LEAST_UNITS, "max": MOST_UNITS, "log": True}
        of_layer = {
            f"units_{layer}": units,
            f"dropout_{layer}": {"type": "FLOAT", "min": 0, "max": 0.6},
            f"activation_{layer}": {"type": "ENUM", "options": ["relu", "tanh", "sigmoid"]},
        }
        for variable in of_layer.values():
            if layer > 1:
                variable["when"] = {"layers": list(range(layer, MOST_LAYERS + 1))}
        found |= of_layer
    if not conditions:
        for variable in found.values():
            variable.pop("when", None)
    return found


def parameters(units: list[int]) -> int:
    """Number of parameters of a network with these units."""
    sizes = [INPUTS, *units, CLASSES]
    return sum((a + 1) * b for a, b in pairwise(sizes))


def of_units(layer: int, units: float) -> float:
    """The error that is due to the units of a layer, counted from 0."""
    return 0.8 * log2(units / WIDTHS[layer]) ** 2 / (2 + layer)


def evaluate(x: Values) -> tuple[float, int]:
    """The error and the number of parameters; reads only what matters."""
    best, error = OPTIMIZERS[x["optimizer"]]
    distance = (log10(x["rate"]) - best) ** 2
    error += 3.0 + 2.0 * distance / (1.0 + 0.2 * distance) + SHALLOW[x["layers"] - 1]
    if x["optimizer"] == "sgd":
        error += 3.0 * (x["momentum"] - 0.9) ** 2
    units = [x[f"units_{layer + 1}"] for layer in range(x["layers"])]
    for layer, count in enumerate(units):
        error += of_units(layer, count)
        error += 4.0 * (x[f"dropout_{layer + 1}"] - DROPOUTS[layer]) ** 2
        error += {"relu": 0.0, "tanh": 0.3, "sigmoid": 0.8}[x[f"activation_{layer + 1}"]]
    return error, parameters(units)


@cache
def optimum() -> float:
    """The lowest error within the budget."""
    numbers = np.arange(LEAST_UNITS, MOST_UNITS + 1)
    costs = [np.array([of_units(layer, n) for n in numbers]) for layer in range(MOST_LAYERS)]
    least = inf
    for layers in range(1, MOST_LAYERS + 1):
        rest = np.meshgrid(*[numbers] * (layers - 1), indexing="ij")
        others = np.array(sum(np.meshgrid(*costs[1:layers], indexing="ij"), 0.0))
        for first, cost in zip(numbers.tolist(), costs[0].tolist(), strict=True):
            within = np.asarray(parameters([first, *rest])) <= BUDGET  # type: ignore[list-item]
            if within.any():
                total = np.min(np.where(within, others, inf)) + cost + SHALLOW[layers - 1]
                least = min(least, float(total))
    return least + 3.0 + min(error for _, error in OPTIMIZERS.values())


def ours(seed: int, evaluations: int, *, conditions: bool, chooser: str) -> list[Values]:
    """The values that a chooser suggests, one after the other."""
    tasks = {
        "error": {"type": "OBJECTIVE", "likelihood": "NOISELESS"},
        "parameters": {"type": "CONSTRAINT", "likelihood": "NOISELESS"},
    }
    document = {"variables": variables(conditions=conditions), "tasks": tasks, "chooser": chooser}
    peer = choosers.create(document, seed)
    points: list[Values] = []
    jobs: list[dict[str, Any]] = []
    for number in range(1, evaluations + 1):
        params = peer.suggest(jobs)
        points.append({name: param["values"][0] for name, param in params.items()})
        error, count = evaluate(points[-1])
        values = {"error": error, "parameters": BUDGET - count}
        jobs.append({"id": number, "params": params, "status": "complete", "values": values})
    return points


def tpe(seed: int, evaluations: int, **settings: Any) -> list[Values]:
    """The values that Optuna's TPE suggests; it asks only for what matters."""
    import optuna  # only in the peers' environment

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")  # experimental and deprecated arguments
    sampler = optuna.samplers.TPESampler(
        seed=seed, constraints_func=lambda trial: trial.user_attrs["constraints"], **settings
    )
    study = optuna.create_study(sampler=sampler)
    space = variables(conditions=True)
    points: list[Values] = []
    for _ in range(evaluations):
        trial = study.ask()
        x: dict[str, Any] = {}
        for name, variable in space.items():
            if all(x.get(other) in _listed(v) for other, v in variable.get("when", {}).items()):
                x[name] = _asked(trial, name, variable)
        error, count = evaluate(x)
        trial.set_user_attr("constraints", [count - BUDGET])
        study.tell(trial, error)
        points.append(x)
    return points


def _listed(values: Any) -> list[Any]:
    return values if isinstance(values, list) else [values]


def _asked(trial: Any, name: str, variable: Mapping[str, Any]) -> Any:
    if variable["type"] == "ENUM":
        return trial.suggest_categorical(name, variable["options"])
    suggest = trial.suggest_int if variable["type"] == "INT" else trial.suggest_float
    return suggest(name, variable["min"], variable["max"], log=variable.get("log", False))


PEERS: dict[str, Callable[[int, int], list[Values]]] = {
    "ours": lambda s, n: ours(s, n, conditions=True, chooser="default_chooser"),
    "ours without `when`": lambda s, n: ours(s, n, conditions=False, chooser="default_chooser"),
    "optuna_tpe": tpe,
    "optuna_tpe, multivariate and grouped": lambda s, n: tpe(s, n, multivariate=True, group=True),
    "random": lambda s, n: ours(s, n, conditions=True, chooser="random_search"),
}


def regrets(points: list[Values]) -> list[float]:
    """The regret of the best point within the budget, after each evaluation."""
    found, best = [], inf
    for point in points:
        error, count = evaluate(point)
        best = min(best, error) if count <= BUDGET else best
        found.append(best - optimum())
    return found


def row(peer: str, seeds: int) -> str:
    """A row of the table: medians and quartiles, and the geometric mean at the end."""
    runs = np.array([regrets(PEERS[peer](seed, AFTER[-1])) for seed in range(1, seeds + 1)])
    cells = [peer]
    for count in AFTER:
        low, middle, high = np.quantile(runs[:, count - 1], (0.25, 0.5, 0.75))
        cells.append(f"{middle:.3g} ({low:.2g}-{high:.2g})")
    mean = np.exp(np.mean(np.log(np.maximum(runs[:, -1], SOLVED))))
    return " | ".join([*cells, f"{mean:.3g}"])


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description="Regret in a conditional space.")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=list(PEERS))
    args = parser.parse_args()
    heads = [f"after {count}" for count in AFTER]
    print(f"| peer | {' | '.join(heads)} | geometric mean after {AFTER[-1]} |")
    print("| --- " * (2 + len(AFTER)) + "|")
    for peer in args.peers:
        print(f"| {row(peer, args.seeds)} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""What pausing and ending trainings saves, replayed on tables of whole learning curves.

    .venv/bin/python benchmarks/paper/pausing.py --table taskset12.npz --results /tmp/pausing.jsonl
    .venv/bin/python benchmarks/paper/pausing.py --results /tmp/pausing.jsonl --report

Each run searches the settings of one task: with `off`, every training goes to its end. A rule of
`spearmint.optimiser.pausing` is measured by the epochs that it needs to reach the best value of
`off` with the same seed. `--peers` runs Optuna's samplers and pruners instead, where it is
installed. A run that has a line in the results is not repeated.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.paper.curve_tables import (  # noqa: E402
    DIVERGED,
    SEGMENTS,
    Array,
    Table,
    covered,
    tasks_of,
)
from spearmint.config import Stopping, Task  # noqa: E402
from spearmint.optimiser.acquisition import log_ei  # noqa: E402
from spearmint.optimiser.curves import Curve, CurveModel  # noqa: E402
from spearmint.optimiser.models import fit as fitting  # noqa: E402
from spearmint.optimiser.models.fantasies import condition  # noqa: E402
from spearmint.optimiser.models.task_model import TaskModel  # noqa: E402
from spearmint.optimiser.pausing import Beliefs, decide  # noqa: E402

TASK = Task("loss", objective=True)
#: Size of the initial design.
FIRST = 9
#: A binary classifier that has learnt nothing has this loss: the rule `chance`.
CHANCE = float(np.log(2))
#: A run starts at most so many trainings.
MOST = 300
RULES = ("off", "freeze-thaw", "extrapolate", "chance")
PEERS = ("tpe", "tpe+median", "tpe+hyperband")


class Run:
    """One search: which settings were trained, how far, and what that took.

    Args:
        table: The task.
        rule: One of RULES.
        seed: Of the initial design and the decisions.

    Attributes:
        done: Epochs by setting.
        cost: Epochs in all.
        trace: Each new best final loss, with the epochs until then.
        is_over: Whether nothing is left to train.
    """

    def __init__(self, table: Table, rule: str, seed: int) -> None:
        self.table, self.rule = table, rule
        self.rng = np.random.default_rng(seed)
        self.first = self.rng.permutation(len(table.codes))[:FIRST].tolist()
        self.done: dict[int, int] = {}
        self.ended: set[int] = set()
        self.most = min(MOST, len(table.codes))
        self.is_over = False
        self.cost, self.trace = 0, list[tuple[int, float]]()
        self.fitted: TaskModel | None = None
        self.fitted_to = 0
        chance = CHANCE if rule == "chance" else None
        self.stopping = None if rule == "off" else Stopping(rule, SEGMENTS, chance)

    def until(self, budget: int) -> Run:
        """Searches until so many epochs were trained."""
        while self.cost < budget and not self.is_over:
            self._step()
        return self

    def _step(self) -> None:
        paused = [i for i, done in self.done.items() if done < self.table.epochs]
        paused = [i for i in paused if i not in self.ended]
        if self.stopping is None:
            if len(self.done) < self.most:
                self._train(self._new(), self.table.epochs)
            else:
                self.is_over = True
            return
        if len(self.done) < FIRST and (self.rule == "freeze-thaw" or not paused):
            self._train(self._first(), self.table.stops[0])
            return
        mean, deviation, best = self._posterior()
        new = self._likeliest(mean, deviation, best) if len(self.done) < self.most else None
        if paused:
            done = [i for i in self.done if self.done[i] == self.table.epochs]
            done = [i for i in done if np.isfinite(self._final(i))]
            start = None if new is None else (float(mean[new]), float(deviation[new]))
            beliefs = Beliefs(mean[paused], deviation[paused], mean[done], start)
            decision = decide(self.stopping, TASK.name, [self._job(i) for i in paused], beliefs)
            self.ended |= set(decision.ended)
            if decision.job is not None:
                self._train(decision.job, self._next_stop(decision.job))
                return
        if new is None:
            self.is_over = True
        else:
            self._train(new, self.table.stops[0])

    def _new(self) -> int:
        if len(self.done) < FIRST:
            return self._first()
        return self._likeliest(*self._posterior())

    def _first(self) -> int:
        """The next setting of the initial design."""
        return next(i for i in self.first if i not in self.done)

    def _likeliest(self, mean: Array, deviation: Array, best: float) -> int:
        """The setting that was not tried with the highest expected improvement."""
        base = best if np.isfinite(best) else float(mean[list(self.done)].min())
        gain = log_ei(mean, np.maximum(deviation**2, 1e-12), np.full(1, base))[0]
        untried = np.setdiff1d(np.arange(len(gain)), list(self.done))
        return int(untried[np.argmax(np.nan_to_num(gain[untried], nan=-np.inf))])

    def _next_stop(self, i: int) -> int:
        return next(stop for stop in self.table.stops if stop > self.done[i])

    def _job(self, i: int) -> dict[str, Any]:
        done, epochs = self.done[i], self.table.epochs
        curve = [[e / epochs, float(self.table.losses[i, e])] for e in range(1, done + 1)]
        return {"id": i, "status": "paused", "progress": done / epochs, "curve": curve}

    def _train(self, i: int, until: int) -> None:
        before, losses = self.done.get(i, 0), self.table.losses[i]
        bad = np.flatnonzero(~(np.abs(losses[before + 1 : until + 1]) < DIVERGED))
        if len(bad):
            self.cost += int(bad[0]) + 1
            self.done[i] = self.table.epochs
            return
        self.cost += until - before
        self.done[i] = until
        if until == self.table.epochs and (not self.trace or losses[-1] < self.trace[-1][1]):
            self.trace.append((self.cost, float(losses[-1])))

    def _final(self, i: int) -> float:
        loss = float(self.table.losses[i, -1])
        return loss if abs(loss) < DIVERGED else np.inf

    def _posterior(self) -> tuple[Array, Array, float]:
        """Means and deviations of all settings on the model's scale, and the best finished one."""
        epochs = self.table.epochs
        ids = np.array(list(self.done))
        curves = []
        for i in ids:
            stored = self._job(int(i))["curve"]
            final = self._final(i) if self.done[i] == epochs else None
            curves.append(Curve.of(stored, final))
        good = [c for c in curves if c.final is None or np.isfinite(c.final)]
        foreseen = CurveModel(good, SEGMENTS).forecasts(curves)
        y, interval = np.full(len(ids), np.nan), np.full((len(ids), 2), np.nan)
        for row, (curve, found) in enumerate(zip(curves, foreseen, strict=True)):
            if curve.final is None and found is not None:
                y[row], interval[row] = found.value, (found.low, found.high)
            elif curve.final is not None and np.isfinite(curve.final):
                y[row], interval[row] = curve.final, curve.final
        worst = float(np.nanmax(y)) if np.isfinite(y).any() else 1.0
        failed = np.isnan(y)
        y[failed], interval[failed] = worst, worst
        model = self._fit(ids, y, None if np.ptp(interval, axis=1).max() == 0 else interval)
        nothing = self.table.rows[:0]
        surrogate, _ = condition(
            self.table.features, [model], nothing, 1, self.rng, noise_free=False
        )
        means, variances = surrogate.predict(self.table.rows)
        finished = [i for i in ids if self.done[i] == epochs and np.isfinite(self._final(i))]
        best = float(np.min(means[0, finished, 0], initial=np.inf))
        return means[0, :, 0], np.sqrt(np.maximum(variances[0], 0.0)), best

    def _fit(self, ids: Array, y: Array, interval: Array | None) -> TaskModel:
        """The model; its hyper-parameters are fitted again once a tenth more is known."""
        data = fitting.Data(TASK, np.arange(len(ids)), self.table.rows[ids], y, interval)
        known = len(ids) + 3 * sum(done == self.table.epochs for done in self.done.values())
        old = self.fitted
        if old is not None and known < 1.1 * self.fitted_to:
            hypers = {**old.hypers, "digest": data.digest}
            again = fitting.reuse(data, hypers)
            assert again is not None
            return again
        self.fitted = fitting.fit(self.table.features, [data], {})[0]
        self.fitted_to = known
        return self.fitted


def peer(table: Table, name: str, seed: int, budget: int) -> list[tuple[int, float]]:
    """The trace of Optuna's TPE sampler, with a pruner or without; the nearest setting counts."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    pruners: dict[str, Callable[[], Any]] = {
        "tpe": optuna.pruners.NopPruner,
        "tpe+median": optuna.pruners.MedianPruner,
        "tpe+hyperband": lambda: optuna.pruners.HyperbandPruner(1, table.epochs),
    }
    sampler = optuna.samplers.TPESampler(seed=seed)
    study = optuna.create_study(sampler=sampler, pruner=pruners[name]())
    cost, trace, tried = 0, list[tuple[int, float]](), set[int]()
    while cost < budget and len(tried) < 1000:
        trial = study.ask()
        x = [trial.suggest_float(f"x{i}", 0.0, 1.0) for i in range(table.codes.shape[1])]
        distance = ((table.codes - x) ** 2).sum(axis=1)
        distance[list(tried)] = np.inf
        row = int(np.argmin(distance))
        tried.add(row)
        state = None
        for epoch in range(1, table.epochs + 1):
            loss = float(table.losses[row, epoch])
            cost += 1
            if not abs(loss) < DIVERGED:
                state = optuna.trial.TrialState.FAIL
                break
            trial.report(loss, epoch)
            if epoch < table.epochs and trial.should_prune():
                state = optuna.trial.TrialState.PRUNED
                break
        if state is not None:
            study.tell(trial, state=state)
            continue
        study.tell(trial, loss)
        if not trace or loss < trace[-1][1]:
            trace.append((cost, loss))
    return trace


def report(lines: list[dict[str, Any]]) -> list[str]:
    """The table: epochs until the best value of `off`, relative to `off` itself."""
    off = {(r["task"], r["seed"]): r for r in lines if r["rule"] == "off" and r["trace"]}
    rows = [
        "| rule | runs | not reached | epochs, median (quartiles) | within 1 %, median | "
        "final loss lower, equal, higher |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for rule in (*RULES[1:], *PEERS):
        runs = [r for r in lines if r["rule"] == rule and (r["task"], r["seed"]) in off]
        if not runs:
            continue
        exact, near, ends = list[float](), list[float](), [0, 0, 0]
        for r in runs:
            reference = off[r["task"], r["seed"]]["trace"]
            best = reference[-1][1]
            final = r["trace"][-1][1] if r["trace"] else np.inf
            ends[1 + int(np.sign(round(final - best, 6))) if np.isfinite(final) else 2] += 1
            for found, target in ((exact, best), (near, 1.01 * best)):
                base = next(cost for cost, loss in reference if loss <= target)
                cost = next((cost for cost, loss in r["trace"] if loss <= target), np.inf)
                found.append(cost / base)
        quarters = [f"{_quantile(exact, q):.2f}" for q in (0.25, 0.5, 0.75)]
        rows.append(
            f"| {rule} | {len(runs)} | {sum(map(np.isinf, exact))} | "
            f"{quarters[1]} ({quarters[0]} to {quarters[2]}) | "
            f"{_quantile(near, 0.5):.2f} | {', '.join(map(str, ends))} |"
        )
    return rows


def _quantile(values: list[float], q: float) -> float:
    """The value below which at least the share q lies; inf if that is not reached."""
    return sorted(values)[int(np.ceil(q * len(values))) - 1]


def main() -> None:
    """Runs what is missing, or prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--table", type=Path, help="an npz file with TASK|loss and TASK|X")
    parser.add_argument("--results", type=Path, help="a file with a line per run")
    parser.add_argument("--calibration", action="store_true", help="of the forecasts alone")
    parser.add_argument("--seeds", type=int, nargs=2, default=(0, 10), metavar=("FROM", "TO"))
    parser.add_argument("--trainings", type=int, default=50, help="the budget, in whole trainings")
    parser.add_argument("--rules", nargs="*", default=RULES, choices=(*RULES, *PEERS))
    parser.add_argument("--peers", action="store_true", help="Optuna instead of our rules")
    parser.add_argument("--tasks", type=int, nargs="*", help="numbers of tasks (default: all)")
    parser.add_argument("--report", action="store_true")
    args = parser.parse_args()
    if args.calibration:
        for task in tasks_of(args.table):
            print(task, " ".join(f"{share:.2f}" for share in covered(Table(args.table, task))))
        return
    if args.results is None:
        parser.error("--results: got nothing; expected a file")
    text = args.results.read_text(encoding="utf-8") if args.results.is_file() else ""
    lines = [json.loads(line) for line in text.splitlines()]
    if args.report:
        print("\n".join(report(lines)))
        return
    have = {(r["task"], r["seed"], r["rule"]) for r in lines}
    names = tasks_of(args.table)
    for seed in range(*args.seeds):
        for number in args.tasks or range(len(names)):
            task = names[number]
            table = Table(args.table, task)
            budget = args.trainings * table.epochs
            for rule in PEERS if args.peers else args.rules:
                if (task, seed, rule) in have:
                    continue
                if rule in PEERS:
                    trace = peer(table, rule, seed, budget)
                else:
                    trace = Run(table, rule, seed).until(budget).trace
                line = {"task": task, "seed": seed, "rule": rule, "trace": trace}
                with args.results.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()

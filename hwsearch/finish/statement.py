"""What several trainings of one network say about it, as text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from hwsearch import budget
from hwsearch.experiment import Settings
from hwsearch.experiment.best_network import BestNetwork
from hwsearch.experiment.finished import Finished
from hwsearch.formatting import condition, cost
from hwsearch.measurements.repeat import Repeat
from hwsearch.metrics import metric
from hwsearch.network.way_to_load import Loading
from hwsearch.printing import one_line
from hwsearch.report.model_files import WAYS
from hwsearch.report.repeated import mean


def best_of(repeats: Sequence[Repeat], settings: Settings) -> int | None:
    """Index of the training whose model is to be used; None if all diverged.

    It has the best objective on the validation set; if that was trained on, the lowest training
    loss, since a choice by the test set would spoil the test error. If the script's `train_step`
    reports no loss either, it is the first one that did not diverge.
    """
    name, mode = settings.monitor
    sign = -1.0 if mode == "max" else 1.0
    values = [sign * one.metrics.get(name, math.nan) for one in repeats]
    if not any(map(math.isfinite, values)):
        values = [one.loss for one in repeats]
    known = [number for number, value in enumerate(values) if math.isfinite(value)]
    kept = (number for number, one in enumerate(repeats) if one.kept_epoch)
    return min(known, key=lambda number: values[number], default=next(kept, None))


def statement(
    settings: Settings,
    repeats: Sequence[Repeat],
    place: Finished,
    searched: BestNetwork | None,
) -> str:
    """Mean and standard error of each metric, and the files of the best training.

    Args:
        settings: Of the run.
        repeats: The trainings, the first one first.
        place: Their files.
        searched: What the search found for this job; None if that is unknown.
    """
    rows = [_row(name, settings, repeats, searched) for name in _names(settings, repeats)]
    widths = [max((len(row[column]) for row in rows), default=0) for column in (0, 1)]
    lines = [f"  {row[0]:<{widths[0]}}  {row[1]:<{widths[1]}}  {row[2]}".rstrip() for row in rows]
    failed = [one for one in repeats if one.reason]
    lines += [f"  not counted: {one_line(one.reason)}" for one in failed if not one.kept_epoch]
    if _all_equal(repeats):
        lines.append("  all trainings are the same: the script sets a seed of its own")
    best = best_of(repeats, settings)
    return "\n".join(lines if best is None else [*lines, *_files(best, repeats[best], place)])


def _names(settings: Settings, repeats: Sequence[Repeat]) -> list[str]:
    """The metrics to show: those of the search that say how good it is, and of the test set."""
    wanted = [name for name in settings.metrics if metric(name).is_quality]
    wanted = wanted or [settings.monitor[0]]
    tested = ["test error" if name == "error" else _tested(name) for name in wanted]
    return [name for name in (*wanted, *tested) if _known(name, repeats)]


def _tested(name: str) -> str:
    return "test_" + name.removeprefix("val_")


def _known(name: str, repeats: Sequence[Repeat]) -> bool:
    return any(math.isfinite(one.value(name)) for one in repeats)


def _row(
    name: str, settings: Settings, repeats: Sequence[Repeat], searched: BestNetwork | None
) -> tuple[str, str, str]:
    """Name, mean with its standard error, and the single values."""
    values = [one.value(name) for one in repeats]
    unit = "error" if name == "test error" else name.replace("test_", "val_", 1)
    singles = ", ".join(f"{value:.4g}" for value in values if math.isfinite(value))
    notes = [f"each: {singles}"]
    found = None if searched is None else searched.metrics.get(name)
    if name == "test error" and searched is not None and math.isfinite(searched.test_error):
        notes.append(f"in the search: {cost('error', searched.test_error)}")
    elif found is not None:
        notes.append(f"in the search: {cost(name, found.value, found.std_error)}")
    if name in settings.constraints:
        bound = settings.constraints[name]
        met = sum(budget.margin(bound, value) >= 0 for value in values)
        notes.append(f"budget: {condition(name, bound)}, met by {met} of {len(values)}")
    return name, cost(unit, *mean(values)), "; ".join(notes)


def _all_equal(repeats: Sequence[Repeat]) -> bool:
    first = repeats[0]
    same = all(one.loss == first.loss and one.metrics == first.metrics for one in repeats)
    return same and len(repeats) > 1 and math.isfinite(first.loss)


def _files(index: int, repeat: Repeat, place: Finished) -> list[str]:
    """The files of the best training."""
    why = ""
    if not any(name == "error" or name.startswith("val_") for name in repeat.metrics):
        is_known = math.isfinite(repeat.loss)
        why = ", chosen by its training loss" if is_known else ", as no loss is known"
    files = {
        "script": place.script(index + 1).name,
        "model": repeat.model,
        "weights": repeat.weights,
    }
    lines = [f"  best: training {index + 1}{why}"]
    lines += [
        f"  {name:<8}{one_line(Path(place.folder, file))}" for name, file in files.items() if file
    ]
    if repeat.loading in WAYS:
        way = WAYS[Loading(repeat.loading)]
        lines.append(f"  load    {way.replace('best_model.keras', repeat.model or '')}")
    return lines

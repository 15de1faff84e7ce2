"""The end of a run with several answers: a Pareto front, or the best network for each budget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hwsearch.experiment import Experiment
from hwsearch.experiment.settings import Settings
from hwsearch.report import budgets
from hwsearch.report.model_files import where
from hwsearch.report.overview import best_rows
from hwsearch.report.run_table import RunTable
from hwsearch.report.sections import as_text

#: The most networks that the end of a run shows; exports have all.
MOST = 20


def pareto(
    settings: Settings, jobs: Sequence[Mapping[str, Any]], experiment: Experiment
) -> list[list[str]]:
    """The front as tables of values and of hyper-parameters, and the folders of its models.

    Args:
        settings: Of the run.
        jobs: Its job documents; one of them meets every bound.
        experiment: Its files.

    Returns:
        Blocks of lines.
    """
    table = RunTable.of_run(settings, jobs, experiment.find_template())
    blocks = [as_text([section]).split("\n") for section in best_rows(table, MOST)]
    first = table.best(1)[0]
    blocks.append(where(first.job, settings.experiment_name, experiment))
    return blocks


def swept(
    settings: Settings, jobs: Sequence[Mapping[str, Any]], experiment: Experiment
) -> list[str]:
    """The best network for each budget of a sweep, and their folders; [] if there is one budget."""
    if not settings.sweep:
        return []
    table = as_text([budgets.section(RunTable.of_run(settings, jobs))]).split("\n")
    return [*table, *where(None, settings.experiment_name, experiment)]

"""Writes a run for another tool, and says what was written and how to look at it."""

from __future__ import annotations

from pathlib import Path

from hwsearch.formatting import counted
from hwsearch.printing import one_line
from hwsearch.report.bridges.mlflow_runs import EXPERIMENT, write_runs
from hwsearch.report.bridges.optuna_study import write_study
from hwsearch.report.bridges.tensorboard_files import write_events
from hwsearch.report.run_table import RunTable
from hwsearch.template import Template

#: By tool: what its flag's value is called, and what it is.
TOOLS = {
    "optuna": ("FILE", "an SQLite file, which optuna-dashboard opens"),
    "tensorboard": ("DIR", "a folder for tensorboard --logdir, with each job's HParams and curves"),
    "mlflow": ("URI", "an MLflow server, or sqlite:///FILE, with a run for each job"),
}


def write(table: RunTable, template: Template | None, tool: str, target: str) -> str:
    """Writes the finished jobs of a run.

    Args:
        table: The run.
        template: Its template; None if it is not here.
        tool: One of `TOOLS`.
        target: A file, a folder or an address.

    Returns:
        A line about it.

    Raises:
        UserError: The tool is not installed, or cannot be written to.
    """
    place = one_line(target)
    if tool == "optuna":
        count = write_study(table, template, Path(target))
        return f"{_jobs(count)} written; to see: optuna-dashboard sqlite:///{place}"
    if tool == "tensorboard":
        count = write_events(table, template, Path(target))
        return f"{_jobs(count)} written; to see: tensorboard --logdir {place}"
    count = write_runs(table, target)
    return f"{_jobs(count)} added to the experiment {EXPERIMENT} of {place}"


def _jobs(count: int) -> str:
    return counted(count, "finished job")

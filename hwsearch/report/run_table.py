"""A run as one table, which every form of report is made from: one row per job.

It is made of job documents, and needs no database.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hwsearch import budget
from hwsearch.experiment.kept.selection import front
from hwsearch.experiment.objectives import non_dominated
from hwsearch.experiment.settings import Settings
from hwsearch.metrics import is_metric
from hwsearch.report import columns as columns_of
from hwsearch.report import row as row_of
from hwsearch.report.columns import Column
from hwsearch.report.row import Row
from hwsearch.template import Template


@dataclass(frozen=True, slots=True)
class RunTable:
    """The jobs of one run.

    Attributes:
        run: The run's name.
        columns: The metrics, the optimised ones first, then those with a bound.
        rows: The jobs in the order of their ids.
        settings: Those of a run of HyperPower; None for an experiment of Spearmint's own form.
    """

    run: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    settings: Settings | None = None

    @classmethod
    def of_run(
        cls,
        settings: Settings,
        jobs: Sequence[Mapping[str, Any]],
        template: Template | None = None,
    ) -> RunTable:
        """The table of a run of HyperPower.

        Args:
            settings: Its settings.
            jobs: Its job documents; those of older versions may lack anything.
            template: Its template, for documents without the script's values.
        """
        rows = tuple(row_of.of_network(job, settings, template) for job in jobs)
        measured = {name for row in rows for name in row.values if is_metric(name)}
        columns = columns_of.of_settings(settings, measured)
        return cls(settings.experiment_name, columns, rows, settings)

    @classmethod
    def of_tasks(
        cls, run: str, columns: Sequence[Column], jobs: Sequence[Mapping[str, Any]]
    ) -> RunTable:
        """The table of an experiment of Spearmint's own form.

        Args:
            run: Its name.
            columns: A column for each task (`columns.of_task`), the objective first.
            jobs: Its job documents.
        """
        rows = tuple(row_of.of_tasks(job, columns) for job in jobs)
        return cls(run, tuple(columns), rows)

    @property
    def objective(self) -> Column:
        """The column that is optimised; of several, the first one."""
        return self.columns[0]

    @property
    def objectives(self) -> tuple[Column, ...]:
        """All columns that are optimised."""
        return tuple(column for column in self.columns if column.objective)

    @property
    def has_front(self) -> bool:
        """Whether there are several objectives, so that the best rows are a Pareto front."""
        return len(self.objectives) > 1

    @property
    def bounded(self) -> tuple[Column, ...]:
        """The columns that have a bound."""
        return tuple(column for column in self.columns if column.bound is not None)

    @property
    def hyperparameters(self) -> tuple[str, ...]:
        """The names of all hyper-parameters, in the order of the script."""
        names = itertools.chain.from_iterable(row.hyperparameters for row in self.rows)
        return tuple(dict.fromkeys(names))

    def best(self, most: int | None = 10) -> list[Row]:
        """The rows that meet every bound, the best one first; at most so many.

        Of several objectives, those on their Pareto front, the best first objective first.
        """
        rows = sorted((row for row in self.rows if row.feasible), key=self._order)
        if self.has_front:
            rows = [rows[place] for place in non_dominated([self._values(row) for row in rows])]
        return rows[:most]

    def best_point(self, jobs: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
        """The `params` of the best row's job among job documents; None if there is no best row."""
        best = next((row.job for row in self.best(1)), None)
        found = (job.get("params") for job in jobs if best is not None and job.get("id") == best)
        return next(found, None)

    def first(self, rows: Sequence[Row]) -> Row | None:
        """The best of some rows, whatever bounds they meet; None of none."""
        return min(rows, key=self._order, default=None)

    def front(self, column: Column) -> list[Row]:
        """The Pareto front of the objective against a metric, the best objective first.

        Rows count whether or not they meet the bounds, if both values are known. No other row is at
        least as good as one on the front in both, and better in one; equal ones are all on it.
        """
        points = [
            (self.objective.minimised(row.value(self.objective)), self._cost(row, column), row)
            for row in self.rows
            if row.state in row_of.VALID
            and math.isfinite(row.value(self.objective))
            and math.isfinite(row.value(column))
        ]
        return front(points)

    def over(self, column: Column) -> list[Row]:
        """The finished rows that are known to miss the bound of a column, the closest one first."""
        rows = [
            row
            for row in self.rows
            if row.state not in row_of.UNFINISHED
            and math.isfinite(row.value(column))
            and not column.met(row.value(column))
        ]
        return sorted(rows, key=lambda row: self._cost(row, column))

    def progress(self) -> Iterator[tuple[Row, Row | None]]:
        """Each finished row in the order of their ends, with the best one until then.

        The best one is the first of those that meet every bound; None as long as there is none.
        """
        finished = [row for row in self.rows if row.state not in row_of.UNFINISHED]
        finished.sort(key=lambda row: row.end_s if math.isfinite(row.end_s) else math.inf)
        best: Row | None = None
        for row in finished:
            if row.feasible and (best is None or self._order(row) < self._order(best)):
                best = row
            yield row, best

    def _order(self, row: Row) -> tuple[tuple[float, ...], float, float]:
        """Of rows with equal objectives, the one furthest below its bounds, then the first job."""
        costs = {column.name: row.value(column) for column in self.bounded}
        bounds = {one.name: one.bound for one in self.bounded if one.bound is not None}
        job = row.job if isinstance(row.job, int) else math.inf
        return self._values(row), budget.nearest(costs, bounds), job

    def _values(self, row: Row) -> tuple[float, ...]:
        """The objectives, all of them minimised."""
        return tuple(column.minimised(row.value(column)) for column in self.objectives)

    @staticmethod
    def _cost(row: Row, column: Column) -> float:
        return column.minimised(row.value(column))

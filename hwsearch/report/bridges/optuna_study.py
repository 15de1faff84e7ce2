"""A run as an Optuna study in an SQLite file, which optuna-dashboard shows.

Values are the script's. A constraint is the share of its bound by which a value misses it: Optuna's
samplers take numbers above 0 as violated and add them up, so that watts and seconds must not be.
They are stored under the key that Optuna's `constraints_func` uses, which all of its versions and
the dashboard read.
"""

from __future__ import annotations

import contextlib
import math
import sqlite3
import warnings
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from hwsearch import budget
from hwsearch.errors import UserError
from hwsearch.printing import one_line
from hwsearch.report.bridges.needed import needed
from hwsearch.report.bridges.plain_values import epochs_of, known_values, label
from hwsearch.report.bridges.ranges import Range, ranges
from hwsearch.report.row import FAILED, UNFINISHED, Row
from hwsearch.report.run_table import RunTable
from hwsearch.template import Template

FLAG = "--export optuna"
#: The user attribute of a trial that names its job; a trial without it is not ours.
JOB = "job"
RUN = "hyperpower run"


def write_study(table: RunTable, template: Template | None, file: Path) -> int:
    """Writes a run as the study of its name; the other studies of the file stay.

    The study of an earlier export of the run is replaced.

    Args:
        table: The run. Its unfinished jobs are left out.
        template: Its template, for the ranges.
        file: An SQLite file of Optuna's, or a new one.

    Returns:
        The number of trials.

    Raises:
        UserError: Optuna is not installed, the file is something else, or it has a study of this
            name that is not an export, or that was continued.
    """
    optuna = needed("optuna", "optuna", FLAG)
    _check(file)
    with _quiet(optuna), _errors(optuna, file):
        storage = optuna.storages.RDBStorage(f"sqlite:///{file.absolute()}")
        try:
            _remove_earlier(optuna, storage, table.run, file)
            return _write(optuna, storage, table, template)
        finally:
            storage.engine.dispose()


def _write(optuna: Any, storage: Any, table: RunTable, template: Template | None) -> int:
    labels = [label(column) for column in table.objectives]
    study = optuna.create_study(
        storage=storage,
        study_name=table.run,
        directions=["maximize" if one.maximised else "minimize" for one in table.objectives],
    )
    study.set_user_attr(RUN, table.run)
    study.set_user_attr("objective", ", ".join(labels))
    bounds = [f"{column.name} {column.condition}" for column in table.bounded]
    study.set_user_attr("constraints, in the order of each trial", bounds)
    study.set_metric_names(labels)
    found = ranges(table, template)
    distributions = {token: _distribution(optuna, entry) for token, entry in found.items()}
    finished = [row for row in table.rows if row.state not in UNFINISHED]
    study.add_trials([_trial(optuna, row, table, found, distributions) for row in finished])
    return len(finished)


def _trial(
    optuna: Any,
    row: Row,
    table: RunTable,
    found: dict[str, Range],
    distributions: dict[str, Any],
) -> Any:
    states = optuna.trial.TrialState
    values = [row.value(column) for column in table.objectives]
    state = states.COMPLETE if all(map(math.isfinite, values)) else states.PRUNED
    if row.state in FAILED:
        state = states.FAIL
    params = {token: found[token].value(given) for token, given in row.hyperparameters.items()}
    trial = optuna.trial.create_trial(
        state=state,
        values=values if state is states.COMPLETE else None,
        params=params,
        distributions={token: distributions[token] for token in params},
        user_attrs=_attributes(row, table),
        system_attrs={"constraints": _constraints(row, table)} if table.bounded else {},
        # Optuna has none of several objectives.
        intermediate_values={} if table.has_front else _intermediate(row, table),
    )
    for name, seconds in (("datetime_start", row.start_s), ("datetime_complete", row.end_s)):
        if math.isfinite(seconds):
            setattr(trial, name, datetime.fromtimestamp(seconds))  # noqa: DTZ006 - as Optuna's are
    return trial


def _distribution(optuna: Any, entry: Range) -> Any:
    kinds = optuna.distributions
    if entry.choices:
        return kinds.CategoricalDistribution(entry.choices)
    if entry.whole:
        step = int(entry.step or 1)
        high = entry.low + (entry.high - entry.low) // step * step
        return kinds.IntDistribution(entry.low, high, log=entry.log, step=step)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the last step may end before the end of the range
        return kinds.FloatDistribution(
            float(entry.low), float(entry.high), log=entry.log, step=entry.step
        )


def _constraints(row: Row, table: RunTable) -> list[float]:
    """How far each bound is missed, as a share of it.

    What is unknown counts as missed by the whole bound, unless another value is known to miss its
    own: nobody measured the rest then. A cost that was not measured counts as it was predicted.
    """
    left = row.measurements.unmeasured
    known = {name: row.measurements.predicted[name].value for name in left}
    shares = [
        budget.excess(column.bound, known.get(column.name, row.value(column)))
        for column in table.bounded
        if column.bound is not None
    ]
    unknown = 0.0 if any(share > 0 for share in shares) else 1.0
    return [unknown if math.isnan(share) else share for share in shares]


def _attributes(row: Row, table: RunTable) -> dict[str, Any]:
    found = row.measurements
    attributes: dict[str, Any] = {JOB: row.job, "state": str(row.state), "feasible": row.feasible}
    attributes |= known_values(row, table.columns)
    attributes |= {"reason": row.reason, "epochs": found.epochs, "script": found.script}
    if math.isfinite(found.test_error):
        attributes["test error (%)"] = found.test_error
    return {name: value for name, value in attributes.items() if value not in (None, "")}


def _intermediate(row: Row, table: RunTable) -> dict[int, float]:
    """The objective after each epoch, if Keras reported it."""
    name = table.objective.name
    return {
        number: values[name]
        for number, values in enumerate(epochs_of(row), start=1)
        if name in values
    }


# -- the file ----------------------------------------------------------------------------------


def _check(file: Path) -> None:
    """Checks that a file is Optuna's, or that there is none."""
    expected = "expected a new file, or an SQLite file of Optuna's"
    if not file.parent.is_dir():
        raise UserError(f"{FLAG}: {one_line(file.parent)}: no such folder")
    if not file.exists():
        return
    try:
        with contextlib.closing(
            sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)
        ) as db:
            tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master")}
    except sqlite3.Error as error:
        raise UserError(f"{FLAG}: {one_line(file)}: {error}; {expected}") from None
    if tables and "studies" not in tables:
        raise UserError(f"{FLAG}: {one_line(file)}: has other tables; {expected}")


def _remove_earlier(optuna: Any, storage: Any, run: str, file: Path) -> None:
    """Deletes the study of an earlier export, if nobody has added a trial."""
    names = {study.study_name for study in optuna.get_all_study_summaries(storage=storage)}
    if run not in names:
        return
    study = optuna.load_study(study_name=run, storage=storage)
    others = [t.number for t in study.get_trials(deepcopy=False) if JOB not in t.user_attrs]
    if study.user_attrs.get(RUN) != run or others:
        why = f"with trial {others[0]}, which is not a job" if others else "which is not an export"
        raise UserError(
            f"{FLAG}: {one_line(file)}: has a study {run!r} {why}; expected another file"
        )
    optuna.delete_study(study_name=run, storage=storage)


@contextlib.contextmanager
def _quiet(optuna: Any) -> Iterator[None]:
    """Without Optuna's messages about each study, and its warnings of what is experimental."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            yield
    finally:
        optuna.logging.set_verbosity(before)


@contextlib.contextmanager
def _errors(optuna: Any, file: Path) -> Iterator[None]:
    try:
        yield
    except optuna.exceptions.StorageInternalError as error:
        cause = error.__cause__ or error
        raise UserError(f"{FLAG}: {one_line(file)}: {one_line(cause)}") from None
    except RuntimeError as error:  # a file of another version of Optuna
        raise UserError(f"{FLAG}: {one_line(file)}: {one_line(error)}") from None

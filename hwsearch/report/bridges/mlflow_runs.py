"""A run as runs of MLflow: one for the search, and one for each job, nested under it."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Iterator
from typing import Any

from hwsearch.errors import UserError
from hwsearch.printing import one_line
from hwsearch.report.bridges.needed import needed
from hwsearch.report.bridges.plain_values import as_key, epochs_of, plain_value
from hwsearch.report.row import FAILED, UNFINISHED, Row
from hwsearch.report.run_table import RunTable

FLAG = "--mlflow"
EXPERIMENT = "HyperPower"
#: Tags of the run of a search, and of the run of a job.
SEARCH, JOB = "hyperpower.run", "hyperpower.job"
_PARENT = "mlflow.parentRunId"
#: How the tags of a search begin that name a bound.
_BOUND = "bound of "
#: A server takes so many parameters or metrics at once.
_BATCH = {"params": 100, "metrics": 1000}
_LONGEST = 500


def write_runs(table: RunTable, uri: str) -> int:
    """Adds the jobs that a tracking server does not have yet.

    Args:
        table: The run; its unfinished jobs are left out.
        uri: A tracking URI: `sqlite:///FILE.db`, `http://HOST:PORT`, a folder, ...

    Returns:
        The number of jobs that were added.

    Raises:
        UserError: MLflow is not installed, or the server refuses.
    """
    mlflow = needed("mlflow", "mlflow", FLAG)
    entities = needed("mlflow.entities", "mlflow", FLAG)
    with _errors(mlflow, uri):
        client = mlflow.MlflowClient(tracking_uri=uri)
        experiment = client.get_experiment_by_name(EXPERIMENT)
        place = experiment.experiment_id if experiment else client.create_experiment(EXPERIMENT)
        search = _search_of(client, place, table)
        known = set()
        for run in _all_runs(client, place, f"tags.`{_PARENT}` = '{search}'"):
            if run.info.status == "RUNNING":  # an earlier export was interrupted here
                client.delete_run(run.info.run_id)
            else:
                known.add(run.data.tags.get(JOB))
        new = [
            row for row in table.rows if row.state not in UNFINISHED and str(row.job) not in known
        ]
        for row in new:
            _add(client, entities, row, table, place, search)
        _end_search(client, search, table)
    return len(new)


def _search_of(client: Any, place: str, table: RunTable) -> str:
    """The id of the run of the search, which is made if there is none."""
    name = table.run.replace("'", "\\'")
    found = client.search_runs([place], f"tags.`{SEARCH}` = '{name}'", max_results=1)
    if found:
        return str(found[0].info.run_id)
    began = min((row.start_s for row in table.rows if row.start_s > 0), default=time.time())
    run = client.create_run(
        place, start_time=round(1000 * began), tags={SEARCH: table.run}, run_name=table.run
    )
    words = {True: "maximise", False: "minimise"}
    names = ", ".join(column.name for column in table.objectives)
    directions = ", ".join(words[column.maximised] for column in table.objectives)
    client.log_param(run.info.run_id, "objective", names)
    client.log_param(run.info.run_id, "direction", directions)
    return str(run.info.run_id)


def _end_search(client: Any, search: str, table: RunTable) -> None:
    """Notes the bounds, the best job so far or those of the Pareto front, and the end."""
    # Parameters cannot change, but a resumed run may have other bounds.
    bounds = {f"{_BOUND}{as_key(column.name)}": column.condition for column in table.bounded}
    for name in client.get_run(search).data.tags:
        if name.startswith(_BOUND) and name not in bounds:
            client.delete_tag(search, name)
    for name, condition in bounds.items():
        client.set_tag(search, name, condition)
    best = table.best(None)
    if table.has_front:
        jobs = ", ".join(str(row.job) for row in best)
        client.set_tag(search, "hyperpower.front", jobs[:_LONGEST])
    elif best:
        client.set_tag(search, "hyperpower.best_job", str(best[0].job))
        for column in table.columns:
            if math.isfinite(best[0].value(column)):
                client.log_metric(search, f"best/{as_key(column.name)}", best[0].value(column))
    ended = max((row.end_s for row in table.rows if row.end_s > 0), default=time.time())
    client.set_terminated(search, end_time=round(1000 * ended))


def _all_runs(client: Any, place: str, condition: str) -> Iterator[Any]:
    token = None
    while True:
        page = client.search_runs([place], condition, max_results=1000, page_token=token)
        yield from page
        token = page.token
        if not token:
            return


def _add(client: Any, entities: Any, row: Row, table: RunTable, place: str, search: str) -> None:
    """Adds the run of a job; it counts as known once it has an end."""
    ended = row.end_s if math.isfinite(row.end_s) else time.time()
    started = row.start_s if math.isfinite(row.start_s) else ended
    tags = {
        _PARENT: search,
        JOB: str(row.job),
        "hyperpower.state": str(row.state),
        "hyperpower.feasible": str(row.feasible).lower(),
    }
    if row.reason:
        tags["hyperpower.reason"] = row.reason[:_LONGEST]
    run = client.create_run(
        place, start_time=round(1000 * started), tags=tags, run_name=f"job {row.job}"
    ).info.run_id
    params = [
        entities.Param(as_key(token), str(plain_value(value))[:_LONGEST])
        for token, value in row.hyperparameters.items()
    ]
    at = round(1000 * ended)
    metrics = [
        entities.Metric(as_key(column.name), row.value(column), at, 0)
        for column in table.columns
        if math.isfinite(row.value(column))
    ]
    metrics += [
        entities.Metric(f"epoch/{as_key(name)}", value, at, number)
        for number, values in enumerate(epochs_of(row), start=1)
        for name, value in values.items()
    ]
    units = [
        entities.RunTag(f"unit of {as_key(column.name)}", column.unit)
        for column in table.columns
        if column.unit
    ]
    for start in range(0, max(len(params), 1), _BATCH["params"]):
        client.log_batch(run, params=params[start : start + _BATCH["params"]], tags=units)
    for start in range(0, len(metrics), _BATCH["metrics"]):
        client.log_batch(run, metrics=metrics[start : start + _BATCH["metrics"]])
    client.set_terminated(
        run, "FAILED" if row.state in FAILED else "FINISHED", end_time=round(1000 * ended)
    )


@contextlib.contextmanager
def _errors(mlflow: Any, uri: str) -> Iterator[None]:
    try:
        yield
    except (mlflow.exceptions.MlflowException, OSError, ImportError) as error:
        raise UserError(f"{FLAG}: {one_line(uri)}: {one_line(error)}") from None

"""Writes a run for other tools and reads it back with them: JSON on standard output.

The first argument says with which tool, the second one is an empty folder. Runs in .venv-bridges.
"""

from __future__ import annotations

import json
import math
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from hwsearch.errors import UserError
from hwsearch.experiment import Settings
from hwsearch.report.bridges import mlflow_runs, optuna_study, tensorboard_files
from hwsearch.report.run_table import RunTable
from hwsearch.template import Template

NAME = "hyperpower-1 é"
BOUNDS = {"power": 85.0}
TEMPLATE = Template.parse(
    'a = HYPERPARAM{"type": "INT", "token": "units", "min": 4, "max": 9, "transform": "LOG2"}\n'
    'b = HYPERPARAM{"type": "FLOAT", "token": "drop", "min": 0, "max": 0.5, "step": 0.2}\n'
    'c = HYPERPARAM{"type": "ENUM", "token": "kernel", "options": [[3, 3], 1, true, null]}\n'
    'd = HYPERPARAM{"type": "INT", "token": "odd ü", "min": 1, "max": 9, "step": 3,'
    ' "when": {"kernel": true}}\n'
)


def job(number: int, auc: float, power: float, kernel: Any, **rest: Any) -> dict[str, Any]:
    given = {"units": 2 ** (3 + number), "drop": 0.2, "kernel": kernel}
    if kernel is True:
        given["odd ü"] = 4
    metrics = {"power": {"value": power, "std_error": 0.5, "unit": "W", "samples": 9}}
    if math.isfinite(auc):
        metrics["val_auc"] = {"value": auc, "unit": ""}
    measurements = {
        "outcome": "trained",
        "metrics": metrics,
        "hyperparameters": given,
        "script": f"tmp/{number:08d}_keras_net.py",
        "epochs": 2,
        "history": {"val_auc": [auc / 2, auc], "loss": [0.5, math.nan]},
    }
    document = {
        "id": number,
        "status": "complete",
        "values": {"val_auc": -auc, "power": 85 - power},
        "start time": 1.7e9 + 100 * number,
        "end time": 1.7e9 + 100 * number + 60,
        "measurements": measurements | rest.pop("measurements", {}),
    }
    return document | rest


def jobs() -> list[dict[str, Any]]:
    """Trained twice, rejected, broken (outside the present ranges), running."""
    rejected = {"outcome": "rejected", "epochs": None, "history": {}}
    broken = job(4, math.nan, math.nan, None, status="broken", reason="</script> \x1b[31m")
    broken["measurements"] = {"hyperparameters": {"units": 1024, "drop": 0.1, "kernel": [5, 5]}}
    return [
        job(1, 0.75, 84.5, [3, 3]),
        job(2, 0.9, 93.5, True),
        job(3, math.nan, 170.0, 1, reason="over", measurements=rejected),
        broken,
        {"id": 5, "status": "pending", "measurements": {}},
    ]


def table(documents: list[dict[str, Any]], bounds: dict[str, float] = BOUNDS) -> RunTable:
    settings = Settings(NAME, "val_auc", {**bounds}, maximize=True)
    return RunTable.of_run(settings, documents, TEMPLATE)


def refused(call: Callable[[], object]) -> str:
    try:
        call()
    except UserError as error:
        return str(error)
    return "nothing"


def optuna(folder: Path) -> dict[str, Any]:
    import optuna
    from optuna_dashboard import wsgi

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    file = folder / "a study.db"
    counts = [
        optuna_study.write_study(table(documents), TEMPLATE, file)
        for documents in (jobs()[:2], jobs(), jobs())
    ]
    url = f"sqlite:///{file}"
    study = optuna.load_study(study_name=NAME, storage=url)
    trials = [
        {
            "state": trial.state.name,
            "values": trial.values,
            "params": trial.params,
            "intermediate": trial.intermediate_values,
            "seconds": trial.duration.total_seconds() if trial.duration else None,
            "constraints": trial.system_attrs["constraints"],
            "user": trial.user_attrs,
        }
        for trial in study.trials
    ]
    app = wsgi(optuna.storages.RDBStorage(url))

    def get(path: str) -> Any:
        answer: dict[str, str] = {}
        environ = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": path,
            "QUERY_STRING": "",
            "SERVER_NAME": "x",
            "SERVER_PORT": "1",
            "wsgi.url_scheme": "http",
            "wsgi.input": sys.stdin.buffer,
            "wsgi.errors": sys.stderr,
        }
        body = b"".join(app(environ, lambda status, *_: answer.update(status=status)))
        assert answer["status"].startswith("200"), (answer, body)
        return json.loads(body)

    [shown] = get("/api/studies")["study_summaries"]
    dashboard = get(f"/api/studies/{shown['study_id']}")
    found = {
        "counts": counts,
        "direction": study.direction.name,
        "metric": study.metric_names,
        "attributes": study.user_attrs,
        "best": study.best_trial.number,
        "trials": trials,
        "distributions": {
            token: str(distribution)
            for trial in study.trials
            for token, distribution in trial.distributions.items()
        },
        "dashboard": [
            [trial["state"], trial["constraints"], len(trial["params"])]
            for trial in dashboard["trials"]
        ],
    }
    study.sampler = optuna.samplers.TPESampler(seed=0, n_startup_trials=1)
    study.ask()  # the sampler can learn from all trials
    found["continued"] = refused(lambda: optuna_study.write_study(table(jobs()), TEMPLATE, file))
    return found


def tensorboard(folder: Path) -> dict[str, Any]:
    from tensorboard import program
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    for documents in (jobs()[:2], jobs()):
        count = tensorboard_files.write_events(table(documents), TEMPLATE, folder)
    first = EventAccumulator(str(folder / NAME / "job-00000001")).Reload()
    curve = [[event.step, event.value] for event in first.Scalars("epoch/val_auc")]
    board = program.TensorBoard()
    board.configure(argv=["", "--logdir", str(folder), "--port", "0", "--load_fast", "false"])
    url = f"{board.launch()}data/plugin/hparams/"

    def ask(what: str, body: dict[str, Any]) -> Any:
        data = json.dumps({"experimentName": ""} | body).encode()
        headers = {"Content-Type": "application/json"}
        with urllib.request.urlopen(urllib.request.Request(url + what, data, headers)) as answer:
            return json.load(answer)

    statuses = [f"STATUS_{word}" for word in ("UNKNOWN", "SUCCESS", "FAILURE", "RUNNING")]
    deadline = time.monotonic() + 200
    while True:
        experiment = ask("experiment", {})
        columns = [{"metric": info["name"]} for info in experiment.get("metricInfos", [])]
        found = ask(
            "session_groups",
            {"colParams": columns, "allowedStatuses": statuses, "sliceSize": 100},
        )
        groups = found.get("sessionGroups", [])
        ended = [g for g in groups if g["sessions"][0].get("status") in statuses[1:3]]
        if len(ended) == count or time.monotonic() > deadline:
            break
        time.sleep(0.2)
    return {
        "count": count,
        "curve": curve,
        "hparams": {entry["name"]: entry for entry in experiment["hparamInfos"]},
        "metrics": [entry["name"]["tag"] for entry in experiment["metricInfos"]],
        "sessions": {
            group["sessions"][0]["name"]: {
                "status": group["sessions"][0]["status"],
                "hparams": group["hparams"],
                "metrics": {
                    entry["name"]["tag"]: entry["value"] for entry in group["metricValues"]
                },
            }
            for group in groups
        },
    }


def mlflow(folder: Path) -> dict[str, Any]:
    import mlflow

    uri = f"sqlite:///{folder / 'runs.db'}"
    counts = [mlflow_runs.write_runs(table(jobs()[:2]), uri)]
    client = mlflow.MlflowClient(uri)
    place = client.get_experiment_by_name(mlflow_runs.EXPERIMENT).experiment_id
    [search] = client.search_runs([place], f"tags.`{mlflow_runs.SEARCH}` = '{NAME}'")
    client.create_run(  # as an export that was killed leaves it
        place, tags={"mlflow.parentRunId": search.info.run_id, mlflow_runs.JOB: "3"}
    )
    counts += [mlflow_runs.write_runs(table(jobs()), uri) for _ in range(2)]
    runs = client.search_runs([place])
    search = client.get_run(search.info.run_id)
    later = []
    for bounds in ({"power": 95.0}, {}):  # as --resume changes them
        mlflow_runs.write_runs(table(jobs(), bounds), uri)
        later.append(client.get_run(search.info.run_id).data.tags)
    first = next(run for run in runs if run.data.tags.get(mlflow_runs.JOB) == "1")
    history = client.get_metric_history(first.info.run_id, "epoch/val_auc")
    return {
        "counts": counts,
        "search": [search.data.params, search.data.metrics, search.data.tags],
        "later": later,
        "jobs": {
            run.data.tags[mlflow_runs.JOB]: {
                "status": run.info.status,
                "nested": run.data.tags["mlflow.parentRunId"] == search.info.run_id,
                "params": run.data.params,
                "metrics": run.data.metrics,
                "tags": run.data.tags,
                "seconds": (run.info.end_time - run.info.start_time) / 1000,
            }
            for run in runs
            if mlflow_runs.JOB in run.data.tags
        },
        "history": [[metric.step, metric.value] for metric in history],
        "nowhere": refused(lambda: mlflow_runs.write_runs(table(jobs()), "nonsense://x")),
    }


if __name__ == "__main__":
    what = {"optuna": optuna, "tensorboard": tensorboard, "mlflow": mlflow}[sys.argv[1]]
    print(json.dumps(what(Path(sys.argv[2]))))

"""The result of a run for programs."""

from __future__ import annotations

import json
import math

import pytest

from hwsearch.atomic_files import write_json
from hwsearch.budget import AtLeast
from hwsearch.experiment import Experiment, Settings
from hwsearch.experiment.best_network import BestNetwork
from hwsearch.experiment.kept.folder import KeptFolder
from hwsearch.measurements import Measurements, Outcome, Quantity
from hwsearch.report.summary_file import document

SETTINGS = Settings("run", "val_auc", {"runtime": 2e-5, "error": AtLeast(1.0)}, maximize=True)


def job(number, auc=math.nan, runtime=1e-5, outcome=Outcome.TRAINED, **more):
    measured = Measurements(
        outcome=outcome,
        script=f"tmp/{number:08d}_keras_net.py",
        hyperparameters={"lr": 0.001, "act": None},
        metrics={"runtime": Quantity(runtime, 1e-7), "val_auc": Quantity(auc)},
        seconds={"train": 2.0},
    )
    return {
        "id": number,
        "status": "complete",
        "values": {"val_auc": -auc, "runtime": 2e-5 - runtime, "error": 1.0},
        "measurements": measured.to_json(),
        "start time": 10.0 * number,
        "end time": 10.0 * number + 4,
    } | more


def strict(found):
    """As a program reads it that knows no NaN."""
    return json.loads(json.dumps(found, allow_nan=False))


def test_the_best_network_and_what_became_of_the_others(tmp_path):
    experiment = Experiment(tmp_path)
    experiment.tmp.mkdir()
    best = BestNetwork("run", 2, "val_auc", 0.9, test_error=3.5, model="tmp/best_model.keras")
    write_json(experiment.best_file, best.to_json())
    jobs = [
        job(1, 0.8),
        job(2, 0.9),
        job(3, runtime=3e-5, outcome=Outcome.REJECTED),
        job(4, 0.95, outcome=Outcome.STOPPED, runtime=3e-5),
        job(5, status="broken"),
        {"id": 6, "status": "new"},
        {"id": 7, "status": "paused", "ended": "not the best"},
    ]
    found = strict(document(SETTINGS, jobs, experiment, 0, "sqlite:x"))
    assert (found["run"], found["exit_status"], found["database"]) == ("run", 0, "sqlite:x")
    assert found["objective"] == {"metric": "val_auc", "unit": "", "direction": "maximize"}
    assert found["constraints"] == {
        "runtime": {"below": 2e-5, "unit": "s/image"},
        "error": {"at_least": 1.0, "unit": "%"},
    }
    assert found["counts"] == {
        "networks": 7,
        "trained": 2,
        "stopped_early": 2,
        "trained_not_measured": 0,
        "measured": 0,
        "rejected": 1,
        "without_value": 0,
        "broken": 1,
        "paused": 0,
        "unfinished": 1,
    }
    assert found["seconds"] == {"total": 20.0, "networks": 20.0, "training": 10.0}
    assert found["best"] == {
        "job": 2,
        "values": {
            "val_auc": {"value": 0.9, "unit": ""},
            "runtime": {"value": 1e-5, "std_error": 1e-7, "unit": "s/image"},
            "error": {"value": 2.0, "unit": "%"},
        },
        "test_error": 3.5,
        "hyperparameters": {"lr": 0.001, "act": None},
        "paths": {
            "script": str(tmp_path / "tmp/00000002_keras_net.py"),
            "model": str(tmp_path / "tmp/best_model.keras"),
            "weights": None,
        },
    }
    assert found["paths"]["experiment"] == str(tmp_path)
    assert found["paths"]["page"] == str(tmp_path / "tmp/report.html")
    assert (found["paths"]["best"], found["paths"]["models"]) == (None, None)


def test_folders_of_kept_networks(tmp_path):
    experiment = Experiment(tmp_path)
    KeptFolder(experiment.best_folder).replace(BestNetwork("run", 1, "val_auc", 0.9), {})
    KeptFolder(experiment.kept_model(2)).replace(BestNetwork("run", 2, "val_auc", 0.9), {})
    paths = strict(document(SETTINGS, [job(1, 0.8)], experiment, 0, "sqlite:x"))["paths"]
    assert paths["best"] == str(experiment.best_folder)
    assert paths["models"] == str(experiment.models)
    paths = strict(document(SETTINGS, [job(2, 0.8)], experiment, 0, "sqlite:x"))["paths"]
    assert paths["best"] is None  # that of another job


@pytest.mark.parametrize("jobs", [[], [{"id": 1, "status": "new"}], [job(1, runtime=1.0)]])
def test_without_a_network_under_the_budget(tmp_path, jobs):
    found = strict(document(SETTINGS, jobs, Experiment(tmp_path), 130, "sqlite:x"))
    assert found["best"] is None
    assert found["exit_status"] == 130
    assert found["counts"]["networks"] == len(jobs)


def test_the_model_of_another_job_is_not_that_of_the_best(tmp_path):
    experiment = Experiment(tmp_path)
    experiment.tmp.mkdir()
    other = BestNetwork("run", 7, "val_auc", 0.9, test_error=1.0, model="tmp/best_model.keras")
    write_json(experiment.best_file, other.to_json())
    found = strict(document(SETTINGS, [job(1, 0.8)], experiment, 0, "sqlite:x"))["best"]
    assert found["paths"]["model"] is None
    assert found["test_error"] is None


def test_the_front_of_several_objectives(tmp_path):
    experiment = Experiment(tmp_path)
    two = Settings("run", "val_auc", maximize=True, further_objectives={"runtime": False})
    found = [job(1, 0.8, 1e-5), job(2, 0.9, 2e-5), job(3, 0.7, 3e-5)]
    for one in found:
        one["values"]["runtime"] = one["measurements"]["metrics"]["runtime"]["value"]
    found = strict(document(two, found, experiment, 0, "sqlite:x"))
    assert found["objective"] == found["objectives"][0]
    assert found["objectives"][1] == {
        "metric": "runtime",
        "unit": "s/image",
        "direction": "minimize",
    }
    assert [entry["job"] for entry in found["front"]] == [2, 1]
    assert found["best"]["job"] == 2
    assert found["front"][1]["values"]["runtime"]["value"] == 1e-5
    assert found["front"][1]["paths"]["folder"] is None

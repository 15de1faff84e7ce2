"""config.json and mainrun.py."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hwsearch.budget import AtLeast
from hwsearch.experiment.methods import METHODS
from hwsearch.experiment.settings import Settings
from hwsearch.launch import handover
from hwsearch.template import Template

TEMPLATE = Template.parse(
    'a = HYPERPARAM{"type": "INT", "token": "conv1_num_output", "min": 10, "max": 18}\n'
    'b = HYPERPARAM{"type": "FLOAT", "token": "lr", "min": 1e-7, "max": 0.1}\n'
    'c = HYPERPARAM{"type": "ENUM", "token": "act", "options": ["relu", "elu"]}\n'
)


def test_config_in_the_contracts_form() -> None:
    settings = Settings(
        "hyperpower-1", "error", {"power": 85.0}, database="sqlite:../mongodb/spearmint.sqlite"
    )
    document = json.loads(json.dumps(handover.config(settings, TEMPLATE)))
    assert document["variables"] == {
        "conv1_num_output": {"type": "INT", "size": 1, "min": 10, "max": 18},
        "lr": {"type": "FLOAT", "size": 1, "min": 1e-7, "max": 0.1},
        "act": {"type": "ENUM", "size": 1, "options": ["relu", "elu"]},
    }
    assert document["tasks"] == {
        "error": {"type": "OBJECTIVE", "likelihood": "GAUSSIAN"},
        "power": {"type": "CONSTRAINT", "likelihood": "GAUSSIAN"},
    }
    assert document["language"] == "PYTHON"
    assert document["main-file"] == "mainrun.py"
    assert document["experiment-name"] == "hyperpower-1"
    assert document["likelihood"] == "GAUSSIAN"
    assert document["database"] == {
        "name": "spearmint",
        "address": "sqlite:../mongodb/spearmint.sqlite",
    }
    assert "max-finished-jobs" not in document
    assert not {"max-time", "job-timeout", "job-memory"} & set(document)


def test_what_is_computed_has_no_noise() -> None:
    constraints = {"power": 85.0, "params": 1e5, "macs": 1e6, "memory": 1.0}
    tasks = handover.config(Settings("a", "error", constraints), TEMPLATE)["tasks"]
    exact = {name for name, task in tasks.items() if task["likelihood"] == "NOISELESS"}
    assert exact == {"params", "macs"}
    assert {task["likelihood"] for task in tasks.values()} == {"NOISELESS", "GAUSSIAN"}
    tasks = handover.config(Settings("a", "params", {"error": 5.0}), TEMPLATE)["tasks"]
    assert tasks["params"] == {"type": "OBJECTIVE", "likelihood": "NOISELESS"}


def test_methods() -> None:
    def keys(**changes: Any) -> dict[str, Any]:
        document = handover.config(Settings("a", "error", {"params": 10.0}, **changes), TEMPLATE)
        return {name: value for name, value in document.items() if name.startswith("chooser")}

    assert keys() == {}
    assert keys(unaware=True) == {"chooser-args": {"aware": False}}
    assert keys(per_second=True) == {"chooser-args": {"per-second": True}}
    both = {"chooser": "hw_cwei", "chooser-args": {"aware": True, "per-second": True}}
    assert keys(method="hw_cwei", per_second=True) == both
    for name in METHODS[1:]:
        assert keys(method=name) == {"chooser": name, "chooser-args": {"aware": True}}
    walk = keys(method="random_walk", unaware=True)
    assert walk == {"chooser": "random_walk", "chooser-args": {"aware": False}}
    # Candidates over a bound become jobs if the search is to ignore the bounds.
    assert handover.candidate_check(Settings("a", "error", {"params": 10.0}), 0)
    assert not handover.candidate_check(Settings("a", "error", {"params": 10.0}, unaware=True), 0)


def test_limits() -> None:
    settings = Settings("a", "error", max_finished_jobs=20, max_time=60.0, max_concurrent=2, seed=7)
    settings.job_timeout, settings.job_memory = 5400.0, 2**33
    settings.max_trained = 9
    document = handover.config(settings, TEMPLATE)
    assert document["max-finished-jobs"] == 20
    assert document["max-full-jobs"] == 9
    assert document["max-time"] == 60.0
    assert (document["job-timeout"], document["job-memory"]) == (5400.0, 2**33)
    assert document["max-concurrent"] == 2
    assert document["seed"] == 7


def test_pauses_are_asked_for_only_with_a_rule(tmp_path: Path) -> None:
    settings = Settings("a", "error")
    assert "stopping" not in handover.config(settings, TEMPLATE)
    document = handover.config(replace(settings, stop="freeze-thaw"), TEMPLATE)
    assert document["stopping"] == {"rule": "freeze-thaw", "segments": 8}
    text = handover.mainrun(tmp_path, pausing=True)
    assert "def main(job_id, params, until):" in text
    assert "hyperpower.main(job_id, params, until)" in text
    assert "until" not in handover.mainrun(tmp_path)


@pytest.mark.parametrize(("maximize", "minimised"), [(False, 90.0), (True, -90.0)])
def test_a_guess_is_what_the_optimiser_minimises(maximize: bool, minimised: float) -> None:
    settings = Settings("a", "val_a", stop="chance", chance=90.0, maximize=maximize)
    document = handover.config(settings, TEMPLATE)
    assert document["stopping"] == {"rule": "chance", "segments": 8, "chance": minimised}


def test_where_jobs_run() -> None:
    settings = Settings("a", "error", max_concurrent=8)
    here = handover.config(settings, TEMPLATE)
    assert here["max-concurrent"] == 8
    assert not {"scheduler", "scheduler-args", "resources"} & set(here)
    settings.scheduler, settings.scheduler_args = "slurm", "--partition=gpu --mem=8G"
    there = handover.config(settings, TEMPLATE)
    changes = {"scheduler": "SLURM", "scheduler-args": "--partition=gpu --mem=8G"}
    assert there == here | changes
    settings = Settings("a", "error", resources={"big": {"scheduler": "SGE"}})
    several = handover.config(settings, TEMPLATE)
    assert several["resources"] == {"big": {"scheduler": "SGE"}}
    assert "max-concurrent" not in several


def test_gpus_are_given_to_local_jobs() -> None:
    settings = Settings("a", "error", max_concurrent=8, jobs_per_gpu=2)
    uuids = ["GPU-1", "GPU-2"]
    keys = {"gpus": uuids, "jobs-per-gpu": 2}
    plain = handover.config(settings, TEMPLATE)
    assert handover.config(settings, TEMPLATE, uuids) == plain | keys
    own = {"gpus": ["GPU-2"]}
    settings = Settings(
        "a", "error", resources={"there": {"scheduler": "SGE"}, "here": {}, "own": own}
    )
    assert handover.config(settings, TEMPLATE, ["GPU-1"])["resources"] == {
        "there": {"scheduler": "SGE"},
        "here": {"gpus": ["GPU-1"], "jobs-per-gpu": 1},
        "own": {"gpus": ["GPU-2"], "jobs-per-gpu": 1},
    }


def test_mainrun_finds_hyperpower_in_any_folder(tmp_path: Path) -> None:
    root = tmp_path / 'it\'s a "tool" \\ é'
    root.mkdir()
    (root / "hyperpower.py").write_text("def main(job_id, params): return {job_id: params}")
    folder = tmp_path / "experiment"
    folder.mkdir()
    (folder / "mainrun.py").write_text(handover.mainrun(root), encoding="utf-8")
    code = "import mainrun; print(mainrun.main(7, {'a': [1]}))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("{7: {'a': [1]}}\n", "")


def test_mainrun_for_an_optimiser_that_knows_only_tasks(tmp_path: Path) -> None:
    (tmp_path / "hyperpower.py").write_text(
        "def main(job_id, params): return {'error': job_id, 'power': 2, 'reason': 'x'}"
    )
    (tmp_path / "mainrun.py").write_text(handover.mainrun(tmp_path, ["error", "power"]))
    code = "import mainrun; print(mainrun.main(7, {}))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("{'error': 7, 'power': 2}\n", "")


def test_the_headline_says_what_is_searched_for() -> None:
    settings = Settings("run-1", "error", {"power": 85.0, "params": 5e4}, {"params": 33.0})
    assert handover.headline(settings, TEMPLATE) == (
        "run run-1: 3 hyper-parameters, error as low as possible with power below 85 W, "
        "params below 50,000 parameters (33% of random networks)"
    )
    one = Template.parse('x = HYPERPARAM{"type": "INT", "token": "n", "min": 1, "max": 2}')
    assert handover.headline(Settings("run-2", "macs"), one) == (
        "run run-2: 1 hyper-parameter, macs as low as possible"
    )
    walk = Settings("run-3", "macs", {"params": 9.0}, method="random_walk", unaware=True)
    assert handover.headline(walk, one).endswith(
        "below 9 parameters; method random_walk; networks over the bounds are trained too"
    )


def test_the_headline_says_which_budget_of_a_sweep_is_searched() -> None:
    sweep = {"params": [9.0, 8.0, 7.0]}
    settings = Settings("run-4", "error", {"params": 8.0}, max_finished_jobs=7, sweep=sweep)
    assert handover.headline(settings, TEMPLATE).endswith(
        "below 8 parameters; budget 2 of 3, until 5 of 7 networks are finished"
    )
    timed = Settings("run-5", "error", {"params": 9.0}, max_time=60.0, sweep=sweep)
    assert handover.headline(timed, TEMPLATE).endswith("below 9 parameters; budget 1 of 3")


def test_a_maximised_metric_is_negated_for_the_optimiser() -> None:
    settings = Settings("run", "val_auc", {"val_recall": AtLeast(0.9)}, maximize=True)
    assert handover.config(settings, TEMPLATE)["tasks"] == {
        "val_auc": {"type": "OBJECTIVE", "likelihood": "GAUSSIAN", "negated": True},
        "val_recall": {"type": "CONSTRAINT", "likelihood": "GAUSSIAN"},
    }
    assert handover.headline(settings, TEMPLATE) == (
        "run run: 3 hyper-parameters, val_auc as high as possible with val_recall at least 0.9"
    )


def test_candidates_are_checked_if_a_computed_metric_is_bounded() -> None:
    bounds: dict[str, Any] = {"power": 85.0, "macs": AtLeast(10.0), "params": 1e5}
    settings = Settings("a", "error", bounds, hardware_models="off")
    assert handover.candidate_check(settings, 0) == {
        "candidate-check": {
            "function": "mainrun.py:computed",
            "version": "macs >= 10.0, params 100000.0",
        }
    }
    assert handover.check_version(Settings("a", "error", bounds)) == (
        "power 85.0, macs >= 10.0, params 100000.0"
    )
    assert handover.candidate_check(Settings("a", "params", {"error": 5.0}), 99) == {}
    assert "candidate-check" not in handover.config(settings, TEMPLATE)


def test_candidates_are_checked_once_models_may_predict_a_bounded_cost() -> None:
    settings = Settings("a", "error", {"power": 85.0})
    (check,) = handover.candidate_check(settings, 0).values()
    assert check == {
        "function": "mainrun.py:computed",
        "version": "power 85.0",
        "check-ahead": True,
        "first-job": 11,
    }
    (check,) = handover.candidate_check(settings, 7, ["sklearn"]).values()
    assert check["preload"] == ["sklearn"]
    assert check["first-job"] == 4
    (check,) = handover.candidate_check(settings, 16).values()
    assert check["first-job"] == 2, "the first job shows the device"
    assert handover.candidate_check(replace(settings, max_finished_jobs=10), 0) == {}
    assert handover.candidate_check(replace(settings, hardware_models="off"), 16) == {}
    assert handover.candidate_check(replace(settings, mixed_devices=True), 16) == {}


def test_mainrun_defines_the_check_only_where_there_is_one() -> None:
    plain = handover.mainrun(Path("/root"))
    checked = handover.mainrun(Path("/root"), checked=True)
    assert checked.startswith(plain)
    names: dict[str, Any] = {}
    exec(checked.replace("import hyperpower", "hyperpower = None"), names)
    assert callable(names["computed"])
    assert "computed" not in plain
    tells = handover.mainrun(Path("/root"), checked=True, told=True, ahead=True)
    assert "def main(job_id, params, expected=None, ahead=None):" in tells
    assert "hyperpower.main(job_id, params, expected=expected, ahead=ahead)" in tells


def test_several_objectives_are_tasks_of_their_own() -> None:
    settings = Settings(
        "hyperpower-1",
        "val_auc",
        {"params": 9.0},
        maximize=True,
        further_objectives={"power": False},
    )
    tasks = handover.config(settings, TEMPLATE)["tasks"]
    assert list(tasks) == ["val_auc", "power", "params"]
    assert tasks["val_auc"] == {"type": "OBJECTIVE", "likelihood": "GAUSSIAN", "negated": True}
    assert tasks["power"] == {"type": "OBJECTIVE", "likelihood": "GAUSSIAN"}
    assert tasks["params"]["type"] == "CONSTRAINT"
    wanted = "val_auc as high as possible, power as low as possible with params below"
    assert wanted in handover.headline(settings, TEMPLATE)


def test_the_budgets_of_a_sweep_share_the_limits() -> None:
    settings = Settings(
        "hyperpower-1",
        "error",
        {"params": 9.0},
        sweep={"params": [9.0, 8.0]},
        max_finished_jobs=5,
        max_trained=2,
        max_time=60.0,
    )
    document = handover.config(settings, TEMPLATE)
    limits = [document[key] for key in ("max-finished-jobs", "max-full-jobs", "max-time")]
    assert limits == [3, 1, 30.0]

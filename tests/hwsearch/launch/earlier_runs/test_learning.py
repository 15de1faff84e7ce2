"""What a new run can learn from an earlier one of the same template."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from hwsearch.budget import AtLeast
from hwsearch.errors import UserError
from hwsearch.experiment import Archive, Experiment, Settings
from hwsearch.launch.earlier_runs import learning
from hwsearch.launch.earlier_runs.learning import Learned, learned
from hwsearch.meters.device import Device
from hwsearch.meters.processor import cpu
from hwsearch.template import Template

TEXT = 'a = HYPERPARAM{"type": "INT", "token": "a", "transform": "X2", "min": 1, "max": 9}\n'
NAN = math.nan


def job(number: int, **metrics: float) -> dict[str, Any]:
    return {
        "id": number,
        "status": "complete",
        "params": {"a": {"type": "int", "values": [number]}},
        "measurements": {"metrics": {name: {"value": v} for name, v in metrics.items()}},
    }


JOBS = [
    job(1, error=9.0, power=80.0, params=10.0),
    job(2, error=3.0, power=90.0, params=20.0),
    job(3, power=99.0, params=30.0),  # rejected
    job(9, error=5.0, power=60.0, params=40.0),
    {"id": 5, "status": "broken", "params": {}},
    {"id": 6, "status": "pending", "params": {}},
    job(7) | {"limit": "job-timeout"},
]


@pytest.fixture(autouse=True)
def no_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "installed", list)


@pytest.fixture
def experiment(tmp_path: Path) -> Experiment:
    """One with a run, "old", which was measured on this machine."""
    made = Experiment(tmp_path)
    made.template.parent.mkdir()
    made.template.write_text(TEXT)
    made.prepare()
    made.save_settings(Settings("old", "error", {"power": 85.0}, epochs=5))
    made.save_template(Template.from_file(made.template), {})
    made.device_file.write_text(json.dumps(asdict(cpu())))
    return made


def learn(experiment: Experiment, jobs: Any = JOBS, gpus: Any = (), **changes: Any) -> Learned:
    template = Template.from_file(experiment.template)
    return learned(settings(**changes), experiment, template, jobs, gpus)


def settings(**changes: Any) -> Settings:
    given = {"constraints": {"power": 85.0}, "epochs": 5, "learn_from": "old"} | changes
    return Settings("new", given.pop("optimize", "error"), **given)


def values(found: Learned, **changes: Any) -> list[dict[str, Any]]:
    return [entry["values"] for entry in found.documents(settings(**changes))]


@pytest.mark.parametrize("aside", [False, True])
def test_results_are_those_of_complete_jobs_under_the_new_bounds(
    experiment: Experiment, aside: bool
) -> None:
    if aside:
        Archive(experiment).put_aside()
    found = learn(experiment)
    assert found.documents(settings())[0] == {
        "from": "old job 1",
        "params": {"a": {"type": "int", "values": [1]}},
        "values": {"error": 9.0, "power": 5.0},
    }
    assert values(found)[2] == {"error": None, "power": -14.0}
    assert len(values(found)) == 4
    assert values(found, constraints={"power": AtLeast(70.0)})[0]["power"] == 10.0
    assert found.described(settings()) == "learning from 4 results of old"


def test_a_maximised_objective_and_metrics_that_were_not_bounded(experiment: Experiment) -> None:
    jobs = [job(1, val_auc=0.75, params=10.0)]
    changes = {"optimize": "val_auc", "maximize": True, "constraints": {"params": 15.0}}
    assert values(learn(experiment, jobs, **changes), **changes) == [
        {"val_auc": -0.75, "params": 5.0}
    ]


def test_the_best_network_inside_budget_and_ranges_is_tried_first(experiment: Experiment) -> None:
    [point] = learn(experiment).first_point(settings())
    assert point == {"place": "job 9 of old", "values": {"a": 18}}
    experiment.template.write_text(TEXT.replace("9", "8"))
    [point] = learn(experiment).first_point(settings())
    assert point == {"place": "job 1 of old", "values": {"a": 2}}
    assert learn(experiment).first_point(settings(constraints={"power": 1.0})) == []


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"epochs": 7}, "epochs was 5 and is 7"),
        ({"epochs": None, "last_epoch": True}, "epochs was 5 and is the default, last_epoch was"),
        ({"validation_split": 0.1}, "validation_split was the default and is 0.1"),
    ],
)
def test_other_training_leaves_the_costs(
    experiment: Experiment, changes: dict[str, Any], why: str
) -> None:
    found = learn(experiment, **changes)
    assert list(found.unlike) == ["error"]
    assert f"note: error of old is not used: {why}" in found.described(settings(**changes))
    assert values(found, **changes)[0] == {"error": None, "power": 5.0}
    assert found.first_point(settings(**changes)) == []


def test_another_device_or_batch_leaves_what_is_not_measured(experiment: Experiment) -> None:
    gpu = Device("gpu", "A GPU", "GPU-1")
    found = learn(experiment, gpus=[gpu], constraints={"power": 85.0, "params": 50.0})
    assert found.unlike == {"power": f"the device was {cpu()} and is A GPU"}
    found = learn(experiment, profile_batch_size=8)
    assert found.unlike == {"power": "profile_batch_size was the default and is 8"}
    elsewhere = learn(experiment, scheduler="slurm")
    assert "which run elsewhere, is unknown" in elsewhere.unlike["power"]
    experiment.device_file.write_text("[1]")
    assert learn(experiment).unlike == {"power": "its device is unknown"}
    experiment.device_file.unlink()
    assert learn(experiment).unlike == {"power": "its device is unknown"}


def refused(experiment: Experiment, **changes: Any) -> str:
    with pytest.raises(UserError) as caught:
        learn(experiment, **changes)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_nothing_to_learn_is_an_error(experiment: Experiment) -> None:
    assert "--learn_from: old has no result that can be used; expected results of" in refused(
        experiment, jobs=[]
    )
    experiment.device_file.unlink()
    assert "(error: epochs was 5 and is 7; power: its device is unknown)" in refused(
        experiment, epochs=7
    )
    assert learn(experiment, epochs=7, constraints={"power": NAN}).unlike  # not determined yet


def test_another_template_is_an_error(experiment: Experiment) -> None:
    experiment.template.write_text(TEXT.replace("\n", "  # a comment\n\n"))
    assert learn(experiment).jobs
    experiment.template.write_text(TEXT + "b = 3\n")
    assert "the script around its hyper-parameters has changed since old" in refused(experiment)
    experiment.template.write_text(TEXT.replace("X2", "X3"))
    line = refused(experiment)
    assert line.startswith(f"--learn_from: {experiment.template}: hyper-parameters have changed:")
    assert line.endswith("or a fresh run without --learn_from")


def test_another_module_is_an_error(experiment: Experiment) -> None:
    experiment.save_template(Template.from_file(experiment.template), {"mine.py": "x = 1\n"})
    assert "a module beside it has changed since old" in refused(experiment)


def test_a_run_that_is_not_there(experiment: Experiment) -> None:
    line = refused(experiment, learn_from="odl")
    assert line == (
        f"--learn_from: got 'odl'; expected a run of {experiment.folder}: old; did you mean 'old'?"
    )

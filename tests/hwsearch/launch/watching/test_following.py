"""best/ and models/ follow what the database says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hwsearch.experiment import Experiment
from hwsearch.experiment.kept import best, models
from hwsearch.experiment.kept.content import Files
from hwsearch.launch.watching.following import follow_best
from hwsearch.measurements import Measurements, Outcome, Quantity
from tests.hwsearch.experiment.kept.samples import SETTINGS, network, prepared


@pytest.fixture
def experiment(tmp_path: Path) -> Experiment:
    """An experiment whose best network is that of job 2."""
    made = prepared(tmp_path)
    made.best_model.write_text("model 2")
    made.save_best(replace(network(2, 4.0), model="tmp/best_model.keras"))
    return made


def job(number: int, error: float, power: float = 80.0, status: str = "complete") -> dict[str, Any]:
    measured = Measurements(
        outcome=Outcome.TRAINED,
        metrics={"error": Quantity(error), "power": Quantity(power)},
        script=f"tmp/{number:08d}_keras_net.py",
    )
    document = {"id": number, "status": status, "params": {}}
    if status == "complete":
        document["values"] = {"error": error, "power": 85.0 - power}
        document["measurements"] = measured.to_json()
    return document


def kept_job(experiment: Experiment) -> tuple[int, bool] | None:
    """The job in best/, which best.json names too, and whether its model is there."""
    shown, noted = best.in_folder(experiment, SETTINGS), experiment.best("run")
    if shown is None or noted is None:
        assert shown is noted
        return None
    assert shown.job == noted.job
    return shown.job, shown.model is not None


@pytest.mark.parametrize(
    ("jobs", "expected"),
    [
        ([job(1, 9.0), job(2, 4.0)], (2, True)),
        ([job(1, 4.0), job(2, 4.0)], (2, True)),  # as good: its model is here
        ([job(1, 3.0), job(2, 4.0)], (1, False)),  # whose files could not be written
        ([job(1, 9.0), job(2, 0.0, status="pending")], (2, True)),  # its result is to come
        ([job(1, 9.0), job(2, 0.0, status="new")], (2, True)),
        ([job(1, 9.0)], (2, True)),  # it began after the jobs were read
        ([job(1, 9.0), job(2, 0.0, status="broken")], (1, False)),  # it was lost
        ([job(1, 9.0), job(2, 4.0, power=90.0)], (1, False)),  # another budget
        ([job(2, 4.0, power=90.0)], None),
        ([job(1, 9.0), job(2, 5.0)], (2, True)),  # its result is that of its second attempt
    ],
)
def test_the_best_network_is_that_of_the_results(experiment, jobs, expected) -> None:
    follow_best(SETTINGS, experiment, jobs)
    assert kept_job(experiment) == expected
    assert experiment.best_model.read_text() == "model 2"


def test_the_best_network_has_the_values_of_the_results(experiment) -> None:
    follow_best(SETTINGS, experiment, [job(1, 9.0), job(2, 5.0)])
    noted = experiment.best("run")
    assert noted is not None
    assert (noted.objective, noted.metrics["error"].value) == (5.0, 5.0)


def test_a_network_to_come_that_misses_the_new_bounds_is_left(experiment) -> None:
    tighter = replace(SETTINGS, constraints={"power": 79.0})
    jobs = [job(1, 9.0, power=70.0), job(2, 0.0, status="pending")]
    follow_best(tighter, experiment, jobs)
    assert kept_job(experiment) == (1, False)


def test_models_of_jobs_that_broke_after_all_are_removed(experiment) -> None:
    for number in (1, 2, 3):
        (experiment.tmp / "model").write_text(str(number))
        files = Files(model=experiment.tmp / "model")
        models.keep(experiment, replace(SETTINGS, keep_models=3), network(number), files)
    three = replace(SETTINGS, keep_models=3)
    follow_best(three, experiment, [job(1, 9.0, status="broken"), job(2, 4.0), job(3, 9.0)])
    assert list(models.kept_models(experiment, "run")) == [2, 3]


def test_a_folder_that_cannot_be_written_is_no_error(experiment, capsys) -> None:
    experiment.best_lock.mkdir()
    follow_best(SETTINGS, experiment, [job(2, 4.0)])
    assert capsys.readouterr().err == (
        "the best network cannot be kept (Is a directory); best.json may be out of date\n"
    )
